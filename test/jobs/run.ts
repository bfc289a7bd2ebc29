/** `npm run test:jobs`: the tests of Kubernetes Jobs, against a cluster whose pods are real. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { whyNoRealPods } from '../cluster/real-node.ts'
import { findCluster, startCluster } from '../cluster/start-cluster.ts'

const NAME = 'jobs'

/** @param tests names of files, as vitest takes them; all without */
async function run(tests: readonly string[]): Promise<number> {
  const whyNot = await whyNoRealPods()
  if (whyNot !== null && process.env.CI !== 'true') {
    process.stdout.write(`The tests of Kubernetes Jobs are skipped, pods can't run here: ${whyNot}\n`)
    return 0
  }
  const interrupted = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort(new Error(signal)))
  const log = (line: string) => process.stdout.write(`${line}\n`)
  const asked = { name: NAME, pods: 'real', argocd: false, log, signal: interrupted.signal } as const
  // The one that `npm run cluster -- up --name jobs --no-argocd --pods real` left running, or one for this run.
  const ours = findCluster(NAME) === null ? await startCluster(asked) : null
  try {
    const env = { ...process.env, WESTAGE_JOBS_CLUSTER: NAME }
    // They share a cluster whose parts they halt.
    const files = tests.length === 0 ? ['test/jobs', 'test/adapters/build/builders.test.ts'] : tests
    const child = spawn('npx', ['vitest', 'run', ...files, '--no-file-parallelism'], { stdio: 'inherit', env })
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
