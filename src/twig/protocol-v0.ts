/**
 * Requests and answers of protocol version 0, each by itself as over HTTP (git documentation: gitprotocol-pack,
 * "Packfile Negotiation"; gitprotocol-http, "Smart Service git-upload-pack").
 */
import type { AdvertisedRefs } from './advertisement.ts'
import { type FilterWay, filterLine, givesAnyObject } from './filter-way.ts'
import { demultiplex, FLUSH, packetAt, parsePackets, pktLine, textOf } from './pkt-line.ts'
import { throwSaidError } from './server-errors.ts'
import { type Fetched, type FetchRequest, NotOnServer } from './transport.ts'

/** How far back a commit is looked for that is not a tip: whole commits, files and all, come with it. */
const REACH = 100

/** dulwich's server does without none of these. */
const ALWAYS_ASKED = ['side-band-64k', 'ofs-delta', 'no-progress']

/**
 * Here a commit whose parents are not here is always told to be one: a server that deepens from there sends all that is
 * before it, so that what came after a commit is asked for as the tip alone.
 */
export const asTipAlone = (request: FetchRequest): FetchRequest =>
  request.have?.standsFor === 'its history'
    ? { ...request, depth: 1, have: { commit: request.have.commit, standsFor: 'itself' } }
    : request

/**
 * What can be asked of a server that gives nothing but the tips of its refs: of an older commit, the branch's history
 * as far back as it may be.
 * @throws {NotOnServer} single objects, or nothing of this branch
 */
export function fromTips(request: FetchRequest, { refs }: AdvertisedRefs, ref: string): FetchRequest {
  const tips = new Set(refs.values())
  const tip = refs.get(ref)
  if (request.wants.every((want) => tips.has(want))) return { ...request, depth: Math.min(request.depth ?? 1, REACH) }
  if (request.depth === null || tip === undefined) {
    throw new NotOnServer('the git server gives nothing but the tips of its branches')
  }
  return { ...request, wants: [tip], depth: REACH }
}

/**
 * The filter goes before the depth: git reads these lines in any order, dulwich in this one alone.
 * @param way as `filterWays` has it for this server
 */
export function fetchRequest(
  { wants, depth, have, leaveOut }: FetchRequest,
  way: FilterWay,
  { capabilities }: AdvertisedRefs,
): Buffer {
  const filter = filterLine(leaveOut, way)
  const asked = ALWAYS_ASKED.filter((capability) => capabilities.has(capability))
  if (filter !== null) asked.push('filter')
  // A delta's base may be anything that we have: all of it is at hand where only tips are given.
  else if (!givesAnyObject(capabilities) && capabilities.has('thin-pack')) asked.push('thin-pack')
  const isShallow = capabilities.has('shallow')
  const known = isShallow && have !== null ? have.commit : null // without its parents it must not be taken for the whole history
  return Buffer.concat([
    ...wants.map((want, nth) => pktLine(nth === 0 ? `want ${want} ${asked.join(' ')}\n` : `want ${want}\n`)),
    ...(filter === null ? [] : [pktLine(filter)]),
    ...(known === null ? [] : [pktLine(`shallow ${known}\n`)]),
    ...(depth === null || !isShallow ? [] : [pktLine(`deepen ${depth}\n`)]),
    FLUSH,
    ...(known === null ? [] : [pktLine(`have ${known}\n`)]),
    pktLine('done\n'),
  ])
}

/**
 * Where the history ends, what is common, then the pack: in bands where the server has them, else as it is.
 * @throws {FilterRefused} @throws {NotOnServer} @throws where it was cut, or the server gave up
 */
export function fetchedIn(answer: Buffer): Fetched {
  let at = 0
  while (answer.toString('latin1', at, at + 4) !== 'PACK') {
    const { packet, end } = packetAt(answer, at)
    throwSaidError([packet])
    if (packet !== 'flush' && !/^(shallow |unshallow |ACK |NAK$)/.test(textOf(packet)))
      return inBands(answer.subarray(at))
    at = end
  }
  return { pack: answer.subarray(at), release: NOTHING_HELD }
}

/** Such servers have small repos: what came is left to the garbage collection. */
const NOTHING_HELD = () => {}

function inBands(bytes: Buffer): Fetched {
  const packets = parsePackets(bytes)
  const { content, fatal } = demultiplex(packets)
  if (fatal !== '') throw new Error(`the git server gave up: ${fatal}`)
  if (packets.at(-1) !== 'flush') throw new Error("the git server's answer was cut")
  return { pack: content, release: NOTHING_HELD }
}
