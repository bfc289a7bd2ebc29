/** argocd-server's read API for one Application, with answers in the shapes of Argo CD 3.2 to 3.5. */
import { createServer, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'

export interface ArgoCdServerDouble extends AsyncDisposable {
  readonly url: string
  /** Path and query of each request. */
  readonly asked: readonly string[]
  /** What each path below the Application answers: a status with a body, or 'nothing' ever. */
  answers: Record<string, Answer>
}

export type Answer = { readonly status: number; readonly body: string } | 'nothing'

export const TOKEN = 'a token of the role westage'

export async function argocdServerDouble(
  answers: Record<string, Answer>,
  certificate?: { readonly key: Buffer; readonly cert: Buffer },
): Promise<ArgoCdServerDouble> {
  const asked: string[] = []
  const double = { answers }
  const answer: Parameters<typeof createServer>[1] = (request, response) => {
    const url = new URL(request.url ?? '', 'http://double')
    asked.push(`${url.pathname}${url.search}`)
    const isKnown = request.headers.authorization === `Bearer ${TOKEN}`
    const found = double.answers[url.pathname.split('/').at(-1) ?? ''] ?? FORBIDDEN
    const given = isKnown ? found : UNKNOWN
    if (given === 'nothing') return
    response.writeHead(given.status, { 'content-type': 'application/json', location: '/elsewhere' }).end(given.body)
  }
  const server: Server = certificate === undefined ? createServer(answer) : createSecureServer(certificate, answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `${certificate === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    asked,
    get answers() {
      return double.answers
    },
    set answers(next) {
      double.answers = next
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

/** Argo CD (grpc-gateway): an error has its text twice. */
const fault = (status: number, code: number, text: string): Answer => ({
  status,
  body: JSON.stringify({ error: text, code, message: text }),
})
const UNKNOWN = fault(401, 16, 'invalid session: token signature is invalid')
const FORBIDDEN = fault(403, 7, 'permission denied')
export const NOT_PART = fault(400, 3, 'web-1 not found as part of application westage-shop-pr-7')

const ref = (group: string, kind: string, name: string, uid: string) => ({
  ...(group !== '' && { group }),
  version: 'v1',
  kind,
  namespace: 'westage-shop-feat',
  name,
  uid,
})

export const TREE: Answer = {
  status: 200,
  body: JSON.stringify({
    nodes: [
      { version: 'v1', kind: 'Namespace', name: 'westage-shop-feat', uid: 'ns', resourceVersion: '1' },
      {
        version: 'v1',
        kind: 'Service',
        name: 'missing',
        namespace: 'westage-shop-feat',
        health: { status: 'Missing' },
      },
      {
        ...ref('apps', 'Deployment', 'web', 'deploy'),
        info: [{ name: 'Revision', value: 'Rev:2' }],
        health: { status: 'Progressing', message: 'Waiting for rollout to finish: 0 of 1 updated replicas' },
        createdAt: '2026-03-01T11:00:00Z',
      },
      {
        ...ref('apps', 'ReplicaSet', 'web-6c', 'rs'),
        parentRefs: [ref('apps', 'Deployment', 'web', 'deploy')],
        info: [{ name: 'Revision', value: 'Rev:12' }],
        health: { status: 'Progressing' },
        createdAt: '2026-03-01T12:00:00Z',
      },
      {
        ...ref('', 'Pod', 'web-6c-1', 'pod'),
        parentRefs: [ref('apps', 'ReplicaSet', 'web-6c', 'rs')],
        info: [
          { name: 'Status Reason', value: 'CrashLoopBackOff' },
          { name: 'Node', value: 'node-1' },
          { name: 'Containers', value: '0/1' },
          { name: 'Restart Count', value: '4' },
        ],
        networkingInfo: { labels: { app: 'web' } },
        images: ['registry/shop@sha256:0'],
        health: { status: 'Degraded', message: 'back-off 40s restarting failed container=web pod=web-6c-1_x(pod)' },
        createdAt: '2026-03-01T12:00:01Z',
      },
    ],
    hosts: [{ name: 'node-1' }],
  }),
}

export const EVENTS: Answer = {
  status: 200,
  body: JSON.stringify({
    metadata: { resourceVersion: '9' },
    items: [
      {
        metadata: { name: 'web.2', creationTimestamp: '2026-03-01T12:00:09Z' },
        involvedObject: { kind: 'Pod', name: 'web-6c-1', fieldPath: 'spec.containers{web}' },
        reason: 'BackOff',
        message: 'Back-off restarting failed container web in pod web-6c-1\n',
        source: { component: 'kubelet' },
        firstTimestamp: '2026-03-01T12:00:09Z',
        lastTimestamp: '2026-03-01T12:01:30Z',
        count: 7,
        type: 'Warning',
        eventTime: null,
      },
      {
        metadata: { name: 'web.1', creationTimestamp: '2026-03-01T12:00:01Z' },
        involvedObject: { kind: 'Pod', name: 'web-6c-1' },
        reason: 'Scheduled',
        message: 'Successfully assigned westage-shop-feat/web-6c-1 to node-1',
        source: {},
        firstTimestamp: null,
        lastTimestamp: null,
        type: 'Normal',
        eventTime: '2026-03-01T12:00:01.123456Z',
      },
    ],
  }),
}

/** Argo CD: one JSON object a line, and one more at the end. */
export const logOf = (lines: readonly string[], time = '2026-03-01T12:01:00.5Z'): Answer => ({
  status: 200,
  body: [...lines.map((content) => ({ content, last: false, timeStampStr: time, podName: 'web-6c-1' })), LAST]
    .map((result) => `${JSON.stringify({ result })}\n`)
    .join(''),
})
const LAST = { content: '', last: true, timeStampStr: '2026-03-01T12:02:00Z', podName: '' }

/** Argo CD (grpc-gateway): where a stream ends before its first line. */
export const brokenLog = (status: number, message: string): Answer => ({
  status,
  body: JSON.stringify({ error: { grpc_code: 2, http_code: status, message, http_status: 'Internal Server Error' } }),
})

/** Argo CD hands on what Kubernetes says as a line of the time 0. */
export const refusedLog = (text: string): Answer => logOf([text], '0001-01-01T00:00:00Z')
