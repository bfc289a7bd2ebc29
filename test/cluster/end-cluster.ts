import { rm, stat } from 'node:fs/promises'
import { removeCgroup } from './cgroups.ts'
import { removeFromEngine } from './container-engine.ts'
import { undoNetwork } from './node-network.ts'
import { isRunning, killAll } from './processes.ts'
import { allStates, readState } from './state.ts'

/**
 * Ends all processes of a cluster, and removes what they leave: network, cgroups, the folder with logs and data. The
 * node's mounts went with its first process. What is gone already is no fault: it can be repeated.
 * @throws {Error} the folder is another user's
 */
export async function endCluster(folder: string): Promise<void> {
  const owner = (await stat(folder).catch(() => null))?.uid
  if (owner !== undefined && owner !== process.getuid?.()) throw new Error(`${folder} is another user's`)
  const state = readState(folder)
  const noted = state?.parts.flatMap(({ process }) => (process === null ? [] : [process])) ?? []
  await killAll(folder, noted)
  if (state !== null) {
    if (state.madeBy !== 'go') await removeFromEngine(state.madeBy, state.name)
    await undoNetwork(state)
    if (state.cgroup !== null) await removeCgroup(state.cgroup)
  }
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
}

/** Ends the clusters whose owner ended without doing so. */
export async function endOrphans(log: (line: string) => void): Promise<void> {
  for (const { name, folder, owner } of allStates()) {
    if (owner === null || (await isRunning(owner))) continue
    log(`ending the cluster ${name}, whose process has ended`)
    await endCluster(folder)
  }
}
