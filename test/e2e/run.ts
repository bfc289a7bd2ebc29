/** `npm run test:e2e`: the end-to-end tests against a cluster with a real Argo CD. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type ArgoCdRelease, argocdReleaseOf, refuseOtherArgoCd } from '../cluster/argocd-releases.ts'
import { findCluster, startCluster } from '../cluster/start-cluster.ts'

const USAGE = `npm run test:e2e -- [--stand-in | --two-clusters | --kubeconfig F --argocd URL] [--name NAME] [--argocd 3.5|3.2]
                     [--nudge annotations|webhook] [--many N] [name of a test]
  the cluster that \`npm run cluster -- up\` left running, or one for this run
  --stand-in      the stand-in of the demo instead, as in \`npm test\`
  --two-clusters  previews run in a second cluster, with played pods
  --kubeconfig F  an administrator's, of a cluster with Argo CD: then --argocd is argocd-server's address. Its nodes must
                  reach this machine's loopback, where the git server and the registry are, and this machine its pods
  --name NAME     the cluster that \`npm run cluster -- up --name NAME\` left running, or one for this run by this name
  --argocd 3.2    the release of Argo CD, where --kubeconfig is not given: for this run's own cluster 3.5 unless given
  --nudge KIND    how Argo CD is told of pushes: annotations unless given
  --many N        how many pull requests at once: 50 unless given`

interface Options {
  readonly backend: 'cluster' | 'stand-in' | 'two-clusters'
  readonly own: { readonly kubeconfig: string; readonly argocd: string } | null
  readonly name: string
  /** null where any will do. */
  readonly release: ArgoCdRelease | null
  readonly nudge: string
  readonly many: string | null
  readonly test: string | null
}

function optionsIn(args: readonly string[]): Options | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        'stand-in': { type: 'boolean', default: false },
        'two-clusters': { type: 'boolean', default: false },
        kubeconfig: { type: 'string' },
        argocd: { type: 'string' },
        name: { type: 'string', default: 'default' },
        nudge: { type: 'string', default: 'annotations' },
        many: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    if (values.help) return USAGE
    const { kubeconfig, argocd, name } = values
    if (kubeconfig !== undefined && argocd === undefined) return `--kubeconfig needs --argocd\n${USAGE}`
    const own = kubeconfig === undefined || argocd === undefined ? null : { kubeconfig: resolve(kubeconfig), argocd }
    const release = argocd === undefined || own !== null ? null : argocdReleaseOf(argocd)
    if (values.nudge !== 'annotations' && values.nudge !== 'webhook') return `--nudge ${values.nudge}?\n${USAGE}`
    if (values.many !== undefined && !/^[1-9][0-9]{0,3}$/.test(values.many)) return `--many ${values.many}?\n${USAGE}`
    const backend = values['stand-in'] ? 'stand-in' : values['two-clusters'] ? 'two-clusters' : 'cluster'
    const { nudge, many = null } = values
    return { backend, own, name, release, nudge, many, test: positionals[0] ?? null }
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)}\n${USAGE}`
  }
}

const options = optionsIn(process.argv.slice(2))
if (typeof options === 'string') {
  process.stderr.write(`${options}\n`)
  process.exitCode = 2
} else {
  try {
    process.exitCode = await run(options)
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  }
}

async function run({ backend, own, name, release, nudge, many, test }: Options): Promise<number> {
  const needsCluster = backend !== 'stand-in' && own === null
  const there = needsCluster ? findCluster(name) : null
  if (there !== null && release !== null) refuseOtherArgoCd(there, release)
  const interrupted = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort(new Error(signal)))
  const log = (line: string) => process.stdout.write(`${line}\n`)
  const asked = { name, ...(release !== null && { argocd: release }), log, signal: interrupted.signal }
  const ours = needsCluster && there === null ? await startCluster(asked) : null
  try {
    const env = {
      ...process.env,
      WESTAGE_E2E: backend,
      WESTAGE_E2E_CLUSTER: name,
      WESTAGE_E2E_NUDGE: nudge,
      ...(own !== null && { WESTAGE_E2E_KUBECONFIG: own.kubeconfig, WESTAGE_E2E_ARGOCD: own.argocd }),
      ...(many !== null && { WESTAGE_E2E_MANY: many }),
    }
    // They share a cluster, and count what is in it.
    const args = [
      'vitest',
      'run',
      'test/e2e',
      '--no-file-parallelism',
      ...(test === null ? [] : ['--testNamePattern', test]),
    ]
    const child = spawn('npx', args, { stdio: 'inherit', env })
    interrupted.signal.addEventListener('abort', () => child.kill('SIGTERM'))
    const [code] = await once(child, 'exit')
    return typeof code === 'number' ? code : 1
  } finally {
    await ours?.close()
  }
}
