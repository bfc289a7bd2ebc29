import { describe, expect, it } from 'vitest'
import type { Status } from '../../src/domain/status.ts'
import { STEPS } from '../../src/domain/step.ts'
import { reportOf } from '../../src/domain/words.ts'
import { injectEnv } from '../../src/manifests/inject-env.ts'
import { labelOwner } from '../../src/manifests/label-owner.ts'
import { containersOf } from '../../src/manifests/pod-templates.ts'
import { adaptations, admissions } from '../../src/manifests/transforms.ts'
import { manifestsOf, targetOf } from '../manifests/sample.ts'
import { rowsOf, textOf } from './written.ts'

const PAGE = 'docs/previews.md'
const POD = manifestsOf('{ apiVersion: v1, kind: Pod, metadata: { name: a }, spec: { containers: [{ name: a }] } }')
const committed = { commit: 'c'.repeat(40), committedAtMs: 0, tree: 'd'.repeat(40) }
const back = { because: 'closed', keptUntilMs: 0, change: null } as const
const STATUSES: readonly Status[] = [
  { kind: 'queued' },
  { kind: 'preparing' },
  { kind: 'retrying', step: null, reason: '', afterMs: 2000, committed: null },
  { kind: 'syncing', ...committed, waitingFor: 'Argo CD' },
  { kind: 'syncing', ...committed, waitingFor: 'its hosts to answer' },
  { kind: 'live', ...committed },
  { kind: 'failed', step: 'render', reason: '', whose: 'author', tail: [], committed: null, lastGood: null },
  { kind: 'superseded', by: 'b'.repeat(40) },
  { kind: 'held', committed, tree: null, found: { kind: 'no folder' }, change: null },
  {
    ...{ kind: 'held', committed, tree: 'e'.repeat(40), change: null },
    found: { kind: 'another revision', sha: 'e'.repeat(40), urls: [] },
  },
  { kind: 'syncing', ...committed, waitingFor: 'Argo CD', back },
  { kind: 'live', ...committed, back },
  { kind: 'refused', reason: '' },
  { kind: 'removed', because: 'closed' },
]

describe('the variables as they are documented', () => {
  it('are exactly those that a container gets', () => {
    const [container] = injectEnv(POD, targetOf()).flatMap((manifest) => containersOf(manifest))
    const names = rowsOf(PAGE, 'variable', 'value').map(([name]) => ({ name }))
    expect(container?.env).toMatchObject(names)
    expect(container?.env).toHaveLength(names.length)
  })

  it('come with the labels and annotations that are documented', () => {
    const [{ metadata } = { metadata: {} }] = labelOwner(POD, targetOf())
    const { labels, annotations } = Object(metadata)
    for (const name of [...Object.keys(labels), ...Object.keys(annotations)]) {
      expect(textOf(PAGE)).toContain(`\`${name}\``)
    }
  })
})

describe('what is done to manifests, as it is documented', () => {
  it('has a row for each transform, in their order', () => {
    const rows = rowsOf(PAGE, 'change', 'rule').map(([change]) => change)
    expect(rows).toEqual([...admissions, ...adaptations].map(({ name }) => name))
  })
})

describe('what the pull request shows, as it is documented', () => {
  const rows = rowsOf(PAGE, 'Check', 'Deployment', 'means')

  it.each(STATUSES)('has a row for $kind', (status) => {
    const { check, deployment } = reportOf(status, {
      key: '41/7/shop',
      checkName: 'westage / shop',
      environment: 'westage/shop/pr-7',
      sha: 'a'.repeat(40),
      run: null,
      steps: [],
      notices: [],
      urls: ['https://feat-cart-shop.test'],
      namespace: 'westage-shop-feat-cart',
      pageUrl: 'https://westage.test/previews/shop/pr-7',
      commitUrlOf: () => null,
    })
    const state = (check.conclusion ?? check.status).replace('_', ' ')
    const row = rows.find(([words = '']) => `${state}: ${check.title}`.startsWith(words.replace(/\.\.\.$/, '')))
    expect(row?.[1]).toContain((deployment?.state ?? 'none').replace('_', ' '))
  })

  it('names the failures of every step', () => {
    const steps = new Set(rowsOf(PAGE, 'step', 'usually', 'whose to mend').map(([step]) => step))
    expect([...steps].filter((step) => step !== 'any')).toEqual([...STEPS])
  })
})
