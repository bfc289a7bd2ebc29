/** Addresses that stand for what is outside of a cluster with real pods, as a NetworkPolicy tells them apart. */
import { command } from './command.ts'
import { tableOf } from './node-network.ts'
import type { ClusterState } from './state.ts'

/**
 * A pod that asks one of them comes to this machine's end of the link, at the same port. Nobody else does: whatever has
 * that address in this machine's own networks is left alone.
 */
export const OUTSIDE = {
  /** For documentation (RFC 5737): nobody's, and in no range that is private. */
  public: '203.0.113.1',
  /** Where clouds tell machines their credentials. */
  metadata: '169.254.169.254',
  /** One of each range of RFC 1918, and one of RFC 6598. */
  private: ['10.255.255.1', '172.16.0.1', '192.168.0.1', '100.64.0.1'],
} as const

/** @param inRouter how a command is run where pods hang: what goes before it */
export async function letPodsReachOutside(state: ClusterState, inRouter: readonly string[]): Promise<void> {
  const { link } = state
  if (link === null) throw new Error('the link is not there yet')
  const addresses = [OUTSIDE.public, OUTSIDE.metadata, ...OUTSIDE.private]
  for (const address of addresses)
    await command('nsenter', ...inRouter, 'ip', 'route', 'add', `${address}/32`, 'via', link.address)
  const table = tableOf(state)
  const from = `iifname "${link.name}" ip daddr { ${addresses.join(', ')} }`
  const rules = [
    `add chain inet ${table} outside { type nat hook prerouting priority -100; }`,
    `add rule inet ${table} outside ${from} dnat ip to ${link.address}`,
  ]
  await command('nft', rules.join('\n'))
}
