/** Previews as WeHook sees them: apps that take callbacks, and WeStage's list of those that run. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What reached a preview, byte for byte. */
interface Reached {
  readonly host: string
  readonly method: string
  readonly url: string
  readonly headers: readonly string[]
  readonly body: Buffer
}

export interface PreviewApps {
  /** `127.0.0.1:PORT`: all of them, told apart by their hosts. */
  readonly address: string
  /** What reached the preview of that pull request, in order. */
  reached(pull: number): readonly Reached[]
  /** The same by a host of one's own. */
  reachedAt(host: string): readonly Reached[]
  /** The preview of that pull request answers so from now on; 'never' answers nothing at all. */
  answers(pull: number, status: number | 'never'): void
  /** Whichever preview gets this body answers so from now on. */
  answersTo(body: Buffer, status: number | 'never'): void
  close(): Promise<void>
}

const hostOf = (pull: number): string => `pr-${pull}.shop.test`

export async function openPreviewApps(): Promise<PreviewApps> {
  const reached = new Map<string, Reached[]>()
  const answers = new Map<string, number | 'never'>()
  const answersTo = new Map<string, number | 'never'>()
  const server = createServer((request, response) => {
    void (async () => {
      const body = await bodyOf(request)
      const host = request.headers.host?.replace(/:\d+$/, '') ?? ''
      const { method = '', url = '', rawHeaders } = request
      const answer = answersTo.get(body.toString('latin1')) ?? answers.get(host) ?? 200
      reached.set(host, [...(reached.get(host) ?? []), { host, method, url, headers: rawHeaders, body }])
      // A redirect leads to the second preview.
      const more = Math.floor(Number(answer) / 100) === 3 ? { location: `http://${hostOf(2)}/redirected` } : {}
      if (answer !== 'never') response.writeHead(answer, more).end()
    })()
  })
  const port = await portOf(server)
  return {
    address: `127.0.0.1:${port}`,
    reached: (pull) => reached.get(hostOf(pull)) ?? [],
    reachedAt: (host) => reached.get(host) ?? [],
    answersTo: (body, status) => answersTo.set(body.toString('latin1'), status),
    answers: (pull, status) => answers.set(hostOf(pull), status),
    close: () => closed(server),
  }
}

export interface PreviewOfList {
  readonly pull: number
  /** Null: not known, since its preview.yaml can't be read. */
  readonly callbacks: readonly object[] | null
  /** Where it is, if not where others are. */
  readonly host?: string
  /** When its revision was committed, if not when WeStage was started; null: WeStage does not know. */
  readonly sinceMs?: number | null
}

export interface WeStageApi {
  readonly url: string
  /** What is listed from now on; null: it is away. */
  lists(previews: readonly PreviewOfList[] | null): void
  /** How often the whole list was given. */
  listings(): number
  /** How often it was asked for it, and perhaps answered that it is as it was. */
  asked(): number
  close(): Promise<void>
}

export const API_TOKEN = 'a token of sixteen or more'

const EVENT = 'event: changed\ndata: 1\n\n'

/** `GET /api/previews` and its events, as WeStage answers them. */
export async function openWeStageApi(first: readonly PreviewOfList[]): Promise<WeStageApi> {
  const startedMs = Date.now()
  let listed: readonly PreviewOfList[] | null = first
  let revision = 0
  let listings = 0
  let asked = 0
  const followers = new Set<ServerResponse>()
  const server = createServer((request, response) => {
    if (listed === null) return request.socket.destroy()
    if (request.headers.authorization !== `Bearer ${API_TOKEN}`) return response.writeHead(401).end()
    if (request.url === '/api/previews/events') {
      followers.add(response)
      response.once('close', () => followers.delete(response))
      return response.writeHead(200, { 'content-type': 'text/event-stream' }).write(EVENT)
    }
    if (request.url !== '/api/previews') return response.writeHead(404).end()
    asked += 1
    const etag = `W/"${revision}"`
    if (request.headers['if-none-match'] === etag) return response.writeHead(304, { etag }).end()
    listings += 1
    const previews = listed.map(({ pull, callbacks, host = hostOf(pull), sinceMs = startedMs }) => ({
      ...{
        app: 'shop',
        pull: { number: pull },
        url: `http://${host}`,
        namespace: 'westage-shop',
        state: 'live',
        since: sinceMs === null ? null : new Date(sinceMs).toISOString(),
        callbacks,
      },
    }))
    return response.writeHead(200, { 'content-type': 'application/json', etag }).end(JSON.stringify({ previews }))
  })
  const port = await portOf(server)
  return {
    url: `http://127.0.0.1:${port}`,
    lists(previews) {
      listed = previews
      revision += 1
      for (const follower of followers) {
        if (previews === null) follower.destroy()
        else follower.write(EVENT)
      }
    },
    listings: () => listings,
    asked: () => asked,
    close: () => closed(server),
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part)
  return Buffer.concat(parts)
}

async function portOf(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

async function closed(server: Server): Promise<void> {
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
}
