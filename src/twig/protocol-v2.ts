/** Requests and answers of protocol version 2 (git documentation: gitprotocol-v2). */
import { Refused } from './errors.ts'
import { type FilterWay, filterLine } from './filter-way.ts'
import { isObjectId } from './git-object.ts'
import { openPackRoom } from './pack-room.ts'
import { openPacketReader } from './packet-reader.ts'
import { DELIMITER, FLUSH, type Packet, pktLine, pktLines, textOf } from './pkt-line.ts'
import { throwSaidError } from './server-errors.ts'
import type { Fetched, FetchRequest } from './transport.ts'

export const lsRefsRequest = (ref: string): Buffer =>
  Buffer.concat([pktLine('command=ls-refs\n'), DELIMITER, pktLine(`ref-prefix ${ref}\n`), FLUSH])

/** @returns the commit of that ref, null where the server has no such ref */
export function tipIn(packets: readonly Packet[], ref: string): string | null {
  throwSaidError(packets)
  if (packets.at(-1) !== 'flush') throw new Error("the git server's list of branches was cut")
  for (const packet of packets) {
    const [id = '', name = ''] = textOf(packet).split(' ')
    if (name === ref && isObjectId(id)) return id
    if (Buffer.isBuffer(packet) && !isObjectId(id)) {
      throw new Refused('not understood', 'The git repo is not of the SHA-1 format')
    }
  }
  return null
}

/** `done` at once: what the server needs to know of us is the one commit, and it answers with the pack. */
export function fetchRequest({ wants, depth, have, leaveOut }: FetchRequest, way: FilterWay): Buffer {
  const filter = filterLine(leaveOut, way)
  return Buffer.concat([
    pktLine('command=fetch\n'),
    DELIMITER,
    pktLine('no-progress\n'),
    pktLine('ofs-delta\n'),
    ...(have?.standsFor === 'itself' ? [pktLine(`shallow ${have.commit}\n`)] : []),
    ...(depth === null ? [] : [pktLine(`deepen ${depth}\n`)]),
    ...(filter === null ? [] : [pktLine(filter)]),
    pktLines(wants.map((want) => `want ${want}\n`)),
    ...(have === null ? [] : [pktLine(`have ${have.commit}\n`)]),
    pktLine('done\n'),
    FLUSH,
  ])
}

export interface FetchAnswer {
  /** Takes the next piece of the answer. @throws where it is no git server's */
  read(piece: Buffer): void
  /**
   * What was fetched, once nothing more comes.
   * @throws {FilterRefused} @throws {NotOnServer} @throws where it was cut, or the server gave up
   */
  fetched(): Fetched
}

const PACK_BAND = 1
const FATAL_BAND = 3

/** An answer that is read as it comes: the pack may be long, and nothing of it is to be there twice. */
export function openFetchAnswer(): FetchAnswer {
  const room = openPackRoom()
  const before: Packet[] = []
  const fatal: Buffer[] = []
  let isPackBegun = false
  let last: Packet | null = null
  const packets = openPacketReader((packet) => {
    last = packet
    if (!isPackBegun) {
      isPackBegun = textOf(packet) === 'packfile'
      before.push(Buffer.isBuffer(packet) ? Buffer.from(packet) : packet)
    } else if (Buffer.isBuffer(packet)) {
      if (packet[0] === PACK_BAND) room.add(packet.subarray(1))
      if (packet[0] === FATAL_BAND) fatal.push(Buffer.from(packet.subarray(1)))
    }
  })
  return {
    read: packets.read,
    fetched() {
      // Whoever gives up says nothing after it: of the two reasons this one tells more.
      if (fatal.length > 0) throw new Error(`the git server gave up: ${Buffer.concat(fatal).toString('utf8').trim()}`)
      packets.end()
      throwSaidError(before)
      if (!isPackBegun || last !== 'flush') throw new Error("the git server's answer was cut")
      return { pack: room.pack(), release: room.release }
    },
  }
}
