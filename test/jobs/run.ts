/** `npm run test:jobs`: the tests of Kubernetes Jobs, against a cluster whose pods are real. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { whyNoRealPods } from '../cluster/real-node.ts'
import { knownClusters, startCluster } from '../cluster/start-cluster.ts'

const NAME = 'jobs'

const USAGE = `npm run test:jobs -- [--aborted N] [--kills N] [--seed N] [FILE...]
  --aborted N   so many Jobs are aborted and counted: 200 unless given
  --kills N     so often the service is killed: 5 unless given
  --seed N      of the points of both, which a run tells: by chance unless given
  FILE...       those tests alone, as vitest takes them`

/** The options and the variables that tests read of them. */
const OPTIONS = { aborted: 'WESTAGE_JOBS_ABORTED', kills: 'WESTAGE_JOBS_KILLS', seed: 'WESTAGE_JOBS_SEED' } as const

/** @throws {Error} what is wrong with the command line */
async function run(args: readonly string[]): Promise<number> {
  const number = { type: 'string' } as const
  const { values, positionals: tests } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { aborted: number, kills: number, seed: number, help: { type: 'boolean', short: 'h' } },
  })
  if (values.help) {
    process.stdout.write(`${USAGE}\n`)
    return 0
  }
  const chosen: Record<string, string> = {}
  for (const option of ['aborted', 'kills', 'seed'] as const) {
    const value = values[option]
    if (value === undefined) continue
    if (!/^\d{1,9}$/.test(value)) throw new Error(`--${option} ${value} is no number\n${USAGE}`)
    chosen[OPTIONS[option]] = value
  }
  const whyNot = await whyNoRealPods()
  if (whyNot !== null && process.env.CI !== 'true') {
    process.stdout.write(`The tests of Kubernetes Jobs are skipped, pods can't run here: ${whyNot}\n`)
    return 0
  }
  const interrupted = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort(new Error(signal)))
  const log = (line: string) => process.stdout.write(`${line}\n`)
  // The one that `npm run cluster -- up --name jobs --no-argocd --pods real` left running, or one for this run alone.
  const isThere = knownClusters().some(({ name, phase }) => name === NAME && phase === 'up')
  const ours = isThere ? null : await startCluster({ pods: 'real', argocd: false, log, signal: interrupted.signal })
  try {
    const env = { ...process.env, ...chosen, WESTAGE_JOBS_CLUSTER: ours?.name ?? NAME }
    // Most of the time they wait for the cluster. None halts a part of it: the others need them.
    const files = tests.length === 0 ? ['test/jobs', 'test/adapters/build/builders.test.ts'] : tests
    const child = spawn('npx', ['vitest', 'run', ...files], { stdio: 'inherit', env })
    interrupted.signal.addEventListener('abort', () => child.kill('SIGTERM'))
    const [code] = await once(child, 'exit')
    return typeof code === 'number' ? code : 1
  } finally {
    await ours?.close()
  }
}

try {
  process.exitCode = await run(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
