import { createHash, randomBytes } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { ApplicationController, type Delays } from './application-controller.ts'
import { type ApplicationObject, ApplicationStore } from './application-store.ts'
import { applicationTemplate, type Rendered } from './application-template.ts'
import { type Credentials, GitOpsMirror, type Tip } from './gitops-mirror.ts'
import { type KubernetesApi, kubernetesApi } from './kubernetes-api.ts'
import { hostsOf } from './manifests.ts'
import { previewWeb } from './preview-web.ts'

export interface ArgoCdStandIn {
  /** A kubeconfig whose current context reaches the stand-in's API. */
  readonly kubeconfigPath: string
  /** `http://127.0.0.1:PORT` of the Kubernetes API. */
  readonly apiUrl: string
  /** `127.0.0.1:PORT`: the web server that answers for the hosts of previews. */
  readonly previewAddress: string
  /** Looks at the GitOps repo now, as a nudge makes Argo CD do. @throws where it can't be fetched */
  refresh(): Promise<void>
  /** Nothing moves until `resume`, as while Argo CD is down; the Kubernetes API goes on answering. */
  pause(): void
  resume(): void
  /** See KubernetesApi. */
  readonly api: Pick<KubernetesApi, 'cutWatches' | 'turn' | 'lists' | 'connections'>
  /** Old resourceVersions are too old from now on. */
  compact(): void
  applications(): readonly ApplicationObject[]
  /** Writes an Application past the controllers, as a person with kubectl could. */
  put(application: ApplicationObject): void
  close(): Promise<void>
}

/**
 * A stand-in for Argo CD and the cluster: reads the GitOps repo as the ApplicationSet of argocd/ would, gives out the
 * Applications through as much of the Kubernetes API as WeStage uses, and answers for the previews' hosts. Runs nothing.
 */
export async function startArgoCdStandIn(options: {
  gitUrl: string
  branch: string
  instance: string
  /** Where the Applications are. */
  namespace?: string
  credentials?: Credentials | null
  pollMs?: number
  delays?: Partial<Delays>
  bookmarkEveryMs?: number
  previewPort?: number
  log?: (line: string) => void
}): Promise<ArgoCdStandIn> {
  const { gitUrl, branch, instance, namespace = 'argocd', log = () => {} } = options
  const delays = { compareMs: 200, syncMs: 400, startMs: 500, removeMs: 400, ...options.delays }
  const directory = await mkdtemp(path.join(tmpdir(), 'argocd-stand-in-'))
  const ending = new AbortController()
  setMaxListeners(0, ending.signal) // one for each Application that is on its way
  const mirror = await GitOpsMirror.create(
    path.join(directory, 'repo.git'),
    gitUrl,
    branch,
    options.credentials ?? null,
  )
  const render = applicationTemplate({ gitUrl, branch, instance })
  const store = new ApplicationStore()
  const controllers = new Map<string, ApplicationController>()
  const token = randomBytes(16).toString('hex')
  const api = kubernetesApi(store, { namespace, token, bookmarkEveryMs: options.bookmarkEveryMs ?? 10_000 })
  let paused: { until: Promise<void>; end: () => void } | null = null

  const wait = async (ms: number): Promise<boolean> => {
    if (ms > 0) await sleep(ms, ending.signal)
    while (paused !== null && !ending.signal.aborted) await paused.until
    return !ending.signal.aborted
  }

  function aim(tip: Tip): void {
    // One file that can't be rendered stops the whole set: what is there stays as it is.
    const rendered = new Map<string, Rendered>()
    for (const file of tip.blobs.keys()) {
      if (!/^previews\/[^/]+\/[^/]+\/preview\.yaml$/.test(file)) continue
      const application = render(file, mirror.text(tip, file))
      rendered.set(application.metadata.name, application)
    }
    for (const [name, application] of rendered) {
      const controller = controllers.get(name)
      const current = controller === undefined || controller.isGone ? newController(name) : controller
      current.aim({ revision: tip.commit, rendered: application, ...manifestsAt(tip, application.folder) })
    }
    for (const [name, controller] of controllers) {
      if (!rendered.has(name)) controller.aim('removed')
      if (!rendered.has(name) && controller.isGone) controllers.delete(name)
    }
  }

  function newController(name: string): ApplicationController {
    const controller = new ApplicationController({ name, store, argocdNamespace: namespace, delays, wait })
    controllers.set(name, controller)
    return controller
  }

  /** Argo CD, directory sources: the YAML and JSON files of the folder itself. */
  function manifestsAt(tip: Tip, folder: string) {
    const prefix = `${folder}/manifests/`
    const names = [...tip.blobs.keys()]
      .filter((file) => file.startsWith(prefix) && /^[^/]+\.(ya?ml|json)$/.test(file.slice(prefix.length)))
      .map((file) => file.slice(prefix.length))
    const listing = names.map((name) => `${tip.blobs.get(prefix + name)} ${name}`).join('\n')
    return {
      files: new Map(names.map((name) => [name, mirror.text(tip, prefix + name)])),
      hash: createHash('sha256').update(listing).digest('hex'),
    }
  }

  let last: Promise<void> = Promise.resolve()
  const refresh = (): Promise<void> => {
    const next = last
      .catch(() => {})
      .then(async () => {
        if (await wait(0)) aim(await mirror.tip(ending.signal))
      })
    last = next
    return next
  }
  const polling = (async () => {
    do {
      await refresh().catch((error: unknown) => {
        if (!ending.signal.aborted) log(`argocd stand-in: ${error instanceof Error ? error.message : String(error)}`)
      })
    } while (await wait(options.pollMs ?? 1_000))
  })()

  const web = previewWeb((host) => {
    for (const [application, { live, serving }] of controllers) {
      if ((serving ?? live).some((manifest) => hostsOf(manifest).includes(host))) {
        return { application, manifests: serving }
      }
    }
    return null
  })
  const apiUrl = `http://${await listen(api.server, 0)}`
  const previewAddress = await listen(web, options.previewPort ?? 0)
  const kubeconfigPath = path.join(directory, 'kubeconfig')
  await writeFile(kubeconfigPath, kubeconfigOf(apiUrl, token, namespace), { mode: 0o600 })

  return {
    kubeconfigPath,
    apiUrl,
    previewAddress,
    refresh,
    pause: () => {
      if (paused !== null) return
      let end = () => {}
      paused = { until: new Promise((resolve) => (end = resolve)), end: () => end() }
    },
    resume: () => {
      const was = paused
      paused = null
      was?.end()
    },
    api,
    compact: () => store.compact(),
    applications: () => store.list(),
    put: (application) => store.put(application),
    close: async () => {
      ending.abort()
      paused?.end()
      await polling
      await last.catch(() => {})
      await Promise.all([closed(api.server), closed(web)])
      await rm(directory, { recursive: true, force: true })
    },
  }
}

const kubeconfigOf = (server: string, token: string, namespace: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'argocd-stand-in',
    contexts: [
      { name: 'argocd-stand-in', context: { cluster: 'argocd-stand-in', user: 'argocd-stand-in', namespace } },
    ],
    clusters: [{ name: 'argocd-stand-in', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'argocd-stand-in', user: { token } }],
  })

const sleep = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done, { once: true })
    function done() {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
  })

const listen = (server: Server, port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      const { port: chosen } = server.address() as AddressInfo
      resolve(`127.0.0.1:${chosen}`)
    })
  })

const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
