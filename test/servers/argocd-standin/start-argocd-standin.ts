import { createHash, randomBytes } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { z } from 'zod'
import { ApplicationController, type Delays } from './application-controller.ts'
import { type ApplicationObject, ApplicationStore } from './application-store.ts'
import { applicationTemplate, type Rendered } from './application-template.ts'
import { type Credentials, GitOpsMirror, type Tip } from './gitops-mirror.ts'
import { type KubernetesApi, kubernetesApi, type Refreshed, withoutRefresh } from './kubernetes-api.ts'
import { hostsOf } from './manifests.ts'
import { type PlayedApp, previewWeb } from './preview-web.ts'
import { type Push, webhookReceiver } from './webhook-receiver.ts'

export interface ArgoCdStandIn {
  /** A kubeconfig whose current context reaches the stand-in's API. */
  readonly kubeconfigPath: string
  /** `http://127.0.0.1:PORT` of the Kubernetes API. */
  readonly apiUrl: string
  /** `127.0.0.1:PORT`: the web server that answers for the hosts of previews. */
  readonly previewAddress: string
  /** The webhook receivers of argocd-server and of the ApplicationSet controller, and the secret that both check. */
  readonly webhooks: { readonly server: string; readonly applicationSet: string; readonly secret: string }
  /** Looks at the GitOps repo now, at all of it. @throws where it can't be fetched */
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
 * Applications through as much of the Kubernetes API as WeStage uses, and answers for the previews' hosts. Runs no containers.
 */
export async function startArgoCdStandIn(options: {
  gitUrl: string
  branch: string
  instance: string
  /** The ApplicationSet's name; the instance's where it is not given. */
  applicationSet?: string
  /** Where the Applications are. */
  namespace?: string
  credentials?: Credentials | null
  pollMs?: number
  delays?: Partial<Delays>
  bookmarkEveryMs?: number
  previewPort?: number
  /** Plays the app of every preview. */
  played?: PlayedApp
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
  const api = kubernetesApi(store, {
    namespace,
    token,
    bookmarkEveryMs: options.bookmarkEveryMs ?? 10_000,
    instance,
    applicationSet: options.applicationSet ?? instance,
    onRefresh: (refreshed) => nudged(refreshOf(refreshed)),
  })
  let paused: { until: Promise<void>; end: () => void } | null = null

  const wait = async (ms: number): Promise<boolean> => {
    if (ms > 0) await sleep(ms, ending.signal)
    while (paused !== null && !ending.signal.aborted) await paused.until
    return !ending.signal.aborted
  }

  let lastRendered: { tip: Tip; rendered: ReadonlyMap<string, Rendered> } | null = null
  /** Throws where one file can't be rendered, which stops the whole set: what is there stays as it is. */
  function renderedAt(tip: Tip): ReadonlyMap<string, Rendered> {
    if (lastRendered?.tip === tip) return lastRendered.rendered
    const rendered = new Map<string, Rendered>()
    for (const file of tip.blobs.keys()) {
      if (!/^previews\/[^/]+\/[^/]+\/preview\.yaml$/.test(file)) continue
      const application = render(file, mirror.text(tip, file))
      rendered.set(application.metadata.name, application)
    }
    lastRendered = { tip, rendered }
    return rendered
  }

  const aimedAt = (tip: Tip, rendered: Rendered) => ({
    revision: tip.commit,
    rendered,
    ...manifestsAt(tip, rendered.folder),
  })

  /** The ApplicationSet: makes Applications of the folders that came, and deletes those of the folders that went. */
  function follow(tip: Tip): void {
    const rendered = renderedAt(tip)
    for (const [name, application] of rendered) {
      const controller = controllers.get(name)
      if (controller === undefined || controller.isGone) newController(name).aim(aimedAt(tip, application))
    }
    for (const [name, controller] of controllers) {
      if (!rendered.has(name)) controller.aim('removed')
      if (!rendered.has(name) && controller.isGone) controllers.delete(name)
    }
  }

  /** The controller of Applications: compares these with the tip. */
  function compare(tip: Tip, isMeant: (name: string) => boolean): void {
    for (const [name, application] of renderedAt(tip)) {
      if (isMeant(name)) controllers.get(name)?.aim(aimedAt(tip, application))
    }
  }

  const refreshOf = (refreshed: Refreshed) => (tip: Tip) => {
    if (refreshed.kind === 'ApplicationSet') return follow(tip)
    compare(tip, (name) => name === refreshed.name)
    const looked = store.get(refreshed.name)
    if (looked !== null) store.put(withoutRefresh(looked))
    return undefined
  }

  /** Argo CD: annotations and labels, manifest-generate-paths: an Application without it is meant by every push. */
  function isTouched({ metadata, spec }: ApplicationObject, { files }: Push): boolean {
    const paths = metadata.annotations['argocd.argoproj.io/manifest-generate-paths']
    if (paths === undefined || files.length === 0) return true
    const { source } = SourceSchema.parse(spec)
    const watched = paths.split(';').map((each) => path.posix.join(each.startsWith('/') ? '' : source.path, each))
    return files.some((file) => watched.some((folder) => file === folder || file.startsWith(`${folder}/`)))
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
  /** @param looks asked for when it is their turn, before the tip is read */
  const atTip = (looks: () => readonly ((tip: Tip) => void)[]): Promise<void> => {
    const next = last
      .catch(() => {})
      .then(async () => {
        if (!(await wait(0))) return
        const asked = looks()
        const tip = await mirror.tip(ending.signal)
        for (const look of asked) look(tip)
      })
    last = next
    return next
  }
  const refresh = () => atTip(() => [follow, (tip) => compare(tip, () => true)])
  const asked: ((tip: Tip) => void)[] = []
  /** What was asked for by a nudge, with all that is asked for until its turn comes; nobody waits for it. */
  const nudged = (look: (tip: Tip) => void) => {
    asked.push(look)
    if (asked.length > 1) return
    atTip(() => asked.splice(0)).catch((error: unknown) => {
      if (!ending.signal.aborted) log(`argocd stand-in: ${error instanceof Error ? error.message : String(error)}`)
    })
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
  }, options.played ?? null)
  const secret = randomBytes(16).toString('hex')
  const receiver = (onPush: (push: Push) => void) =>
    webhookReceiver({
      secret,
      isDown: () => paused !== null,
      onPush: (push) => {
        if (push.isOf(gitUrl) && push.branch === branch) onPush(push)
      },
    })
  const argocdServer = receiver((push) => {
    const touched = new Set(store.list().flatMap((each) => (isTouched(each, push) ? [each.metadata.name] : [])))
    nudged((tip) => compare(tip, (name) => touched.has(name)))
  })
  const applicationSetController = receiver(() => nudged(follow))
  const webhooks = {
    server: `http://${await listen(argocdServer, 0)}/api/webhook`,
    applicationSet: `http://${await listen(applicationSetController, 0)}/api/webhook`,
    secret,
  }
  const apiUrl = `http://${await listen(api.server, 0)}`
  const previewAddress = await listen(web, options.previewPort ?? 0)
  const kubeconfigPath = path.join(directory, 'kubeconfig')
  await writeFile(kubeconfigPath, kubeconfigOf(apiUrl, token, namespace), { mode: 0o600 })

  return {
    kubeconfigPath,
    apiUrl,
    previewAddress,
    webhooks,
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
      await Promise.all([api.server, web, argocdServer, applicationSetController].map(closed))
      await rm(directory, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

const SourceSchema = z.object({ source: z.object({ path: z.string() }) })

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
