/** Hands callbacks to listeners over HTTP. */
import { createHash } from 'node:crypto'
import { lookup } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { Agent, type Dispatcher, errors } from 'undici'
import { isRefusedAddress } from '../adapters/refused-addresses.ts'
import type { Answer, Attempt } from './attempt.ts'
import { openConnecting } from './connecting.ts'
import type { Listener } from './listener.ts'
import { messageOf } from './message-of.ts'
import { statusOf } from './status-of.ts'

export interface HttpAttemptOptions {
  /** `ip` or `ip:port` to connect to, whatever the name is; null to resolve it. */
  readonly address: { readonly ip: string; readonly port: number | null } | null
  /** For the connection and the answer's head, each. */
  readonly timeoutMs: number
}

export interface HttpAttempts {
  readonly attempt: Attempt
  close(): Promise<void>
}

/**
 * The method, the body and the headers as they came, with what WeHook says of itself. A redirect is no success, and is
 * not followed. An address that leads to this machine itself, or to what only its link reaches, is not connected to.
 */
export function openHttpAttempts({ address, timeoutMs }: HttpAttemptOptions): HttpAttempts {
  const connecting = openConnecting({ timeout: timeoutMs, lookup: publicLookup })
  // As many connections as attempts: a lane bounds its own, and one that waited for another's would be over too late.
  const agent = new Agent({
    headersTimeout: timeoutMs,
    connect: (options, callback) => {
      if (address === null) {
        const refused = refusalOf(options.hostname, options.hostname.replace(/^\[|\]$/g, ''))
        return refused === null ? connecting.connect(options, callback) : callback(refused, null)
      }
      const servername = options.servername ?? options.hostname
      const port = String(address.port ?? options.port)
      connecting.connect({ ...options, servername, hostname: address.ip, port }, callback)
    },
  })
  const places = new WeakMap<Listener, Place>()
  const placeOf = (listener: Listener): Place => {
    const place = places.get(listener) ?? placeOfListener(listener)
    places.set(listener, place)
    return place
  }
  return {
    async attempt(listener, callback, attempt, signal) {
      const { origin, path, mark } = placeOf(listener)
      try {
        const request = {
          origin,
          path: callback.suffix === '' ? path : pathOf(listener.url, callback.suffix),
          method: callback.method as Dispatcher.HttpMethod,
          headers: [
            ...(listener.host === null ? [] : ['Host', listener.host]),
            ...callback.headers,
            ...['WeHook-Delivery', `${callback.id}-${mark}`],
            ...['WeHook-Source', callback.source, 'WeHook-Attempt', String(attempt)],
          ],
          body: callback.body.length === 0 ? null : callback.body,
        }
        const limits = { ...ANSWER, headMaxMs: timeoutMs, signal }
        const status = await connecting.start(signal, () => statusOf(agent, request, limits))
        return { kind: kindOf(status), words: String(status) }
      } catch (error) {
        return unanswered(error)
      }
    },
    close: () => agent.destroy(),
  }
}

/** RFC 9110, 15.6: what is in front of a preview says for it that it is not there. */
const UNREACHED = new Set([502, 503, 504])

const kindOf = (status: number): Answer['kind'] =>
  status >= 200 && status < 300 ? 'taken' : UNREACHED.has(status) ? 'unreached' : 'not taken'

/** Of an answer's body: its status says all. */
const ANSWER = { bodyMaxBytes: 64 * 1024, bodyMaxMs: 1000 }

/** What of a listener is the same for all that it is handed. */
interface Place {
  readonly origin: string
  readonly path: string
  /** The same whenever it is there. */
  readonly mark: string
}

function placeOfListener({ url, name }: Listener): Place {
  const mark = createHash('sha256').update(name).digest('hex').slice(0, 12)
  return { origin: url.origin, path: pathOf(url, ''), mark }
}

/** What follows `/hooks/<source>` is put behind the listener's path, and its query behind the listener's. */
function pathOf({ pathname, search }: URL, suffix: string): string {
  const [path = '', ...rest] = suffix.split('?')
  const queries = [search.slice(1), rest.join('?')].filter((query) => query !== '')
  const joined = path === '' ? pathname : `${pathname.replace(/\/$/, '')}${path}`
  return queries.length === 0 ? joined : `${joined}?${queries.join('&')}`
}

class RefusedAddress extends Error {}

const refusalOf = (name: string, ip: string): RefusedAddress | null =>
  isIP(ip) !== 0 && isRefusedAddress(ip)
    ? new RefusedAddress(`${name} is ${ip}, a loopback, link-local or multicast address: WeHook does not connect to it`)
    : null

/** As the system resolves names, without those that lead nowhere but here. */
const publicLookup: LookupFunction = (name, options, found) =>
  lookup(name, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return found(error, '')
    for (const { address } of addresses) {
      const refused = refusalOf(name, address)
      if (refused !== null) return found(refused, '')
    }
    const [first] = addresses
    if (options.all === true || first === undefined) return found(null, addresses)
    found(null, first.address, first.family)
  })

/** Nobody was there, or somebody who did not answer: both may be so for everything that waits for this listener. */
function unanswered(error: unknown): Answer {
  if (error instanceof errors.HeadersTimeoutError) return { kind: 'unreached', words: 'did not answer in time' }
  // Node.js: of a name with several addresses, a fault for each, and no words of its own.
  return { kind: 'unreached', words: messageOf(error instanceof AggregateError ? error.errors[0] : error) }
}
