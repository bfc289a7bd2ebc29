import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type WatchOptions, watchApplications } from '../../../src/adapters/argocd/watch-applications.ts'
import { judge, type Verdict } from '../../../src/domain/health.ts'
import type { ApplicationObject } from '../../servers/argocd-standin/application-store.ts'
import { type ArgoCdStandIn, startArgoCdStandIn } from '../../servers/argocd-standin/start-argocd-standin.ts'
import { configMap, deployment, type GitOpsRepo, gitOpsRepo } from './gitops-repo.ts'

let repo: GitOpsRepo
let standIn: ArgoCdStandIn
let ending: AbortController
let changes: string[]
let logged: string[]

const AT_ONCE = { compareMs: 0, syncMs: 0, startMs: 0, removeMs: 0 }

async function start(options: Partial<Parameters<typeof startArgoCdStandIn>[0]> = {}): Promise<void> {
  standIn = await startArgoCdStandIn({
    gitUrl: repo.url,
    branch: 'main',
    instance: 'westage',
    pollMs: 60_000,
    delays: AT_ONCE,
    ...options,
  })
}

const watch = (options: Partial<WatchOptions> = {}) =>
  watchApplications({
    kubeconfig: standIn.kubeconfigPath,
    context: null,
    namespace: 'argocd',
    instance: 'westage',
    log: (line) => logged.push(line),
    onChange: (folder) => changes.push(folder),
    signal: ending.signal,
    ...options,
  })

/** An Application that nobody reconciles. */
const application = (name: string, rest: Partial<ApplicationObject> = {}): ApplicationObject => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  metadata: {
    name,
    namespace: 'argocd',
    labels: { 'westage.dev/instance': 'westage' },
    annotations: {},
    finalizers: [],
    uid: name,
    creationTimestamp: '2026-03-01T12:00:00Z',
  },
  spec: { source: { repoURL: repo.url, path: `previews/shop/${name}/manifests` } },
  ...rest,
})

const until = (condition: () => unknown) => vi.waitFor(condition, { timeout: 10_000, interval: 10 })

beforeEach(() => {
  repo = gitOpsRepo()
  ending = new AbortController()
  changes = []
  logged = []
})

afterEach(async () => {
  ending.abort()
  await standIn.close()
  repo.remove()
})

describe('The Applications of an instance', () => {
  it('are followed from a commit to a live preview', async () => {
    await start({ delays: { ...AT_ONCE, startMs: 100 } })
    const applications = await watch()
    await until(() => expect(applications.of('previews/shop/pr-7')).toBeNull())
    const before = Date.now()
    const commit = repo.commit(7, { 'web.yaml': deployment('web:1') })
    const verdictOf = (): Verdict => {
      const seen = applications.of('previews/shop/pr-7')
      const [syncedHere, operatedHere] = [seen?.sync.revision === commit, seen?.operation?.revision === commit]
      return judge(seen, { syncedHere, operatedHere, committedAtMs: before })
    }
    await standIn.refresh()
    await until(() => expect(verdictOf()).toMatchObject({ waitingFor: expect.stringContaining('Deployment/web') }))
    await until(() => expect(verdictOf()).toEqual({ kind: 'live' }))
    expect(changes).toContain('previews/shop/pr-7')
  })

  it.each([
    ['manifests that can not be read', 'a: b: c', 'Application/westage-shop-pr-7', /ComparisonError: .*"web.yaml"/],
    ['an object without a kind', 'metadata: { name: web }', 'Application/westage-shop-pr-7', /'Kind' is missing/],
    [
      'an object that the project forbids',
      'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: { name: all }',
      'ClusterRole/all',
      /rbac\.authorization\.k8s\.io:ClusterRole is not permitted in project westage/,
    ],
    [
      "an object in somebody else's namespace",
      'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a, namespace: default }',
      'ConfigMap/a',
      /namespace default is not permitted/,
    ],
    [
      'an image that can not be pulled',
      deployment('does-not-exist:1'),
      'Deployment/web',
      /exceeded its progress deadline/,
    ],
  ])('tell why %s failed', async (_, manifest, object, reason) => {
    await start()
    const applications = await watch()
    const committedAtMs = Date.now()
    const commit = repo.commit(7, { 'web.yaml': manifest })
    await standIn.refresh()
    await until(() => {
      const seen = applications.of('previews/shop/pr-7')
      const [syncedHere, operatedHere] = [seen?.sync.revision === commit, seen?.operation?.revision === commit]
      const verdict = judge(seen, { syncedHere, operatedHere, committedAtMs })
      expect(verdict).toMatchObject({ kind: 'failed', object, reason: expect.stringMatching(reason) })
    })
  })

  it('are seen to be deleted, and then to be gone', async () => {
    await start({ delays: { ...AT_ONCE, removeMs: 200 } })
    repo.commit(7, { 'a.yaml': configMap('hello') })
    await standIn.refresh()
    const applications = await watch()
    await until(() => expect(applications.of('previews/shop/pr-7')?.health.status).toBe('Healthy'))
    repo.commit(7, null)
    await standIn.refresh()
    await until(() => expect(applications.of('previews/shop/pr-7')?.isDeleting).toBe(true))
    changes.length = 0
    await until(() => expect(applications.of('previews/shop/pr-7')).toBeNull())
    expect(changes).toEqual(['previews/shop/pr-7'])
    expect(applications.all()).toEqual([])
  })

  it('of another instance are not seen', async () => {
    await start()
    const { metadata } = application('other')
    standIn.put(application('other', { metadata: { ...metadata, labels: { 'westage.dev/instance': 'other' } } }))
    standIn.put(application('pr-1'))
    const applications = await watch()
    await until(() => expect(applications.all().map(({ name }) => name)).toEqual(['pr-1']))
  })

  it('are all there, however many pages the list has', async () => {
    await start()
    for (let pull = 1; pull <= 1_201; pull++) standIn.put(application(`pr-${pull}`))
    const applications = await watch()
    await until(() => expect(applications.all()).toHaveLength(1_201))
    expect(standIn.api.lists()).toBe(3)
  })

  it('are not believed before they were listed', async () => {
    await start()
    standIn.api.turn('forbidden')
    const applications = await watch()
    await until(() => expect(logged.join()).toMatch(/applications.argoproj.io is forbidden/))
    expect(applications.isReady()).toBe(false)
    expect(() => applications.of('previews/shop/pr-7')).toThrow(/not been listed yet: .*forbidden/)
    expect(() => applications.all()).toThrow(/not been listed yet/)
    standIn.api.turn('up')
    await until(() => expect(applications.isReady()).toBe(true))
    expect(applications.of('previews/shop/pr-7')).toBeNull()
  })

  it('go on from where they were when the watch is cut, without a new list', async () => {
    await start()
    const applications = await watch()
    await until(() => expect(applications.isReady()).toBe(true))
    for (const pull of [1, 2]) {
      standIn.api.cutWatches()
      standIn.put(application(`pr-${pull}`))
      await until(() => expect(applications.of(`previews/shop/pr-${pull}`)).not.toBeNull())
    }
    expect(standIn.api.lists()).toBe(1)
    expect(applications.isReady()).toBe(true)
  })

  it('are listed anew when the cluster has forgotten where they were, those that went meanwhile gone', async () => {
    await start()
    repo.commit(1, { 'a.yaml': configMap('hello') })
    await standIn.refresh()
    const applications = await watch()
    await until(() => expect(applications.of('previews/shop/pr-1')?.health.status).toBe('Healthy'))
    standIn.api.turn('gone')
    repo.commit(1, null)
    await standIn.refresh()
    await until(() => expect(standIn.applications()).toEqual([]))
    standIn.put(application('pr-2'))
    standIn.compact()
    standIn.api.turn('up')
    await until(() => expect(applications.of('previews/shop/pr-2')).not.toBeNull())
    expect(applications.of('previews/shop/pr-1')).toBeNull()
    expect(changes.at(-2)).toBe('previews/shop/pr-1')
    expect(changes.at(-1)).toBe('previews/shop/pr-2')
  })

  it('are listed anew from time to time', async () => {
    await start()
    await watch({ relistMs: 20 })
    await until(() => expect(standIn.api.lists()).toBeGreaterThan(2))
    expect(logged).toEqual([])
  })

  it('are not believed when the cluster has been away for too long, until it is back', async () => {
    await start()
    standIn.put(application('pr-1'))
    const applications = await watch({ staleAfterMs: 200 })
    await until(() => expect(applications.isReady()).toBe(true))
    standIn.api.turn('gone')
    expect(applications.of('previews/shop/pr-1')).not.toBeNull()
    await until(() => expect(applications.isReady()).toBe(false))
    expect(() => applications.of('previews/shop/pr-1')).toThrow(/has not answered for \d+ s/)
    expect(() => applications.all()).toThrow(/has not answered/)
    standIn.api.turn('up')
    await until(() => expect(applications.of('previews/shop/pr-1')).not.toBeNull())
  })

  it('that can not be read are not taken for absent', async () => {
    await start()
    standIn.put(application('pr-1', { status: { reconciledAt: 'yesterday' } }))
    standIn.put(application('pr-2'))
    const applications = await watch()
    await until(() => expect(applications.isReady()).toBe(true))
    expect(() => applications.of('previews/shop/pr-1')).toThrow(/pr-1 can't be read: status.reconciledAt: yesterday/)
    expect(applications.of('previews/shop/pr-2')).not.toBeNull()
    expect(applications.of('previews/shop/pr-3')).toBeNull()
    expect(logged).toEqual([expect.stringContaining("pr-1 can't be read")])

    standIn.put(application('no-source', { spec: {} }))
    await until(() => expect(() => applications.of('previews/shop/pr-3')).toThrow(/no-source can't be read/))
    expect(applications.of('previews/shop/pr-2')).not.toBeNull()
  })

  it('tell nobody when Argo CD only looked again', async () => {
    await start()
    const status = (reconciledAt: string, sync = 'Synced') => ({
      sync: { status: sync, revision: 'a' },
      operationState: { phase: 'Succeeded', finishedAt: '2026-03-01T12:00:02Z' },
      reconciledAt,
    })
    standIn.put(application('pr-1', { status: status('2026-03-01T12:00:01Z') }))
    const applications = await watch()
    const seenAt = () => applications.of('previews/shop/pr-1')?.reconciledAtMs
    for (const [time, told] of [
      ['2026-03-01T12:00:01Z', 1],
      ['2026-03-01T12:00:02Z', 2],
      ['2026-03-01T12:03:02Z', 2],
      ['2026-03-01T12:06:02Z', 2],
    ] as const) {
      standIn.put(application('pr-1', { status: status(time) }))
      await until(() => expect(seenAt()).toBe(Date.parse(time)))
      expect(changes).toHaveLength(told)
    }
    standIn.put(application('pr-1', { status: status('2026-03-01T12:06:02Z', 'OutOfSync') }))
    await until(() => expect(changes).toHaveLength(3))
  })

  it('are let go of at once when the service ends, even while the cluster is silent', async () => {
    await start()
    const applications = await watch()
    await until(() => expect(applications.isReady()).toBe(true))
    standIn.api.turn('silent')
    await until(() => expect(standIn.api.connections()).toBeGreaterThan(0))
    ending.abort()
    await until(() => expect(standIn.api.connections()).toBe(0))
    expect(applications.isReady()).toBe(false)
    expect(() => applications.of('previews/shop/pr-1')).toThrow(/not followed any more/)
  })

  it('are not looked for where the kubeconfig has no such context', async () => {
    await start()
    await expect(watch({ context: 'elsewhere' })).rejects.toThrow(/has no cluster for elsewhere/)
  })
})
