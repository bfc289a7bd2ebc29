/**
 * The smart HTTP transport: protocol version 2 for reading, and receive-pack for writing (git documentation:
 * gitprotocol-v2, gitprotocol-http, gitprotocol-pack). Nothing is asked about the server first: one request each, with
 * no capability that a server of version 2 could lack.
 */
import { Terminal } from '../../domain/errors.ts'
import { type GitHttpOptions, openGitHttp } from './git-http.ts'
import { isObjectId } from './git-object.ts'
import { DELIMITER, demultiplex, FLUSH, type Packet, parsePackets, pktLine, textOf } from './pkt-line.ts'
import {
  type BranchUpdate,
  type Fetched,
  type FetchRequest,
  NotOnServer,
  type PushOutcome,
  type Transport,
} from './transport.ts'

/** @param branch its name without `refs/heads/` */
export function openSmartHttp(options: GitHttpOptions & { readonly branch: string }): Transport {
  const http = openGitHttp(options)
  const ref = `refs/heads/${options.branch}`
  return {
    async tip(signal) {
      return tipIn(parsePackets(await http.post('git-upload-pack', lsRefsRequest(ref), signal)), ref)
    },
    async fetch(request, signal) {
      return fetchedIn(parsePackets(await http.post('git-upload-pack', fetchRequest(request), signal)))
    },
    async push(update, signal) {
      try {
        return outcomeIn(parsePackets(await http.post('git-receive-pack', pushRequest(update, ref), signal)), ref)
      } catch (cause) {
        if (cause instanceof Terminal || signal.aborted) throw cause
        return { kind: 'unknown', cause }
      }
    },
    close: http.close,
  }
}

const lsRefsRequest = (ref: string): Buffer =>
  Buffer.concat([pktLine('command=ls-refs\n'), DELIMITER, pktLine(`ref-prefix ${ref}\n`), FLUSH])

function tipIn(packets: readonly Packet[], ref: string): string | null {
  refuseError(packets)
  if (packets.at(-1) !== 'flush') throw new Error("the git server's list of branches was cut")
  for (const packet of packets) {
    const [id = '', name = ''] = textOf(packet).split(' ')
    if (name === ref && isObjectId(id)) return id
    if (Buffer.isBuffer(packet) && !isObjectId(id)) {
      throw new Terminal(
        'The GitOps repo is not of the SHA-1 format, or its server does not speak protocol version 2.',
        {
          whose: 'operator',
        },
      )
    }
  }
  return null
}

/** `done` at once: what the server needs to know of us is the one commit, and it answers with the pack. */
const fetchRequest = ({ want, depth, have, shallow }: FetchRequest): Buffer =>
  Buffer.concat([
    pktLine('command=fetch\n'),
    DELIMITER,
    pktLine('no-progress\n'),
    pktLine('ofs-delta\n'),
    ...shallow.map((id) => pktLine(`shallow ${id}\n`)),
    pktLine(`deepen ${depth}\n`),
    pktLine(`want ${want}\n`),
    ...(have === null ? [] : [pktLine(`have ${have}\n`)]),
    pktLine('done\n'),
    FLUSH,
  ])

function fetchedIn(packets: readonly Packet[]): Fetched {
  const at = packets.findIndex((packet) => textOf(packet) === 'packfile')
  refuseError(at < 0 ? packets : packets.slice(0, at))
  if (at < 0 || packets.at(-1) !== 'flush') throw new Error("the git server's answer was cut")
  const { content, fatal } = demultiplex(packets.slice(at + 1))
  if (fatal !== '') throw new Error(`the git server gave up: ${fatal}`)
  const shallow = packets
    .slice(0, at)
    .map(textOf)
    .filter((line) => line.startsWith('shallow '))
    .map((line) => line.slice('shallow '.length))
  return { pack: content, shallow }
}

/** `not our ref` is upload-pack's word for an object that it does not have, or not for everybody. */
function refuseError(packets: readonly Packet[]): void {
  const text = packets.map(textOf).find((line) => line.startsWith('ERR '))
  if (text === undefined) return
  if (text.includes('not our ref')) throw new NotOnServer(text.slice('ERR '.length))
  throw new Error(`the git server answered: ${text.slice('ERR '.length)}`)
}

/** The old id makes it a compare-and-swap: receive-pack moves the branch only from there. */
const pushRequest = ({ from, to, pack }: BranchUpdate, ref: string): Buffer =>
  Buffer.concat([pktLine(`${from} ${to} ${ref}\0 report-status side-band-64k agent=westage`), FLUSH, pack])

/** git documentation, gitprotocol-pack: "Report Status", in band 1 where the server knows side-band-64k. */
function outcomeIn(packets: readonly Packet[], ref: string): PushOutcome {
  const isPlain = textOf(packets[0]).startsWith('unpack ')
  const { content, words, fatal } = isPlain ? { content: null, words: [], fatal: '' } : demultiplex(packets)
  const report = (content === null ? packets : parsePackets(content)).map(textOf)
  const unpacked = report.find((line) => line.startsWith('unpack '))
  if (report.includes(`ok ${ref}`) && unpacked === 'unpack ok') return { kind: 'applied' }
  const refused = report.find((line) => line.startsWith(`ng ${ref}`))
  if (unpacked === 'unpack ok' && refused !== undefined) {
    return { kind: 'rejected', reason: refused.slice(`ng ${ref}`.length).trim(), words }
  }
  throw new Error(
    `the git server did not take the push: ${[unpacked, fatal, ...words].filter(Boolean).join('; ') || 'it did not say why'}`,
  )
}
