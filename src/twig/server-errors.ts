/** What a git server says instead of an answer (git documentation: gitprotocol-pack, "pkt-line Format", `ERR`). */
import { type Packet, textOf } from './pkt-line.ts'
import { NotOnServer } from './transport.ts'

/** The server is set up not to leave out what it was asked to (git documentation, git-config: uploadpackfilter). */
export class FilterRefused extends Error {
  override readonly name = 'FilterRefused'
}

/** `not our ref` is upload-pack's word for an object that it does not have, or not for everybody. */
export function throwSaidError(packets: readonly Packet[]): void {
  const said = packets.map(textOf).find((line) => line.startsWith('ERR '))
  if (said === undefined) return
  const text = said.slice('ERR '.length)
  if (text.includes('not our ref')) throw new NotOnServer(text)
  if (/^(filter|tree filter) /.test(text)) throw new FilterRefused(text)
  throw new Error(`the git server answered: ${text}`)
}
