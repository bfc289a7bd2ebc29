/**
 * A node whose pods really run, by kubelet, containerd and runc: in a room of their own, with a network of their own
 * that the machine has a link into, so that their addresses are reached from it.
 */
import { join } from 'node:path'
import { commandPathOf } from '../../src/adapters/child-process.ts'
import { makeCgroup } from './cgroups.ts'
import { command, PATH_OF_ROOT } from './command.ts'
import { freePorts } from './free-ports.ts'
import { CNI_FOLDERS, cniFolder, routerOf, writeNodeConfig } from './node-config.ts'
import { makeLink, shieldPorts } from './node-network.ts'
import { makeRoom } from './node-room.ts'
import { partIsReady, partOf, startPart } from './parts.ts'
import type { Programs } from './programs.ts'
import { type ClusterState, kubeconfigOf, type Part, writeState } from './state.ts'

export const REAL_NODE = 'node'
const NEEDED = ['unshare', 'nsenter', 'ip', 'nft', 'iptables', 'ipset', 'containerd', 'ctr', 'runc']

/** Why this machine can't run pods, null where it can. */
export async function whyNoRealPods(): Promise<string | null> {
  if (process.platform !== 'linux') return 'this is not Linux'
  if (process.getuid?.() !== 0) return 'only root may run them'
  const missing = []
  for (const name of NEEDED) if ((await commandPathOf(name, PATH_OF_ROOT)) === null) missing.push(name)
  if (missing.length > 0) return `${missing.join(', ')} not found (debian-packages.txt names the packages)`
  if ((await cniFolder()) === null) return `no network plugins in ${CNI_FOLDERS.join(' or ')}`
  try {
    await command('unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', 'true')
    await command('nft', 'list tables')
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

export async function startRealNode(state: ClusterState, programs: Programs, signal: AbortSignal): Promise<void> {
  const folder = join(state.folder, 'node')
  const inside = await makeRoom(state, programs, folder, signal)
  await makeLink(state, inside, routerOf(folder))
  await shieldPorts(state, [])
  state.cgroup = `westage-${state.name}`
  writeState(state)
  await makeCgroup(state.cgroup)
  const ports = await freePorts(['containerd', 'kubelet'])
  await writeNodeConfig(state, folder, ports)
  const containerd: Part = {
    name: 'containerd',
    command: 'nsenter',
    args: [...inside, 'containerd', '--config', join(folder, 'containerd.toml')],
    env: { PATH: PATH_OF_ROOT },
    readyUrl: `http://127.0.0.1:${ports.containerd}/v1/metrics`,
  }
  await startPart(state, containerd)
  await importImages(state, programs, folder, signal)
  const kubelet: Part = {
    name: 'kubelet',
    command: 'nsenter',
    args: [
      ...inside,
      join(programs.folder, 'kubelet'),
      `--config=${join(folder, 'kubelet.json')}`,
      `--kubeconfig=${kubeconfigOf(state.folder)}`,
      `--root-dir=${join(folder, 'kubelet')}`,
      `--hostname-override=${REAL_NODE}`,
      `--node-ip=${state.link?.address}`,
    ],
    env: { PATH: PATH_OF_ROOT },
    readyUrl: `http://127.0.0.1:${ports.kubelet}/healthz`,
  }
  await startPart(state, kubelet)
  await partIsReady(state, kubelet, signal)
}

async function importImages(state: ClusterState, programs: Programs, folder: string, signal: AbortSignal) {
  await partIsReady(state, partOf(state, 'containerd'), signal)
  const socket = ['--address', join(folder, 'containerd.sock'), '--namespace', 'k8s.io']
  for (const image of ['pause.tar', 'coredns.tar']) {
    await command('ctr', ...socket, 'images', 'import', join(programs.folder, image))
  }
}
