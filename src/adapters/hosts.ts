import type { LookupAddress } from 'node:dns'
import { lookup, Resolver } from 'node:dns/promises'
import { type IncomingMessage, request as requestHttp, STATUS_CODES } from 'node:http'
import { type RequestOptions, request as requestHttps } from 'node:https'
import { isIP } from 'node:net'
import type { Hosts } from '../ports.ts'
import { type FixedAddress, parseAddress } from './fixed-address.ts'
import { isRefusedAddress } from './refused-addresses.ts'

export interface HostProbeOptions {
  /** DNS servers, `ip` or `ip:port`; none for the system's own way of resolving. */
  readonly servers: readonly string[]
  /** `ip`, `ip:port` or `[ip6]:port` to connect to whatever the name is; null to resolve the name. */
  readonly address: string | null
  /** For resolving, connecting and the first bytes of the answer together. */
  readonly timeoutMs?: number
}

/**
 * Asks previews' addresses for their first page, as a browser would: Host and SNI are the name's, the certificate must
 * be trusted and of that name, a redirect is an answer. Reads no body. A name is the author's to choose: where it resolves
 * to this machine itself or what only its link reaches, it is not connected to.
 * @throws {Terminal} (operator) `address` is none
 */
export function hostProbe({ servers, address, timeoutMs = 10_000 }: HostProbeOptions): Hosts {
  const fixed = address === null ? null : parseAddress(address)
  return {
    async fault(url, signal) {
      signal.throwIfAborted()
      if (!URL.canParse(url)) return `${shortened(url)} is not an address`
      const target = new URL(url)
      const limited = AbortSignal.timeout(timeoutMs)
      const ending = new AbortController()
      const end = () => ending.abort()
      limited.addEventListener('abort', end, { once: true })
      signal.addEventListener('abort', end, { once: true })
      try {
        return await faultOf(target, fixed, servers, ending.signal)
      } catch (error) {
        signal.throwIfAborted()
        if (limited.aborted) return `${target.host} did not answer within ${timeoutMs / 1000} s`
        return sentenceOf(target, error)
      } finally {
        limited.removeEventListener('abort', end)
        signal.removeEventListener('abort', end)
        ending.abort()
      }
    },
  }
}

async function faultOf(
  target: URL,
  fixed: FixedAddress | null,
  servers: readonly string[],
  signal: AbortSignal,
): Promise<string | null> {
  const hostname = target.hostname.replace(/^\[|\]$/g, '')
  const addresses = await addressesOf(fixed?.ip ?? hostname, servers, signal)
  const refused = fixed === null ? addresses.find(({ address }) => isRefusedAddress(address)) : undefined
  if (refused !== undefined) {
    return `${target.host} resolves to ${refused.address}, a loopback, link-local or multicast address, which WeStage does not connect to`
  }
  const status = await ask(target, hostname, addresses, fixed?.port ?? null, signal)
  return status < 500 ? null : `${target.host} answers ${status} ${STATUS_CODES[status] ?? ''}`
}

/** A name that gives no address; the rest of the sentence is the resolver's. */
class Unresolved extends Error {}

async function addressesOf(name: string, servers: readonly string[], signal: AbortSignal): Promise<LookupAddress[]> {
  const family = isIP(name)
  if (family !== 0) return [{ address: name, family }]
  const answers =
    servers.length === 0
      ? lookup(name, { all: true })
      : resolveWith(new Resolver({ timeout: 2_000, tries: 2 }), name, servers, signal)
  try {
    return await Promise.race([answers, rejectionOf(signal)])
  } catch (cause) {
    throw signal.aborted ? cause : new Unresolved(cause instanceof Error ? cause.message : String(cause), { cause })
  }
}

/** RFC 1035 and 3596: A and AAAA are two questions; one with no answer is no fault where the other has some. */
async function resolveWith(
  resolver: Resolver,
  name: string,
  servers: readonly string[],
  signal: AbortSignal,
): Promise<LookupAddress[]> {
  resolver.setServers(servers)
  const cancel = () => resolver.cancel()
  signal.addEventListener('abort', cancel, { once: true })
  try {
    const [four, six] = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)])
    const addresses = [
      ...(four.status === 'fulfilled' ? four.value.map((address) => ({ address, family: 4 })) : []),
      ...(six.status === 'fulfilled' ? six.value.map((address) => ({ address, family: 6 })) : []),
    ]
    if (addresses.length === 0 && four.status === 'rejected') throw four.reason
    return addresses
  } finally {
    signal.removeEventListener('abort', cancel)
  }
}

const rejectionOf = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))

/** One GET on a connection of its own, which is closed as soon as the status is known. */
async function ask(
  target: URL,
  hostname: string,
  addresses: LookupAddress[],
  port: number | null,
  signal: AbortSignal,
): Promise<number> {
  const [first] = addresses
  if (first === undefined) throw new Unresolved('it has no address')
  const isSecure = target.protocol === 'https:'
  const options: RequestOptions = {
    // An address is connected to as it is; a name goes through `lookup`, which tries all of its addresses.
    host: addresses.length === 1 ? first.address : hostname,
    lookup: (_, { all }, found) => (all ? found(null, addresses) : found(null, first.address, first.family)),
    port: port ?? (target.port || (isSecure ? 443 : 80)),
    path: `${target.pathname}${target.search}`,
    headers: { host: target.host, 'user-agent': 'WeStage', accept: '*/*' },
    agent: false,
    signal,
    ...(isSecure && { servername: isIP(hostname) === 0 ? hostname : '' }),
  }
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = isSecure ? requestHttps : requestHttp
    request(options, resolve).on('error', reject).end()
  })
  response.on('error', () => {}).destroy()
  return response.statusCode ?? 0
}

/** Node and OpenSSL: how the codes of certificates that are not accepted begin. */
const CERTIFICATE_CODE = /CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS_/

function sentenceOf(target: URL, error: unknown): string {
  if (error instanceof Unresolved) return `${target.hostname} does not resolve: ${error.message}`
  // Where several addresses were tried, the errors are in it and it says nothing itself.
  const [cause] = error instanceof AggregateError ? error.errors : [error]
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  const why = shortened(cause instanceof Error ? cause.message : String(cause))
  if (CERTIFICATE_CODE.test(code)) return `${target.host} has a certificate that is not accepted: ${why}`
  if (code === 'ECONNREFUSED') return `${target.host} refuses connections: ${why}`
  return `${target.host} gave no answer: ${why}`
}

/** A certificate may hold any number of names, and what says that it is another's names them all. */
const shortened = (text: string): string => (text.length > 300 ? `${text.slice(0, 300)}…` : text)
