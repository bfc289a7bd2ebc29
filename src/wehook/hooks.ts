/** `/hooks/<source>`: takes what providers send. */
import type { IncomingMessage } from 'node:http'
import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import { isSecret } from '../web/signature.ts'
import { bodyOfIncoming } from '../web/unread-body.ts'
import { unverifiedBodies } from '../web/unverified-bodies.ts'
import { passedOn } from './headers.ts'
import type { Refusal } from './signatures/signature.ts'
import type { Source } from './source.ts'
import { type CallbackStore, StoreFull } from './store.ts'

/** Why a callback was not taken, as it is counted. */
export type Refused =
  | Refusal
  | 'replayed'
  | 'too large'
  | 'too slow'
  | 'cut short'
  | 'too many'
  | 'method'
  | 'body of a GET'
  | 'address'
  | 'path'
  | 'full'
  | Unready

/** Why nothing is taken: it is not known yet to whom callbacks go, or WeHook ends. */
export type Unready = 'not ready' | 'stopping'

export const UNREADY_WORDS: Readonly<Record<Unready, string>> = {
  'not ready': 'Which previews run is not known yet',
  stopping: 'WeHook is being stopped',
}

export interface HooksOptions {
  /** Null: callbacks are taken. */
  readonly unready: () => Unready | null
  readonly sources: readonly Source[]
  readonly store: CallbackStore
  readonly now: () => number
  /** Bytes of all bodies that are being read, or wait to be kept. */
  readonly totalMaxBytes: number
  /** Told of each that came from a source. */
  readonly counted: (source: string, result: 'kept' | 'answered' | Refused) => void
  readonly failed: (what: string, error: unknown) => void
}

/** Stripe, for one, gives up after 10 s or so. */
const DEADLINE_MS = 10_000
const RETRY_AFTER_SECONDS = 10

/**
 * Answers 200 once the callback is on disk, or to a question with what the provider wants to hear; 400 for a path that
 * climbs, a body that is cut short, or one of a GET, 401 unsigned or forged, 403 from an address that may not call, 404
 * for a source that there is not, 405 for another method, 408 too slow, 409 for what was taken already, 413 too large,
 * 503 where there is no room, not yet, or not any more: the provider is to send it again then.
 */
export const hooks = ({ unready, sources, store, now, totalMaxBytes, counted, failed }: HooksOptions) => {
  const bySource = new Map(sources.map((source) => [source.name, source]))
  const maxBytes = Math.max(...sources.map((source) => source.maxBytes))
  const readBody = unverifiedBodies({ maxBytes, totalMaxBytes, deadlineMs: DEADLINE_MS })
  return new Hono<{ Bindings: HttpBindings }>().all('/:source/*', async (c) => {
    const source = bySource.get(c.req.param('source'))
    if (source === undefined) return c.text('No such source\n', 404)
    const { name } = source
    const refuse = (because: Refused, status: 400 | 401 | 403 | 405 | 408 | 409 | 413 | 503, words: string) => {
      counted(name, because)
      if (status === 503) c.header('Retry-After', String(RETRY_AFTER_SECONDS))
      return c.text(`${words}\n`, status)
    }
    const why = unready()
    if (why === 'stopping') c.header('Connection', 'close') // whoever keeps one open would keep WeHook
    if (why !== null) return refuse(why, 503, UNREADY_WORDS[why])
    if (!source.mayCall(c.env.incoming.socket.remoteAddress ?? ''))
      return refuse('address', 403, 'Not from this address')
    if (!source.methods.has(c.req.method)) return refuse('method', 405, `${c.req.method} is not taken`)
    // Fetch standard, Request: a GET has no body. What there is of one would be lost.
    if (c.req.method === 'GET' && hasBody(c.env.incoming)) return refuse('body of a GET', 400, 'A GET has no body')
    const { url = '', rawHeaders } = c.env.incoming
    const written = suffixOf(url, name)
    const suffix = written === null ? null : withoutSegment(written, source.segments)
    if (suffix === null)
      return refuse('path', 400, 'The path has .. in it, or the name of the source is not written plainly')
    if (suffix === 'forged') return refuse('forged', 401, 'The address is not the one of this source')
    const read = await readBody(bodyOfIncoming(c.env.incoming), async (body) => {
      if (body.length > source.maxBytes) return 'too large'
      const atMs = now()
      const verdict = source.check({ header: (header) => c.req.header(header), body, atMs })
      if (!('mark' in verdict)) return verdict
      const arrived = {
        ...{ source: name, receivedAtMs: atMs, method: c.req.method, suffix, mark: verdict.mark },
        ...{ headers: passedOn(rawHeaders), body: Buffer.from(body) }, // without the room that was not needed
      }
      try {
        return (await store.keep(arrived)) === null ? 'replayed' : 'kept'
      } catch (error) {
        if (!(error instanceof StoreFull)) throw error
        failed(`a callback of ${name}`, error)
        return 'full'
      }
    })
    if (read === 'too large') return refuse(read, 413, `A callback of ${name} has at most ${source.maxBytes} bytes`)
    if (read === 'too slow') return refuse(read, 408, `A callback is to be here within ${DEADLINE_MS / 1000} s`)
    if (read === 'too many') return refuse(read, 503, 'Too much is being sent at once')
    if (read === 'cut short') return refuse(read, 400, 'The callback is cut short')
    if (read === 'replayed') return refuse(read, 409, 'The callback was taken already')
    if (read === 'full') return refuse(read, 503, 'There is no room for more')
    if (read !== 'kept' && 'refused' in read) return refuse(read.refused, 401, `The callback ${read.why}`)
    counted(name, read === 'kept' ? 'kept' : 'answered')
    return c.text(read === 'kept' ? 'Taken\n' : read.answer, 200)
  })
}

/** RFC 9112, 6: whether a body follows the headers. */
const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0

/** What follows the secret segment that an address has where nothing is signed, compared in constant time. */
function withoutSegment(suffix: string, segments: readonly string[]): string | 'forged' {
  if (segments.length === 0) return suffix
  const [, segment = '', rest = ''] = /^\/([^/?]*)(.*)$/.exec(suffix) ?? []
  let isOne = false
  for (const right of segments) if (isSecret(segment, right)) isOne = true
  return isOne ? rest : 'forged'
}

/** What follows the source in the address, as it was written; null where it could leave the path that it is put behind. */
function suffixOf(url: string, source: string): string | null {
  const before = `/hooks/${source}`
  const at = (url.split('?', 1)[0] ?? '').indexOf(before)
  if (at < 0) return null // its name is written in another way
  const suffix = url.slice(at + before.length)
  // As servers read them that decode more than once (`%252e`), or know parameters of a segment.
  const path = (suffix.split('?', 1)[0] ?? '').replace(/%(?:25)*(?:2f|5c)/gi, '/').replace(/%(?:25)*2e/gi, '.')
  const climbs = path.split(/[/\\]/).some((part) => part.replace(/;.*$/, '') === '..')
  return climbs ? null : suffix
}
