/** The whole loop against Argo CD and a cluster. One file, several backends: what the stand-in passes too, it is true to. */
import { CoreV1Api, KubernetesObjectApi } from '@kubernetes/client-node'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Backend, backend } from './backend.ts'
import { adminOf, type Given, givenInstance, REPO } from './given.ts'
import { holdAt } from './hold-at.ts'
import { contentOf, MISSING_IMAGE, modeOf } from './sample.ts'

const target: Backend = await backend()
const isReal = target.isReal
const hasPods = target.podsAre === 'real'
/** Two cores build and run them all. */
const MANY_MAX_MS = 600_000
const many = Number(process.env.WESTAGE_E2E_MANY ?? (isReal ? 50 : 20))

/** Two cores run Kubernetes, Argo CD, builds and pods: a slow moment gets another try. */
const TRIES = { retry: isReal ? 1 : 0 }

let here: Given
let before: Readonly<Record<string, number>>
beforeAll(async () => {
  here = await givenInstance(target.start, target.isReal, {
    resync: '5s',
    argocd: { deadline: '3m', ...(isReal && { crashRestarts: 1 }) },
    // Many at once are to fit on one machine's node.
    namespace: { limits: { defaultRequest: { cpu: '10m' } } },
  })
  before = await here.argocd.counts()
}, 300_000)
afterAll(async () => {
  await here?.close()
  await target.close()
}, 300_000)

/** Either would keep a namespace from going: WeStage leaves both out. */
const BLOCKING = {
  'k8s/overlays/preview/kustomization.yaml': 'resources: [../../base, blocking.yaml]\n',
  'k8s/overlays/preview/blocking.yaml': `apiVersion: v1
kind: ConfigMap
metadata: { name: kept, finalizers: [example.com/keep] }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: hook, annotations: { argocd.argoproj.io/hook: PreDelete, argocd.argoproj.io/hook-finalizer: x } }
`,
}

const FAILING_HOOK = {
  'k8s/overlays/preview/kustomization.yaml': 'resources: [../../base, hook.yaml]\n',
  'k8s/overlays/preview/hook.yaml': `apiVersion: batch/v1
kind: Job
metadata:
  name: migrate
  annotations: { argocd.argoproj.io/hook: Sync }
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      containers: [{ name: migrate, image: "registry.example.com/acme/shop:1", args: [fail] }]
`,
}

const inSeconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`
const tell = (what: string, fromMs: number, steps: string) =>
  console.log(`${target.name}: ${what}: ${inSeconds(performance.now() - fromMs)}${steps === '' ? '' : ` (${steps})`}`)

/** The steps of a Check's table with their times. */
const stepsIn = (text: string) =>
  [...text.matchAll(/^\| (\w+) \| done \| ([^|]+) \|/gm)].map(([, step, took]) => `${step} ${took?.trim()}`).join(', ')

const CLOSE_MAX_MS = 900_000
/** What a test that failed has left is not in the way of the next. */
async function closeOpen(): Promise<void> {
  const open = here.github.pulls(REPO).filter(({ state }) => state === 'open')
  for (const { number } of open) here.github.closePull(REPO, number)
  for (const { number } of open) await here.gone(number, MANY_MAX_MS)
}

let used = 0
const branch = (name: string) => `${name}-${++used}`
const closeAll = async (...pulls: readonly number[]) => {
  for (const pull of pulls) here.github.closePull(REPO, pull)
  for (const pull of pulls) await here.gone(pull)
}

describe(`on ${target.name}, a pull request`, { timeout: 300_000, ...TRIES }, () => {
  afterEach(closeOpen, CLOSE_MAX_MS)

  it('goes live with its own content, is updated by a push, and is gone after close', async () => {
    const name = branch('pay')
    const labelledAtMs = performance.now()
    const pull = here.openPull(name)
    await here.live(pull, name)
    tell('label to live', labelledAtMs, stepsIn(here.checkOf(pull)?.output.text ?? ''))
    if (here.argocd.podsAre === 'real') {
      expect(await here.get(pull, '/env')).toContain(`WESTAGE_SHA=${here.headOf(pull)}`)
      expect(await here.get(pull, '/env')).toContain(`WESTAGE_BRANCH=${name}`)
    }
    const pushedAtMs = performance.now()
    here.push(pull, { ...contentOf(`${name} again`), ...BLOCKING })
    await here.live(pull, `${name} again`)
    tell('push to live', pushedAtMs, stepsIn(here.checkOf(pull)?.output.text ?? ''))
    const closedAtMs = performance.now()
    await closeAll(pull)
    tell('close to gone, and told', closedAtMs, '')
    expect((await here.argocd.namespaces()).filter((namespace) => namespace.includes(name))).toEqual([])
  })

  it('survives a restart of WeStage at each of its steps', async () => {
    const name = branch('restart')
    const pull = here.openPull(name)
    await here.live(pull, name)
    for (const step of ['fetch', ...(isReal ? ['build' as const] : []), 'commit', 'sync', 'resolve'] as const) {
      const { reached, release } = holdAt(step, here, pull)
      const head = here.push(pull, contentOf(`${name} ${step}`))
      await here.until(() => reached(head))
      await here.stop()
      release()
      await here.start()
      await here.live(pull, `${name} ${step}`)
      expect(here.github.checkRuns(REPO, head), step).toHaveLength(1)
      expect(
        here.github.deployments(REPO).filter(({ sha }) => sha === head),
        step,
      ).toHaveLength(1)
    }
    await closeAll(pull)
  })
})

/** Much of them is waiting for what Kubernetes and Argo CD find out in their own time. */
const BESIDE = { timeout: 400_000, concurrent: true, ...TRIES }
describe(`on ${target.name}, beside others, a pull request`, BESIDE, () => {
  afterAll(closeOpen, CLOSE_MAX_MS)

  it('is not confused by another one’s commits in between', async () => {
    const [first, second] = [branch('first'), branch('second')]
    const pulls = [here.openPull(first), here.openPull(second)] as const
    here.push(pulls[0], contentOf(`${first} more`))
    here.push(pulls[1], contentOf(`${second} more`))
    await here.live(pulls[0], `${first} more`)
    await here.live(pulls[1], `${second} more`)
    here.push(pulls[0], contentOf(`${first} last`))
    await here.live(pulls[0], `${first} last`)
    await here.live(pulls[1], `${second} more`)
    await closeAll(...pulls)
  })

  it('that is pushed back and forth is live with what it is at in the end', async () => {
    const name = branch('forth')
    const pull = here.openPull(name, contentOf(`${name} old`))
    await here.live(pull, `${name} old`)
    const [old, newer] = [here.headOf(pull), here.push(pull, contentOf(`${name} newer`))]
    await here.until(async () => expect(await here.file(`previews/shop/pr-${pull}/preview.yaml`)).toContain(newer))
    here.github.forcePush(REPO, pull, old)
    await here.until(async () => expect(await here.file(`previews/shop/pr-${pull}/preview.yaml`)).toContain(old))
    await here.live(pull, `${name} old`)
    here.github.forcePush(REPO, pull, newer)
    await here.live(pull, `${name} newer`)
    expect(await here.file(`previews/shop/pr-${pull}/preview.yaml`)).toContain(newer)
    await closeAll(pull)
  })

  it('that is reopened while its namespace still goes comes back by itself', async () => {
    const name = branch('reopen')
    const pull = here.openPull(name)
    await here.live(pull, name)
    here.github.closePull(REPO, pull)
    await here.until(async () => expect(await here.file(`previews/shop/pr-${pull}/preview.yaml`)).toBeNull())
    here.github.reopenPull(REPO, pull)
    await here.until(async () => expect(await here.file(`previews/shop/pr-${pull}/preview.yaml`)).not.toBeNull())
    await here.live(pull, name)
    await closeAll(pull)
  })

  describe.runIf(hasPods)('whose pods run', () => {
    it('whose pod crashes is told so with its last lines, long before the deadline, and mends it by a push', async () => {
      const name = branch('crash')
      const pull = here.openPull(name, modeOf('crash'))
      await here.failed(pull)
      expect(here.said(pull)).toMatch(/Pod\/shop-/)
      expect(here.said(pull)).toContain('the table carts is missing')
      here.push(pull, { ...contentOf(`${name} mended`), ...modeOf('well') })
      await here.live(pull, `${name} mended`)
      await closeAll(pull)
    })

    it('with an image that can’t be pulled is told which', async () => {
      const pull = here.openPull(branch('missing'), MISSING_IMAGE)
      await here.failed(pull)
      expect(here.said(pull)).toMatch(/Pod\/shop-/)
      expect(here.said(pull)).toContain('127.0.0.1:1/acme/missing:1')
      await closeAll(pull)
    })

    it('whose probe never passes is told what the probe says', async () => {
      const pull = here.openPull(branch('unready'), modeOf('unready'))
      await here.failed(pull)
      expect(here.said(pull)).toContain('Readiness probe failed')
      await closeAll(pull)
    })

    it('that is pushed to while its pods are not ready goes live at the newer commit', async () => {
      const name = branch('progressing')
      const pull = here.openPull(name, modeOf('unready'))
      await here.until(() => expect(here.checkOf(pull)?.output.title).toBe('Committed; waiting for Argo CD'))
      const older = here.headOf(pull)
      here.push(pull, { ...contentOf(`${name} ready`), ...modeOf('well') })
      await here.live(pull, `${name} ready`)
      await here.until(() => expect(here.checkOf(pull, older)?.conclusion).toBe('cancelled'))
      await closeAll(pull)
    })

    it('whose namespace has no room for its pods is told of the quota', async () => {
      const name = branch('quota')
      const pull = here.openPull(name)
      await here.live(pull, name)
      const namespace = (await here.argocd.namespaces()).find((each) => each.includes(name)) ?? ''
      const admin = adminOf(here)
      await admin.makeApiClient(CoreV1Api).createNamespacedResourceQuota({
        namespace,
        body: { metadata: { name: 'operators' }, spec: { hard: { pods: '0' } } },
      })
      here.push(pull, contentOf(`${name} more`))
      await here.failed(pull)
      expect(here.said(pull)).toContain('exceeded quota: operators')
      await closeAll(pull)
    })

    it('whose hook fails is told which', async () => {
      const pull = here.openPull(branch('hook'), FAILING_HOOK)
      await here.failed(pull)
      expect(here.said(pull)).toMatch(/Job\/migrate|Pod\/(migrate|shop)-/)
      await closeAll(pull)
    })
  })

  describe.runIf(isReal)('with a real API server and Argo CD', () => {
    /** One that brings another object beside its app, and fails of it. */
    async function failedOf(object: string): Promise<number> {
      const pull = here.openPull(branch('wrong'), {
        'k8s/overlays/preview/kustomization.yaml': 'resources: [../../base, wrong.yaml]\n',
        'k8s/overlays/preview/wrong.yaml': object,
      })
      await here.failed(pull)
      return pull
    }

    it('with a manifest that the API server refuses is told its words', async () => {
      const pull = await failedOf(
        'apiVersion: v1\nkind: Service\nmetadata: { name: wrong }\nspec: { ports: [{ port: 99999 }] }\n',
      )
      expect(here.said(pull)).toContain('Service/wrong')
      expect(here.said(pull)).toMatch(/99999|between 1 and 65535/)
      await closeAll(pull)
    })

    it('with a kind that is not allowed is told which', async () => {
      const pull = await failedOf(
        'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: { name: all }\nrules: []\n',
      )
      expect(here.said(pull)).toContain('ClusterRole')
      await closeAll(pull)
    })

    it('is healed by Argo CD when somebody edits its objects by hand, and nothing is said of it', async () => {
      const name = branch('edited')
      const pull = here.openPull(name)
      await here.live(pull, name)
      const namespace = (await here.argocd.namespaces()).find((each) => each.includes(name)) ?? ''
      const api = KubernetesObjectApi.makeApiClient(adminOf(here))
      const config = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'shop', namespace } }
      const statuses = here.statesOf(here.headOf(pull))
      await api.patch({ ...config, data: { HEADLINE: 'by hand' } } as object as Parameters<typeof api.patch>[0])
      await here.until(async () => expect(JSON.stringify(await api.read(config))).toContain(name))
      expect(here.statesOf(here.headOf(pull))).toEqual(statuses)
      await closeAll(pull)
    })

    it('is shown in Argo CD with its links and what it is', async () => {
      const name = branch('links')
      const pull = here.openPull(name)
      await here.live(pull, name)
      const application = `westage-shop-pr-${pull}`
      const links = JSON.stringify(await here.argocd.ask?.(`/api/v1/applications/${application}/links`))
      const whole = JSON.stringify(await here.argocd.ask?.(`/api/v1/applications/${application}`))
      const tree = JSON.stringify(await here.argocd.ask?.(`/api/v1/applications/${application}/resource-tree`))
      expect(whole).toContain(`/pull/${pull}`)
      expect(whole).toContain(here.headOf(pull))
      expect(`${whole}${links}`).toContain(`${here.url}/previews/shop/pr-${pull}`)
      expect(tree).toContain('"kind":"Deployment"')
      await closeAll(pull)
    })
  })
})

describe.runIf(target.hasParts)(`on ${target.name}, a pull request`, { timeout: 400_000, ...TRIES }, () => {
  afterEach(closeOpen, CLOSE_MAX_MS)

  it('is live in the end though Argo CD was restarted in the middle', async () => {
    const name = branch('argocd')
    const pull = here.openPull(name)
    await here.until(() => expect(here.checkOf(pull)?.output.title).toBe('Committed; waiting for Argo CD'))
    for (const part of ['application-controller', 'applicationset-controller', 'repo-server'] as const) {
      await here.argocd.cluster?.restart(part)
    }
    await here.live(pull, name)
    await closeAll(pull)
  })

  it('is live in the end though the API server was away for a minute', async () => {
    const name = branch('api')
    const pull = here.openPull(name)
    await here.until(() => expect(here.checkOf(pull)?.output.title).toBe('Committed; waiting for Argo CD'))
    await here.argocd.cluster?.stop('kube-apiserver')
    try {
      const awayFromMs = performance.now()
      await here.until(() => expect(performance.now() - awayFromMs).toBeGreaterThan(60_000))
      expect(here.checkOf(pull)?.conclusion).not.toBe('failure')
    } finally {
      await here.argocd.cluster?.start('kube-apiserver')
    }
    await here.live(pull, name)
    await closeAll(pull)
  })
})

describe(`on ${target.name}, many pull requests`, { timeout: 1_500_000, ...TRIES }, () => {
  afterEach(closeOpen, CLOSE_MAX_MS)

  it(`${many} at once are all live, then all gone, and nothing is left`, async () => {
    const pulls = Array.from({ length: many }, () => {
      const name = branch('many')
      return { name, pull: here.openPull(name) }
    })
    const startedAtMs = performance.now()
    for (const { name, pull } of pulls) await here.live(pull, name, MANY_MAX_MS)
    const liveAtMs = performance.now()
    for (const { pull } of pulls) here.github.closePull(REPO, pull)
    for (const { pull } of pulls) await here.gone(pull, MANY_MAX_MS)
    console.log(
      `${target.name}: ${many} at once: live after ${inSeconds(liveAtMs - startedAtMs)}, gone ${inSeconds(performance.now() - liveAtMs)} later`,
    )
    expect(await here.argocd.applications()).toEqual([])
    await here.until(async () => expect(await here.argocd.namespaces()).toEqual([]))
    await here.until(async () => expect(await here.argocd.counts()).toEqual(before))
  })
})
