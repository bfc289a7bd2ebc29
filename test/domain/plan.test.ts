import { describe, expect, it } from 'vitest'
import type { Folder, FolderTouch } from '../../src/domain/folder.ts'
import { NOTHING_TOLD } from '../../src/domain/memo.ts'
import { type Observed, plan } from '../../src/domain/plan.ts'
import type { Preview } from '../../src/domain/preview.ts'
import type { Pull } from '../../src/domain/pull.ts'
import type { Told } from '../../src/domain/report.ts'

const A = 'a'.repeat(40)
const B = 'b'.repeat(40)
const COMMITTED = { commit: 'c'.repeat(40), committedAtMs: 5_000, tree: A }
const UNTIL_MS = 86_400_000

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
/** A folder as WeStage writes it at this head; its tree is called like the head. */
const folderAt = (sha: string | null, change: Partial<Folder> = {}): Folder => ({
  path: 'previews/shop/pr-7',
  tree: sha,
  preview: sha === null ? null : previewAt(sha),
  fault: '',
  common: '',
  commit: 'c'.repeat(40),
  ...change,
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
  ...NOTHING_TOLD,
  state,
  isAskedAgain: false,
  ...change,
})
const planOf = (seen: Partial<Observed>) =>
  plan({
    ...{ pull: pull(), told: told(), folder: folderAt(null), application: null, holder: null },
    ...{ leftOut: null, change: null, removed: null, atMs: 1_000_000 },
    ...seen,
  })
const kindOf = (seen: Partial<Observed>) => planOf(seen).kind

const otherCommon = (sha: string | null): Folder => folderAt(sha, { common: 'e'.repeat(40) })
const EDITED = folderAt(A, { tree: 'e'.repeat(40) })
const changeBy = (by: FolderTouch['by'], atMs: number): FolderTouch => ({
  ...{ commit: 'f'.repeat(40), name: 'Ada', subject: 'Revert', by, atMs },
})
const closed = pull({ ended: 'closed' })

describe('plan', () => {
  it.each<[string, Partial<Observed>, string]>([
    ['a new pull request', {}, 'deploy'],
    ['one that changes nothing of the app', { leftOut: 'said' }, 'skip'],
    ['one that changes nothing of any app', { leftOut: 'unsaid' }, 'refuse'],
    ['one that was told so', { leftOut: 'unsaid', told: told('refused') }, 'skip'],
    ['one that changes nothing of the app, closed', { leftOut: 'said', pull: closed }, 'nothing'],
    ['an older revision in the folder', { folder: folderAt(B) }, 'deploy'],
    ['a live preview, and operators changed common/', { folder: otherCommon(A), told: told('live') }, 'deploy'],
    [
      'one that failed in the cluster, and operators changed common/',
      { folder: otherCommon(A), told: told('failed', { committed: COMMITTED }) },
      'deploy',
    ],
    ['a head that failed, and operators changed common/', { folder: otherCommon(B), told: told('failed') }, 'nothing'],
    [
      'a revert by hand, and operators changed common/',
      { folder: otherCommon(B), told: told('live', { committed: COMMITTED }), change: changeBy('person', 6_000) },
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
      'a live head whose folder another revision of ours took since',
      { folder: folderAt(B), told: told('live', { committed: COMMITTED }), change: changeBy('westage', 5_000) },
      'deploy',
    ],
    [
      'a live head whose folder we removed while the pull request was closed for a moment',
      { told: told('live', { committed: COMMITTED }), change: changeBy('westage', 6_000) },
      'deploy',
    ],
    [
      'a live head whose branch was reset to what we wrote before',
      { folder: folderAt(B), told: told('live', { committed: COMMITTED }), change: changeBy('westage', 4_000) },
      'hold',
    ],
    [
      'a live head whose folder is another, and nobody knows since when',
      { folder: folderAt(B), told: told('live', { committed: COMMITTED }) },
      'hold',
    ],
    [
      'a live head whose folder a person reverted',
      { folder: folderAt(B), told: told('live', { committed: COMMITTED }), change: changeBy('person', 6_000) },
      'hold',
    ],
    ['a live head whose folder a person removed', { told: told('live', { committed: COMMITTED }) }, 'hold'],
    [
      'a live head whose manifests a person edited',
      { folder: EDITED, told: told('live', { committed: COMMITTED }) },
      'hold',
    ],
    [
      'a live head whose preview.yaml can’t be read any more',
      { folder: folderAt(B, { preview: null, fault: 'no YAML' }), told: told('live', { committed: COMMITTED }) },
      'hold',
    ],
    [
      'a head on its way whose manifests a person edited',
      { folder: EDITED, told: told('running', { committed: COMMITTED }) },
      'hold',
    ],
    [
      'a hold that was told',
      { folder: EDITED, told: told('held', { committed: COMMITTED, heldAt: { tree: EDITED.tree } }) },
      'hold',
    ],
    ['a hold that an older version told', { folder: folderAt(A), told: told('held') }, 'hold'],
    [
      'a hold whose folder is again what was written',
      { folder: folderAt(A), told: told('held', { committed: COMMITTED, heldAt: { tree: B } }) },
      'watch',
    ],
    [
      'a hold whose folder was changed once more',
      {
        folder: EDITED,
        told: told('held', { committed: COMMITTED, heldAt: { tree: B } }),
        change: changeBy('person', 9),
      },
      'hold',
    ],
    [
      'a hold of a head that comes back after another was deployed',
      {
        folder: folderAt(B),
        told: told('held', { committed: COMMITTED, heldAt: { tree: null } }),
        change: changeBy('westage', 9_000),
      },
      'deploy',
    ],
    [
      'a hold, asked for again',
      { told: told('held', { committed: COMMITTED, heldAt: { tree: null }, isAskedAgain: true }) },
      'deploy',
    ],
    ['a new head after a person’s revert', { folder: folderAt(B) }, 'deploy'],
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
      'a closed preview that was removed and is back',
      { pull: closed, folder: folderAt(A), told: told('removed') },
      'keep',
    ],
    [
      'a closed preview that is back before its removal was told',
      { pull: closed, folder: folderAt(A), told: told('live', { committed: COMMITTED }), removed: 'closed' },
      'keep',
    ],
    [
      'one that is kept',
      { pull: closed, folder: folderAt(A), told: told('live', { committed: COMMITTED, keptUntilMs: UNTIL_MS }) },
      'keep',
    ],
    [
      'one that is kept and was deleted by hand',
      { pull: closed, told: told('live', { committed: COMMITTED, keptUntilMs: UNTIL_MS }) },
      'retire',
    ],
    [
      'one that is kept and whose pull request is open again at that head',
      { folder: folderAt(A), told: told('live', { committed: COMMITTED, keptUntilMs: UNTIL_MS }) },
      'watch',
    ],
    [
      'a held preview that is closed',
      { pull: closed, folder: EDITED, told: told('held', { committed: COMMITTED, heldAt: { tree: EDITED.tree } }) },
      'remove',
    ],
  ])('%s', (_, seen, kind) => {
    expect(kindOf(seen)).toBe(kind)
  })

  it('removes what is kept when its time is over, and says so', () => {
    const kept = told('live', { committed: COMMITTED, keptUntilMs: UNTIL_MS })
    const late = { pull: closed, told: kept, atMs: UNTIL_MS }
    expect(planOf({ ...late, folder: folderAt(A) })).toEqual({ kind: 'remove', because: 'expired' })
    expect(planOf(late)).toEqual({ kind: 'retire', because: 'expired' })
    expect(planOf({ ...late, removed: 'expired', folder: folderAt(A) })).toMatchObject({ kind: 'keep', untilMs: null })
  })

  it('names the repo that holds the app’s name', () => {
    expect(planOf({ holder: 'other/shop' })).toMatchObject({
      kind: 'refuse',
      reason: expect.stringContaining('other/shop'),
    })
  })
})
