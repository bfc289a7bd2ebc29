import { Readable } from 'node:stream'
import { Hono } from 'hono'

/** What is held ready under a token, handed out once; null where nothing is. */
export type TakeContext = (token: string) => AsyncIterable<Uint8Array> | null

/**
 * `GET /build-context`: to a build's pod, by the token that it was given, the archive that it builds; to everybody else,
 * and a second time, 404. Pods are told what they need: nothing of it is public.
 */
export const buildContext = (take: TakeContext): Hono =>
  new Hono().get('/', (c) => {
    const [, token] = /^Bearer ([A-Za-z0-9_-]+)$/.exec(c.req.header('authorization') ?? '') ?? []
    const archive = token === undefined ? null : take(token)
    if (archive === null) return c.text('Not found\n', 404)
    const body = Readable.toWeb(Readable.from(archive)) as ReadableStream<Uint8Array>
    return c.body(body, 200, { 'Content-Type': 'application/x-tar', 'Cache-Control': 'no-store' })
  })
