/** A push: its request, and the server's report (git documentation: gitprotocol-pack, "Reference Update Request"). */
import { demultiplex, FLUSH, linesOf, type Packet, parsePackets, pktLine, textOf } from './pkt-line.ts'
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
  const isPlain = textOf(packets[0]).startsWith('unpack ')
  const { content, words, fatal } = isPlain ? NO_BANDS : demultiplex(packets)
  const report = (content === null ? packets : parsePackets(content)).map(textOf)
  const unpacked = report.find((line) => line.startsWith('unpack '))
  const refused = report.find((line) => line.startsWith(`ng ${ref}`))
  if (report.includes(`ok ${ref}`) && unpacked === 'unpack ok') return { kind: 'applied' }
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

const NO_BANDS = { content: null, words: [], fatal: '' }

/** index-pack's words where there is a receive.maxInputSize (git documentation, git-config). */
const isTooLarge = (line: string): boolean => line.includes('pack exceeds maximum allowed size')
