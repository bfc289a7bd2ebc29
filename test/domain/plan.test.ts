import { describe, expect, it } from 'vitest'
import type { Folder } from '../../src/domain/folder.ts'
import { type Observed, plan } from '../../src/domain/plan.ts'
import type { Preview } from '../../src/domain/preview.ts'
import type { Pull } from '../../src/domain/pull.ts'
import type { Told } from '../../src/domain/report.ts'

const A = 'a'.repeat(40)
const B = 'b'.repeat(40)
const COMMITTED = { commit: 'c'.repeat(40), committedAtMs: 1 }

const previewAt = (sha: string): Preview => ({
  app: 'shop',
  slug: 'pay',
  namespace: 'westage-shop-pay',
  repository: { id: 1, name: 'acme/shop' },
  pull: { number: 7, url: 'https://github.test/7', branch: 'pay', author: 'dev-1' },
  sha,
  url: '',
  hosts: [],
  images: {},
  common: '',
  page: 'https://westage.test/previews/shop/pr-7',
  destination: { name: 'in-cluster', server: '' },
  wildcards: [],
  callbacks: [],
})
const folderAt = (sha: string | null, touchedBy: Folder['touchedBy'] = 'westage'): Folder => ({
  path: 'previews/shop/pr-7',
  tree: sha,
  preview: sha === null ? null : previewAt(sha),
  fault: '',
  touchedBy,
  common: '',
  commit: 'c'.repeat(40),
})
const pull = (change: Partial<Pull> = {}): Pull => ({
  repository: { id: 1, name: 'acme/shop' },
  number: 7,
  url: 'https://github.test/7',
  branch: 'pay',
  author: 'dev-1',
  head: A,
  isFork: false,
  ended: null,
  ...change,
})
const told = (state: Told['state'] = 'none', change: Partial<Told> = {}): Told => ({
  state,
  committed: null,
  run: '',
  isAskedAgain: false,
  ...change,
})
const kindOf = (seen: Partial<Observed>) =>
  plan({ pull: pull(), told: told(), folder: folderAt(null), application: null, holder: null, ...seen }).kind

const otherCommon = (sha: string | null, touchedBy: Folder['touchedBy'] = 'westage'): Folder => ({
  ...folderAt(sha, touchedBy),
  common: 'e'.repeat(40),
})

describe('plan', () => {
  it.each<[string, Partial<Observed>, string]>([
    ['a new pull request', {}, 'deploy'],
    ['an older revision in the folder', { folder: folderAt(B) }, 'deploy'],
    ['a live preview, and operators changed common/', { folder: otherCommon(A), told: told('live') }, 'deploy'],
    [
      'one that failed in the cluster, and operators changed common/',
      { folder: otherCommon(A), told: told('failed', { committed: { commit: 'c', committedAtMs: 1 } }) },
      'deploy',
    ],
    ['a head that failed, and operators changed common/', { folder: otherCommon(B), told: told('failed') }, 'nothing'],
    [
      'a revert by hand, and operators changed common/',
      { folder: otherCommon(A, 'person'), told: told('live', { committed: { commit: 'c', committedAtMs: 1 } }) },
      'hold',
    ],
    [
      'a closed pull request, and operators changed common/',
      { pull: pull({ ended: 'closed' }), folder: otherCommon(A) },
      'remove',
    ],
    ['the head in the folder, told to be under way', { folder: folderAt(A), told: told('running') }, 'watch'],
    [
      'the head in the folder, told to have failed there',
      { folder: folderAt(A), told: told('failed', { committed: COMMITTED }) },
      'watch',
    ],
    [
      'the head in the folder, failed before it was committed again',
      { folder: folderAt(A), told: told('failed') },
      'nothing',
    ],
    [
      'the head in the folder, asked for again',
      { folder: folderAt(A), told: told('live', { isAskedAgain: true }) },
      'deploy',
    ],
    ['the head in the folder, being made again', { folder: folderAt(A), told: told('redoing') }, 'deploy'],
    ['the head in the folder, told to be live', { folder: folderAt(A), told: told('live') }, 'nothing'],
    ['a head that failed for good', { folder: folderAt(B), told: told('failed') }, 'nothing'],
    ['a head that failed, asked for again', { told: told('failed', { isAskedAgain: true }) }, 'deploy'],
    ['a head that was superseded once', { folder: folderAt(B), told: told('superseded') }, 'deploy'],
    [
      'a live head whose folder another revision of ours took',
      { folder: folderAt(B), told: told('live', { committed: COMMITTED }) },
      'deploy',
    ],
    [
      'a live head whose folder a person reverted',
      { folder: folderAt(B, 'person'), told: told('live', { committed: COMMITTED }) },
      'hold',
    ],
    [
      'a live head whose folder a person removed',
      { folder: folderAt(null, 'person'), told: told('live', { committed: COMMITTED }) },
      'hold',
    ],
    [
      'a live head whose manifests a person edited',
      { folder: folderAt(A, 'person'), told: told('live', { committed: COMMITTED }) },
      'hold',
    ],
    ['a hold', { folder: folderAt(A), told: told('held', { committed: COMMITTED }) }, 'hold'],
    ['a hold, asked for again', { told: told('held', { committed: COMMITTED, isAskedAgain: true }) }, 'deploy'],
    ['a new head after a person’s revert', { folder: folderAt(B, 'person') }, 'deploy'],
    ['a fork', { pull: pull({ isFork: true }) }, 'refuse'],
    ['a fork that was told so', { pull: pull({ isFork: true }), told: told('refused') }, 'nothing'],
    ['a name that another repo holds', { holder: 'other/shop' }, 'refuse'],
    [
      'a closed pull request with a folder',
      { pull: pull({ ended: 'closed' }), folder: folderAt(A), told: told('live') },
      'remove',
    ],
    [
      'a closed pull request with the folder of a fork',
      { pull: pull({ ended: 'closed', isFork: true }), folder: folderAt(A) },
      'remove',
    ],
    [
      'a closed pull request without a folder, told to be live',
      { pull: pull({ ended: 'closed' }), told: told('live') },
      'retire',
    ],
    ['a closed pull request that was told so', { pull: pull({ ended: 'closed' }), told: told('removed') }, 'nothing'],
    ['a pull request that never had a preview', { pull: pull({ ended: 'unlabelled' }) }, 'nothing'],
    [
      'a closed preview that a person brought back',
      { pull: pull({ ended: 'closed' }), folder: folderAt(A, 'person'), told: told('removed') },
      'nothing',
    ],
    [
      'a held preview that is closed',
      { pull: pull({ ended: 'closed' }), folder: folderAt(A, 'person'), told: told('held') },
      'remove',
    ],
  ])('%s', (_, seen, kind) => {
    expect(kindOf(seen)).toBe(kind)
  })

  it('names the repo that holds the app’s name', () => {
    const seen = { pull: pull(), told: told(), folder: folderAt(null), application: null, holder: 'other/shop' }
    expect(plan(seen)).toMatchObject({ kind: 'refuse', reason: expect.stringContaining('other/shop') })
  })
})
