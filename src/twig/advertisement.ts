/** What a git server says of itself before it is asked for anything (gitprotocol-v2, and gitprotocol-pack for version 0). */
import { Refused } from './errors.ts'
import { isObjectId } from './git-object.ts'
import { type Packet, textOf } from './pkt-line.ts'
import { throwSaidError } from './server-errors.ts'

export type Advertisement =
  /** `fetch`: what it can do in a fetch. */
  { readonly version: 2; readonly fetch: readonly string[] } | AdvertisedRefs

/** A server of version 0 tells its refs at once. */
export interface AdvertisedRefs {
  readonly version: 0
  /** Name -> commit, or tag. */
  readonly refs: ReadonlyMap<string, string>
  readonly capabilities: ReadonlySet<string>
}

/** Over HTTP a line with the service may come first, in any version. @throws where it was cut, or is no SHA-1 repo's */
export function advertisementIn(packets: readonly Packet[]): Advertisement {
  throwSaidError(packets)
  if (packets.at(-1) !== 'flush') throw new Error('what the git server says of itself was cut')
  const lines = packets.map(textOf).filter((line) => line !== '' && !line.startsWith('# service='))
  // Each version has a line at least; dulwich's server has none where the repo is empty.
  if (lines.length === 0) throw new Error('the git server told no branches: its answer was cut, or the repo is empty')
  if (!lines.includes('version 2')) return advertisedRefsIn(lines)
  const fetch = lines.find((line) => line === 'fetch' || line.startsWith('fetch='))
  return { version: 2, fetch: fetch?.slice('fetch='.length).split(' ') ?? [] }
}

/** What `discover` of git-receive-pack answers: it has no version 2. @throws the same */
export function receiverIn(packets: readonly Packet[]): AdvertisedRefs {
  const said = advertisementIn(packets)
  if (said.version === 0) return said
  throw new Error('the git server takes pushes in a version of the protocol that does not exist')
}

/** An empty repo has one line without a ref, for its capabilities. */
function advertisedRefsIn(lines: readonly string[]): AdvertisedRefs {
  const refs = new Map<string, string>()
  const [, capabilities = ''] = lines.find((line) => line.includes('\0'))?.split('\0') ?? []
  for (const line of lines) {
    const [id = '', name = ''] = line.split('\0', 1).join('').split(' ')
    if (id === 'version' || id === 'shallow') continue
    if (!isObjectId(id)) throw new Refused('not understood', 'The git repo is not of the SHA-1 format')
    if (name !== 'capabilities^{}') refs.set(name, id)
  }
  return { version: 0, refs, capabilities: new Set(capabilities.split(' ').filter(Boolean)) }
}
