/** A push: its request, and the server's report (git documentation: gitprotocol-pack, "Reference Update Request"). */
import {
  demultiplex,
  FLUSH,
  hasPacketAt,
  linesOf,
  type Packet,
  packetAt,
  parsePackets,
  pktLine,
  textOf,
} from './pkt-line.ts'
import type { BranchUpdate, PushOutcome } from './transport.ts'

/** What a server that speaks version 2 can do in a push: git has had these since 2012. */
export const COMMON_CAPABILITIES: ReadonlySet<string> = new Set(['report-status', 'side-band-64k', 'agent'])

/** Of the two reports the older says all that is needed: what becomes of one ref. */
function askedOf(capabilities: ReadonlySet<string>): readonly string[] {
  const report = ['report-status', 'report-status-v2'].find((each) => capabilities.has(each))
  const hasAgent = [...capabilities].some((each) => each === 'agent' || each.startsWith('agent='))
  return [
    ...(report === undefined ? [] : [report]),
    ...(capabilities.has('side-band-64k') ? ['side-band-64k'] : []),
    ...(hasAgent ? ['agent=westage'] : []),
  ]
}

/** The old id makes it a compare-and-swap: receive-pack moves the branch only from there. */
export function pushRequest({ from, to, pack }: BranchUpdate, ref: string, capabilities: ReadonlySet<string>): Buffer {
  const bases = capabilities.has('no-thin') ? 'in the pack' : 'anywhere'
  return Buffer.concat([pktLine(`${from} ${to} ${ref}\0 ${askedOf(capabilities).join(' ')}`), FLUSH, pack(bases)])
}

/**
 * The report, in band 1 where the server knows side-band-64k.
 * @throws where it was cut, or says that the pack could not be read
 */
export function outcomeIn(packets: readonly Packet[], ref: string): PushOutcome {
  const { content, words, fatal } = bandsOf(packets)
  const report = (content === null ? packets : parsePackets(content)).map(textOf)
  if (isTaken(report, ref)) return { kind: 'applied' }
  const unpacked = report.find((line) => line.startsWith('unpack '))
  const refused = report.find((line) => line.startsWith(`ng ${ref}`))
  // A hook before the pack is read (dulwich has them), and a pack too large, are refusals that stay.
  const isRefusal = unpacked === 'unpack ok' || words.some(isTooLarge) || /hook/.test(refused ?? '')
  if (refused !== undefined && isRefusal) {
    const tooLarge = words.find(isTooLarge)
    return {
      kind: 'rejected',
      reason: tooLarge ?? refused.slice(`ng ${ref}`.length).trim(),
      words: [...words, ...linesOf(fatal)],
    }
  }
  throw new Error(
    `the git server did not take the push: ${[unpacked, fatal, ...words].filter(Boolean).join('; ') || 'it did not say why'}`,
  )
}

/**
 * Where in an answer that is still coming the report ends that the push was taken; null where it is not there. The
 * branch has moved then: hooks that run afterwards, and the server's housekeeping, are nothing to wait for.
 */
export function endOfSuccess(answer: Buffer, ref: string): number | null {
  const packets: Packet[] = []
  for (let at = 0; hasPacketAt(answer, at); ) {
    const { packet, end } = packetAt(answer, at)
    packets.push(packet)
    at = end
    if (packet !== 'flush' && packet[0] !== REPORT_BAND) continue
    const { content } = bandsOf(packets)
    const isEnded = content === null ? packet === 'flush' : content.subarray(-FLUSH.length).equals(FLUSH)
    if (isEnded && isTaken((content === null ? packets : parsePackets(content)).map(textOf), ref)) return at
  }
  return null
}

const REPORT_BAND = 1

const isTaken = (report: readonly string[], ref: string): boolean =>
  report.includes(`ok ${ref}`) && report.includes('unpack ok')

const bandsOf = (packets: readonly Packet[]) =>
  textOf(packets[0]).startsWith('unpack ') ? NO_BANDS : demultiplex(packets)

const NO_BANDS = { content: null, words: [], fatal: '' }

/** index-pack's words where there is a receive.maxInputSize (git documentation, git-config). */
const isTooLarge = (line: string): boolean => line.includes('pack exceeds maximum allowed size')
