import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { z } from 'zod'
import type { ApplicationObject, ApplicationStore } from './application-store.ts'

export interface KubernetesApi {
  readonly server: Server
  /** Ends the watches that are open, as a restart of the API server does. */
  cutWatches(): void
  /**
   * 'gone' breaks every connection; 'forbidden' answers 403; 'read-only' does so to what would write; 'silent' takes
   * requests and never answers.
   */
  turn(mode: 'up' | 'gone' | 'forbidden' | 'read-only' | 'silent'): void
  /** How often Applications were listed since the start. */
  lists(): number
  /** Connections that are open now. */
  connections(): number
}

/** Whose refresh was asked for: the one ApplicationSet's, or an Application's by its name. */
export type Refreshed = { readonly kind: 'ApplicationSet' } | { readonly kind: 'Application'; readonly name: string }

export interface KubernetesApiOptions {
  readonly namespace: string
  readonly token: string
  readonly bookmarkEveryMs: number
  readonly instance: string
  /** The ApplicationSet's name. */
  readonly applicationSet: string
  /** An annotation that asks for a refresh was put on, or changed. */
  readonly onRefresh: (refreshed: Refreshed) => void
}

/** Argo CD: annotations and labels. */
const REFRESH = 'argocd.argoproj.io/refresh'
const REFRESH_SET = 'argocd.argoproj.io/application-set-refresh'

/** Kubernetes: "Checking API access". */
const ACCESS_REVIEWS = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'

const AnnotationsPatchSchema = z.strictObject({
  metadata: z.strictObject({ annotations: z.record(z.string(), z.string()) }),
})

/**
 * As much of the Kubernetes API as a client needs that lists, gets and watches Applications, and that puts annotations
 * on them and on the ApplicationSet.
 */
export function kubernetesApi(store: ApplicationStore, options: KubernetesApiOptions): KubernetesApi {
  const watches = new Set<ServerResponse>()
  const connections = new Set<Socket>()
  let mode: Parameters<KubernetesApi['turn']>[0] = 'up'
  let lists = 0
  let setRefresh: string | undefined
  const setLabels = { 'westage.dev/instance': options.instance }
  const collection = `/apis/argoproj.io/v1alpha1/namespaces/${options.namespace}/applications`

  const server = createServer((request, response) => {
    if (mode === 'gone') return request.socket.destroy()
    if (mode === 'silent') return
    if (mode === 'forbidden') return fail(response, 403, 'Forbidden', 'applications.argoproj.io is forbidden')
    if (request.headers.authorization !== `Bearer ${options.token}`) {
      return fail(response, 401, 'Unauthorized', 'Unauthorized')
    }
    const url = new URL(request.url ?? '/', 'http://stand-in')
    if (request.method === 'PATCH') return void patch(request, response, url.pathname)
    if (request.method === 'POST' && url.pathname === ACCESS_REVIEWS) return void review(request, response)
    if (request.method !== 'GET') return fail(response, 405, 'MethodNotAllowed', 'the stand-in takes GET and PATCH')
    if (url.pathname === '/version') {
      return answer(response, 200, { major: '1', minor: '34', gitVersion: 'v1.34.0-stand-in' })
    }
    if (url.pathname === collection) {
      if (url.searchParams.get('watch') === 'true') return watch(request, response, url.searchParams)
      lists++
      return list(response, url.searchParams)
    }
    const found = url.pathname.startsWith(`${collection}/`)
      ? store.get(url.pathname.slice(collection.length + 1))
      : null
    return found === null
      ? fail(response, 404, 'NotFound', `the stand-in has no ${url.pathname}`)
      : answer(response, 200, found)
  })

  server.on('connection', (socket) => {
    connections.add(socket)
    socket.on('close', () => connections.delete(socket))
  })

  function list(response: ServerResponse, query: URLSearchParams): void {
    const matching = store.list().filter(matcherOf(query.get('labelSelector')))
    const after = Buffer.from(query.get('continue') ?? '', 'base64url').toString()
    const rest = matching.filter(({ metadata }) => metadata.name > after)
    const limit = Number(query.get('limit') ?? 0) || rest.length
    const items = rest.slice(0, limit)
    const last = items.at(-1)?.metadata.name
    answer(response, 200, {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'ApplicationList',
      metadata: {
        resourceVersion: String(store.version),
        ...(items.length < rest.length && last !== undefined && { continue: Buffer.from(last).toString('base64url') }),
      },
      items,
    })
  }

  function watch(request: IncomingMessage, response: ServerResponse, query: URLSearchParams): void {
    const isWanted = matcherOf(query.get('labelSelector'))
    let at = Number(query.get('resourceVersion') ?? 0)
    response.writeHead(200, { 'content-type': 'application/json' })
    response.flushHeaders()
    watches.add(response)
    const send = (type: string, object: unknown) => response.write(`${JSON.stringify({ type, object })}\n`)
    const flush = () => {
      const events = store.since(at)
      if (events === null) {
        send('ERROR', statusOf(410, 'Expired', `too old resource version: ${at} (${store.version})`))
        return response.end()
      }
      for (const { type, object, version } of events) {
        at = version
        if (isWanted(object)) send(type, object)
      }
      return undefined
    }
    const stopListening = store.onEvent(flush)
    const bookmarks =
      query.get('allowWatchBookmarks') === 'true'
        ? setInterval(() => {
            at = Math.max(at, store.version)
            const metadata = { resourceVersion: String(at) }
            send('BOOKMARK', { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', metadata })
          }, options.bookmarkEveryMs)
        : undefined
    const timeout = setTimeout(() => response.end(), (Number(query.get('timeoutSeconds')) || 1800) * 1000)
    response.on('close', () => {
      stopListening()
      clearInterval(bookmarks)
      clearTimeout(timeout)
      watches.delete(response)
      request.socket.destroy()
    })
    flush()
  }

  /** All is allowed but what a mode takes away. */
  async function review(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const writes = /"verb":"(?:patch|create|delete)"/.test(await text(request))
    answer(response, 201, { kind: 'SelfSubjectAccessReview', status: { allowed: mode !== 'read-only' || !writes } })
  }

  /** Kubernetes: API concepts, patch; annotations only. */
  async function patch(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const body = await text(request)
    const [, plural = '', name = ''] = /\/(applications|applicationsets)\/([^/]+)$/.exec(path) ?? []
    if (path !== collection.replace(/applications$/, `${plural}/${name}`)) {
      return fail(response, 404, 'NotFound', `the stand-in has no ${path}`)
    }
    const what = `${plural}.argoproj.io "${name}"`
    if (mode === 'read-only') {
      return fail(response, 403, 'Forbidden', `${what} is forbidden: User "westage" cannot patch resource "${plural}"`)
    }
    if (request.headers['content-type'] !== 'application/merge-patch+json') {
      return fail(response, 415, 'UnsupportedMediaType', 'the stand-in takes merge patches')
    }
    const application = plural === 'applications' ? store.get(name) : null
    if (application === null && !(plural === 'applicationsets' && name === options.applicationSet)) {
      return fail(response, 404, 'NotFound', `${what} not found`)
    }
    const { annotations } = AnnotationsPatchSchema.parse(JSON.parse(body)).metadata
    if (application === null) {
      // What does not change it is no event, and nobody hears of it.
      if (annotations[REFRESH_SET] !== setRefresh) options.onRefresh({ kind: 'ApplicationSet' })
      setRefresh = annotations[REFRESH_SET]
      return answer(response, 200, { kind: 'ApplicationSet', metadata: { name, annotations, labels: setLabels } })
    }
    const { metadata } = application
    store.put({ ...application, metadata: { ...metadata, annotations: { ...metadata.annotations, ...annotations } } })
    if (annotations[REFRESH] !== undefined) options.onRefresh({ kind: 'Application', name })
    return answer(response, 200, store.get(name))
  }

  return {
    server,
    cutWatches: () => {
      for (const response of watches) response.socket?.destroy()
    },
    turn: (next) => {
      mode = next
      if (next !== 'up' && next !== 'read-only') server.closeAllConnections()
    },
    lists: () => lists,
    connections: () => connections.size,
  }
}

/** Argo CD takes the annotation off once it has looked. */
export function withoutRefresh(application: ApplicationObject): ApplicationObject {
  const { [REFRESH]: _, ...annotations } = application.metadata.annotations
  return { ...application, metadata: { ...application.metadata, annotations } }
}

/** Kubernetes: label selectors, the equality-based ones. */
function matcherOf(selector: string | null): (object: ApplicationObject) => boolean {
  const wanted = (selector ?? '')
    .split(',')
    .filter((term) => term !== '')
    .map((term) => term.split(/==?/))
  return ({ metadata }) =>
    wanted.every(([key = '', value]) => (value === undefined ? key in metadata.labels : metadata.labels[key] === value))
}

const statusOf = (code: number, reason: string, message: string) => ({
  apiVersion: 'v1',
  kind: 'Status',
  metadata: {},
  status: 'Failure',
  message,
  reason,
  code,
})

function fail(response: ServerResponse, code: number, reason: string, message: string): void {
  answer(response, code, statusOf(code, reason, message))
}

function answer(response: ServerResponse, code: number, body: unknown): void {
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
