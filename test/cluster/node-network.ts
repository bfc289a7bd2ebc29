/** What a node with real pods changes of the machine's network: one link to its pods, and one table of nftables. */
import { writeFile } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { ToolFailed } from '../../src/adapters/child-process.ts'
import { command } from './command.ts'
import { type ClusterState, writeState } from './state.ts'

/** 64 networks of 1,022 addresses each. */
const LINKS = 64
const PREFIX_LENGTH = 22
const NAME = 'westage'
const NETWORK = '10.213'

/**
 * Makes the network namespace that pods hang on, which routes between them, and a link into it with the machine's own
 * address there. There is no way out of it: the namespace knows no other network, and the machine forwards nothing.
 * @param inside how a command is run in the node's room, which holds the namespace
 * @param router the file that the namespace is held by
 * @throws {ToolFailed} the machine doesn't let us
 */
export async function makeLink(state: ClusterState, inside: readonly string[], router: string): Promise<void> {
  const inRoom = (...args: string[]) => command('nsenter', ...inside, ...args)
  const inRouter = (...args: string[]) => inRoom('nsenter', `--net=${router}`, ...args)
  await writeFile(router, '')
  await inRoom('unshare', `--net=${router}`, 'true')
  const { name, address, router: gateway, pods } = await addLink(state, inRoom, router)
  await command('ip', 'address', 'add', `${address}/30`, 'dev', name)
  await command('ip', 'link', 'set', name, 'up')
  await command('ip', 'route', 'add', pods, 'via', gateway, 'src', address)
  await inRouter('ip', 'link', 'set', 'lo', 'up')
  await inRouter('ip', 'address', 'add', `${gateway}/30`, 'dev', 'machine')
  await inRouter('ip', 'link', 'set', 'machine', 'up')
  await inRouter('sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward')
  await inRouter('nft', TRUST_THE_MACHINE)
}

/** Probes come from the machine: no NetworkPolicy holds for them. This mark says that one of them let a packet in. */
const TRUST_THE_MACHINE = `add table inet machine
add chain inet machine trust { type filter hook prerouting priority -150; policy accept; }
add rule inet machine trust iifname "machine" meta mark set meta mark or 0x10000`

async function addLink(
  state: ClusterState,
  inRoom: (...args: string[]) => Promise<string>,
  router: string,
): Promise<NonNullable<ClusterState['link']>> {
  for (let index = 0; index < LINKS; index++) {
    const name = `${NAME}${index}`
    const network = `${NETWORK}.${index * 4}`
    if (isTaken(name, network)) continue
    try {
      await inRoom('ip', 'link', 'add', name, 'type', 'veth', 'peer', 'name', 'machine', 'netns', router)
    } catch (error) {
      if (error instanceof ToolFailed && error.stderr.includes('File exists')) continue
      throw error
    }
    const link = { name, address: `${network}.1`, router: `${network}.2`, pods: `${network}.0/${PREFIX_LENGTH}` }
    state.link = link
    writeState(state)
    return link
  }
  throw new Error(`all of the links ${NAME}0 to ${NAME}${LINKS - 1} are taken`)
}

const isTaken = (link: string, network: string): boolean =>
  Object.entries(networkInterfaces()).some(
    ([name, addresses]) => name === link || addresses?.some(({ address }) => address.startsWith(`${network}.`)),
  )

/**
 * Has the link's own address answer for the API server, which listens on loopback only, where pods do not get to.
 * @returns the port there
 */
export async function letPodsReachApiServer(state: ClusterState): Promise<number> {
  const { link, apiServer } = state
  if (link === null || apiServer === null) throw new Error('the link or the API server is not there yet')
  const port = 443
  // Of the link only, and goes with it: without, the kernel drops what comes from elsewhere for loopback.
  await writeFile(`/proc/sys/net/ipv4/conf/${link.name}/route_localnet`, '1')
  const table = tableOf(state)
  const from = `iifname "${link.name}" ip daddr ${link.address} tcp dport ${port}`
  const rules = [
    `add chain inet ${table} prerouting { type nat hook prerouting priority -100; }`,
    `add rule inet ${table} prerouting ${from} dnat ip to 127.0.0.1:${new URL(apiServer.url).port}`,
  ]
  await command('nft', rules.join('\n'))
  return port
}

/**
 * Keeps to this machine what listens at every address (application-controller's metrics) or lets in whoever asks (the
 * node's API, at the link's address). A table of our own (nft(8)): other rules stay as they are, and hold as well.
 */
export async function shieldPorts(state: ClusterState, ports: readonly number[]): Promise<void> {
  const rules = ports.map((port) => `add rule inet ${tableOf(state)} input tcp dport ${port} drop`)
  if (!state.isShielded) {
    state.isShielded = true
    writeState(state)
    const { link } = state
    const own = ['"lo"', ...(link === null ? [] : [`"${link.name}"`])].join(', ')
    if (link !== null) rules.unshift(`add rule inet ${tableOf(state)} input ip daddr ${link.address} drop`)
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
  const { link, isShielded } = state
  if (isShielded && (await command('nft', 'list tables')).split('\n').includes(`table inet ${tableOf(state)}`)) {
    await command('nft', `delete table inet ${tableOf(state)}`)
  }
  if (link !== null && namesOf(await command('ip', '-o', 'link')).includes(link.name)) {
    await command('ip', 'link', 'del', link.name)
  }
}

/** Its names have no hyphens. */
export const tableOf = ({ name }: ClusterState): string => `westage_${name.replaceAll('-', '_')}`

const namesOf = (links: string): string[] => links.split('\n').map((line) => line.split(': ')[1]?.split('@')[0] ?? '')
