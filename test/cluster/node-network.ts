/** What a node with real pods changes of the machine's network: one bridge, and one table of nftables. */
import { networkInterfaces } from 'node:os'
import { ToolFailed } from '../../src/adapters/child-process.ts'
import { command } from './command.ts'
import { type ClusterState, writeState } from './state.ts'

/** 64 networks of 1,022 addresses each. */
const BRIDGES = 64
const PREFIX_LENGTH = 22
const NAME = 'westage'
const NETWORK = '10.213'

/**
 * Makes the bridge that the pods hang on, with the machine's own address there. There is no way out of it.
 * @throws {ToolFailed} the machine doesn't let us
 */
export async function makeBridge(state: ClusterState): Promise<void> {
  for (let index = 0; index < BRIDGES; index++) {
    const name = `${NAME}${index}`
    const network = `${NETWORK}.${index * 4}`
    if (isTaken(name, network)) continue
    try {
      await command('ip', 'link', 'add', name, 'type', 'bridge')
    } catch (error) {
      if (error instanceof ToolFailed && error.stderr.includes('File exists')) continue
      throw error
    }
    state.bridge = { name, address: `${network}.1`, prefixLength: PREFIX_LENGTH }
    writeState(state)
    await command('ip', 'address', 'add', `${network}.1/${PREFIX_LENGTH}`, 'dev', name)
    await command('ip', 'link', 'set', name, 'up')
    return
  }
  throw new Error(`all of the bridges ${NAME}0 to ${NAME}${BRIDGES - 1} are taken`)
}

const isTaken = (bridge: string, network: string): boolean =>
  Object.entries(networkInterfaces()).some(
    ([name, addresses]) => name === bridge || addresses?.some(({ address }) => address.startsWith(`${network}.`)),
  )

/**
 * Keeps to this machine what listens at every address (application-controller's metrics) or lets in whoever asks (the
 * node's API, at the bridge's address). A table of our own (nft(8)): other rules stay as they are, and hold as well.
 */
export async function shieldPorts(state: ClusterState, ports: readonly number[]): Promise<void> {
  const rules = ports.map((port) => `add rule inet ${tableOf(state)} input tcp dport ${port} drop`)
  if (!state.isShielded) {
    state.isShielded = true
    writeState(state)
    const { bridge } = state
    const own = ['"lo"', ...(bridge === null ? [] : [`"${bridge.name}"`])].join(', ')
    if (bridge !== null) rules.unshift(`add rule inet ${tableOf(state)} input ip daddr ${bridge.address} drop`)
    rules.unshift(
      `add table inet ${tableOf(state)}`,
      `add chain inet ${tableOf(state)} input { type filter hook input priority -1; policy accept; }`,
      `add rule inet ${tableOf(state)} input iifname { ${own} } accept`,
    )
  }
  await command('nft', rules.join('\n'))
}

/** Takes all of it away again; what is not there any more is no fault. */
export async function undoNetwork(state: ClusterState): Promise<void> {
  const { bridge, isShielded } = state
  if (isShielded && (await command('nft', 'list tables')).split('\n').includes(`table inet ${tableOf(state)}`)) {
    await command('nft', `delete table inet ${tableOf(state)}`)
  }
  if (bridge !== null && namesOf(await command('ip', '-o', 'link')).includes(bridge.name)) {
    await command('ip', 'link', 'del', bridge.name)
  }
}

/** Its names have no hyphens. */
const tableOf = ({ name }: ClusterState): string => `westage_${name.replaceAll('-', '_')}`

const namesOf = (links: string): string[] => links.split('\n').map((line) => line.split(': ')[1]?.split('@')[0] ?? '')
