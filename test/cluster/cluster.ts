/** `npm run cluster -- up|down|status`. */

import { refuseOtherArgoCd } from './argocd-releases.ts'
import { endCluster } from './end-cluster.ts'
import { optionsIn } from './options.ts'
import { isRunning } from './processes.ts'
import { type Cluster, findCluster, knownClusters, startCluster } from './start-cluster.ts'
import { folderOf } from './state.ts'

const say = (line: string) => process.stdout.write(`${line}\n`)

const options = optionsIn(process.argv.slice(2))
if (typeof options === 'string') {
  process.stderr.write(`${options}\n`)
  process.exitCode = 2
} else {
  try {
    process.exitCode = await { up, down, status }[options.verb]()
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  }
}

async function up(): Promise<number> {
  if (typeof options === 'string') return 2
  const there = findCluster(options.name)
  if (there !== null) {
    if (options.argocd) refuseOtherArgoCd(there, options.argocd)
    say(`The cluster ${there.name} is up already.`)
    await tell(there)
    return 0
  }
  const interrupted = new AbortController()
  // Again and again: npm passes on a signal that the terminal has sent to all of us already.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => interrupted.abort(new Error(`${signal}: what was started is ended`)))
  }
  const beganMs = performance.now()
  const { name, pods, argocd } = options
  const cluster = await startCluster({
    name,
    ...(pods !== null && { pods }),
    ...(argocd !== null && { argocd }),
    isDetached: true,
    log: say,
    signal: interrupted.signal,
  })
  say(`The cluster ${name} is up after ${((performance.now() - beganMs) / 1000).toFixed(1)} s.`)
  await tell(cluster)
  return 0
}

async function tell({ name, kubeconfigPath, podsAre, logsDir, argocd }: Cluster): Promise<void> {
  say(`  kubeconfig  ${kubeconfigPath}`)
  say(`  pods        ${podsAre}`)
  if (argocd !== null) {
    say(`  Argo CD     ${argocd.version}, ${argocd.serverUrl}/api/v1 (its own UI is not built: only the API answers)`)
    say(`  log in      argocd login ${argocd.serverUrl.replace('http://', '')} --plaintext --username admin \\`)
    say(`                --password ${await argocd.adminPassword()}`)
  }
  say(`  logs        ${logsDir}`)
  say(`End it by: npm run cluster -- down${name === 'default' ? '' : ` --name ${name}`}`)
}

async function down(): Promise<number> {
  if (typeof options === 'string') return 2
  await endCluster(folderOf(options.name))
  say(`The cluster ${options.name} is down.`)
  return 0
}

/** Exit code 0 where the cluster of this name is up with all its parts, 1 otherwise. */
async function status(): Promise<number> {
  if (typeof options === 'string') return 2
  let isWhole = false
  for (const state of knownClusters()) {
    say(`${state.name}: ${state.phase === 'up' ? 'up' : 'starting, or left half started'}, pods ${state.pods}`)
    let isWell = state.phase === 'up'
    for (const { name, process } of state.parts) {
      const runs = process !== null && (await isRunning(process))
      isWell &&= runs
      say(`  ${name.padEnd(28)}${runs ? `runs, process ${process.pid}` : process === null ? 'stopped' : 'has ended'}`)
    }
    if (state.name === options.name) isWhole = isWell
  }
  const cluster = findCluster(options.name)
  if (cluster === null) say(`No cluster ${options.name} is up.`)
  else await tell(cluster)
  return isWhole ? 0 : 1
}
