/** Requests and answers of protocol version 2 (git documentation: gitprotocol-v2). */
import { Refused } from './errors.ts'
import { type FilterWay, filterLine } from './filter-way.ts'
import { isObjectId } from './git-object.ts'
import { DELIMITER, demultiplex, FLUSH, type Packet, pktLine, pktLines, textOf } from './pkt-line.ts'
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

/** @throws {FilterRefused} @throws {NotOnServer} @throws where it was cut, or the server gave up */
export function fetchedIn(packets: readonly Packet[]): Fetched {
  const at = packets.findIndex((packet) => textOf(packet) === 'packfile')
  throwSaidError(at < 0 ? packets : packets.slice(0, at))
  if (at < 0 || packets.at(-1) !== 'flush') throw new Error("the git server's answer was cut")
  const { content, fatal } = demultiplex(packets.slice(at + 1))
  if (fatal !== '') throw new Error(`the git server gave up: ${fatal}`)
  return { pack: content }
}
