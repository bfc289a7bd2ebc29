/** A Kubernetes cluster with Argo CD on loopback, for tests, the demo and the bench. */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { commandPathOf } from '../../src/adapters/child-process.ts'
import { startArgoCd } from './argocd.ts'
import { findArgoCd } from './argocd-programs.ts'
import { type ArgoCdRelease, NEWEST_ARGOCD } from './argocd-releases.ts'
import { dnsIsReady } from './cluster-dns.ts'
import { type Cluster, clusterOf } from './cluster-handle.ts'
import { engineTool, startInEngine } from './container-engine.ts'
import { startControlPlane } from './control-plane.ts'
import { endCluster, endOrphans } from './end-cluster.ts'
import { shieldPorts } from './node-network.ts'
import { nodeIsReady } from './node-ready.ts'
import { startServices } from './node-services.ts'
import { startPlayedNode } from './played-node.ts'
import { processOf } from './processes.ts'
import { findPrograms } from './programs.ts'
import { startRealNode, whyNoRealPods } from './real-node.ts'
import { allStates, type ClusterState, folderOf, readState, writeState } from './state.ts'

export type { Cluster } from './cluster-handle.ts'

/** In the names of a folder, whose sockets have room for so much, a cgroup and a table of nftables. */
const NAME = /^[a-z0-9][a-z0-9-]{0,19}$/
const UP = 'default'

export interface ClusterOptions {
  /** Unique on this machine; one that no other has unless given. */
  readonly name?: string
  /** As the machine allows it unless given: real where they start. */
  readonly pods?: 'real' | 'played'
  /** The release of Argo CD: the newest unless given. A cluster without can be registered in another's Argo CD. */
  readonly argocd?: ArgoCdRelease | false
  /** Whether it goes on when this process has ended: no unless given. */
  readonly isDetached?: boolean
  readonly log?: (line: string) => void
  readonly signal?: AbortSignal
}

/**
 * Builds what is to be built and starts it all. Where that fails or is aborted, nothing of it is left.
 * @throws {Error} real pods were asked for, and this machine can't run them: says why
 */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const { log = () => {}, signal = new AbortController().signal } = options
  const name = options.name ?? `t-${randomBytes(4).toString('hex')}`
  if (!NAME.test(name)) throw new Error(`${name} is no name for a cluster: at most 20 of a-z, 0-9 and -`)
  await endOrphans(log)
  if (readState(folderOf(name)) !== null) throw new Error(`there is a cluster ${name} already: end it first`)

  const tool = options.pods === undefined ? await engineTool() : null
  const state = await emptyState(name, options.pods ?? 'real', tool)
  const endWithUs = () => endAfterExit(state.folder)
  try {
    process.once('exit', endWithUs)
    await mkdir(join(state.folder, 'logs'), { recursive: true, mode: 0o700 })
    writeState(state)
    if (tool !== null) await startInEngine(state, tool, options.argocd ?? NEWEST_ARGOCD, log, signal)
    else await startByGo(state, options, log, signal)
    state.phase = 'up'
    if (options.isDetached === true) {
      state.owner = null
      process.off('exit', endWithUs)
    }
    writeState(state)
    return clusterOf(state.folder, () => process.off('exit', endWithUs))
  } catch (error) {
    process.off('exit', endWithUs)
    // The link is the first that real pods need of the machine: what failed before fails with played ones too.
    const isOfRealPods = state.link !== null
    await endCluster(state.folder)
    if (options.pods !== undefined || !isOfRealPods || signal.aborted) throw error
    log(`with real pods it does not start: ${error instanceof Error ? error.message : String(error)}`)
    return startCluster({ ...options, name, pods: 'played' })
  }
}

/** The cluster that `npm run cluster -- up` left running, null where there is none. */
export function findCluster(name: string = UP): Cluster | null {
  const state = readState(folderOf(name))
  return state === null || state.phase !== 'up' ? null : clusterOf(state.folder, () => {})
}

/** Every cluster of this user on this machine, half started ones too. */
export const knownClusters = (): readonly ClusterState[] => allStates()

async function emptyState(name: string, pods: 'real' | 'played', tool: 'k3d' | 'kind' | null): Promise<ClusterState> {
  const folder = folderOf(name)
  // Not recursive: of two that want the same name, one fails here.
  await mkdir(folder, { mode: 0o700 })
  const self = await processOf(process.pid)
  return {
    name,
    folder,
    owner: self === null ? null : { pid: self.pid, startedAt: self.startedAt },
    phase: 'starting',
    madeBy: tool ?? 'go',
    pods,
    apiServer: null,
    argocd: null,
    parts: [],
    link: null,
    isShielded: false,
    cgroup: null,
  }
}

async function startByGo(
  state: ClusterState,
  { pods, argocd: release = NEWEST_ARGOCD }: ClusterOptions,
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const whyNot = pods === 'played' ? 'they were asked for' : await whyNoRealPods()
  if (pods === 'real' && whyNot !== null) throw new Error(`real pods were asked for, and can't run here: ${whyNot}`)
  state.pods = whyNot === null ? 'real' : 'played'
  log(whyNot === null ? 'pods are real' : `pods are played by kwok: ${whyNot}`)
  if (release !== false && (await commandPathOf('redis-server', process.env.PATH ?? '')) === null) {
    throw new Error('Argo CD needs redis-server, which is not on the PATH: debian-packages.txt names what to install')
  }
  const programs = await findPrograms(log, signal)
  const argocd = release === false ? null : await findArgoCd(release, programs, log, signal)
  const timed = async (what: string, work: Promise<void>) => {
    const beganMs = performance.now()
    await work
    log(`${what}: ${((performance.now() - beganMs) / 1000).toFixed(1)} s`)
  }
  await timed('control plane', startControlPlane(state, programs, signal))
  const startNode = state.pods === 'real' ? startRealNode : startPlayedNode
  const node = async () => {
    await startNode(state, programs, signal)
    await nodeIsReady(state, signal)
    if (state.pods === 'real') await startServices(state, programs, signal)
  }
  await timed('node', node())
  if (argocd !== null)
    await timed(
      'Argo CD',
      startArgoCd(state, argocd, (port) => shield(state, port, log), signal),
    )
  // Its pod starts meanwhile.
  if (state.pods === 'real') await timed('names of Services', dnsIsReady(state, signal))
}

/** Only root may; the port shows figures and takes no orders. */
async function shield(state: ClusterState, port: number, log: (line: string) => void): Promise<void> {
  if (process.getuid?.() === 0) await shieldPorts(state, [port])
  else log(`application-controller's metrics listen at every address, port ${port}: only root can shield it`)
}

/** A process that ends without having closed its cluster has somebody else do it. */
function endAfterExit(folder: string): void {
  const state = readState(folder)
  if (state === null) return
  const command = ['--import', 'tsx', join(import.meta.dirname, 'cluster.ts'), 'down', '--name', state.name]
  const root = join(import.meta.dirname, '../..')
  // It looks for clusters where this process put them, which may have taken another TMPDIR for itself since.
  const env = { ...process.env, TMPDIR: dirname(folder) }
  spawn(process.execPath, command, { cwd: root, env, detached: true, stdio: 'ignore' }).unref()
}
