/**
 * The smart HTTP transport: protocol version 2 for reading, and receive-pack for writing (git documentation:
 * gitprotocol-v2, gitprotocol-http, gitprotocol-pack). The server is asked once what it can leave out of what it sends;
 * besides, nothing is asked first: one request each.
 */
import { Refused } from './errors.ts'
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
  /** What the server leaves out, as far as it is known: asked once, and less where it refuses. */
  let ways: readonly Way[] | null = null
  const way = async (signal: AbortSignal): Promise<Way> => {
    ways ??= waysIn(parsePackets(await http.discover('git-upload-pack', signal)))
    return ways[0] ?? 'all'
  }

  return {
    async tip(signal) {
      return tipIn(parsePackets(await http.post('git-upload-pack', lsRefsRequest(ref), signal)), ref)
    },
    async fetch(request, signal) {
      for (;;) {
        const current = request.leaveOut === 'nothing' ? 'all' : await way(signal)
        const packets = parsePackets(await http.post('git-upload-pack', fetchRequest(request, current), signal))
        if (current === 'all' || !isFilterRefused(packets)) return fetchedIn(packets)
        ways = (ways ?? []).filter((other) => other !== current)
      }
    },
    async push(update, signal) {
      try {
        return outcomeIn(parsePackets(await http.post('git-receive-pack', pushRequest(update, ref), signal)), ref)
      } catch (cause) {
        if (cause instanceof Refused || signal.aborted) throw cause
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
      throw new Refused(
        'not understood',
        'The git repo is not of the SHA-1 format, or its server does not speak protocol version 2',
      )
    }
  }
  return null
}

/** How objects are left out: trees by their level, all files, or nothing. */
type Way = 'trees' | 'files' | 'all'

/** git documentation, gitprotocol-v2: "Capability Advertisement"; over HTTP a line with the service may come first. */
function waysIn(packets: readonly Packet[]): readonly Way[] {
  const fetch = packets.map(textOf).find((line) => line === 'fetch' || line.startsWith('fetch='))
  const features = fetch?.slice('fetch='.length).split(' ') ?? []
  return features.includes('filter') ? ['trees', 'files', 'all'] : ['all']
}

/** upload-pack's words where its configuration forbids a filter (git documentation, git-config: uploadpackfilter). */
const isFilterRefused = (packets: readonly Packet[]): boolean =>
  packets.some((packet) => /^ERR (filter|tree filter) /.test(textOf(packet)))

function filterLine(leaveOut: FetchRequest['leaveOut'], way: Way): readonly Buffer[] {
  if (leaveOut === 'nothing' || way === 'all') return []
  return [pktLine(way === 'trees' ? `filter tree:${leaveOut.treesFrom}\n` : 'filter blob:none\n')]
}

/** `done` at once: what the server needs to know of us is the one commit, and it answers with the pack. */
const fetchRequest = ({ wants, depth, have, leaveOut }: FetchRequest, way: Way): Buffer =>
  Buffer.concat([
    pktLine('command=fetch\n'),
    DELIMITER,
    pktLine('no-progress\n'),
    pktLine('ofs-delta\n'),
    ...(have === null ? [] : [pktLine(`shallow ${have}\n`)]),
    ...(depth === null ? [] : [pktLine(`deepen ${depth}\n`)]),
    ...filterLine(leaveOut, way),
    ...wants.map((want) => pktLine(`want ${want}\n`)),
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
  return { pack: content }
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
