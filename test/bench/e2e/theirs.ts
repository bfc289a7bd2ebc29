/** The shell script, one process for each pull request, all of them side by side. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { z } from 'zod'
import { runTool } from '../../../src/adapters/child-process.ts'
import type { Cluster } from '../../cluster/start-cluster.ts'
import { contentOf, sampleFiles } from '../../e2e/sample.ts'
import { type GitHub, startGitHub } from '../../servers/github/github.ts'
import type { RunningRegistry } from '../../servers/registry.ts'
import { installationToken, kustomizeCommand } from '../by-hand.ts'
import { closingOnFailure, REPOSITORY, REQUESTS_PER_HOUR } from '../doubles.ts'
import { openPulls } from '../pulls.ts'
import { placesInSecond } from './place-in-second.ts'
import { registryOfImages, type Side, type Timed } from './side.ts'

const KUBECTL_TIMEOUT_MS = 120_000
const SaidSchema = z.object({ namespace: z.string(), steps: z.record(z.string(), z.number()) })

/** @param previewAddress where the hosts of all previews of the cluster answer */
export async function startTheirs(cluster: Cluster, previewAddress: string): Promise<Side> {
  const registry = await registryOfImages()
  const github = await startGitHub({ requestsPerHour: REQUESTS_PER_HOUR })
  const dir = await mkdtemp(join(tmpdir(), 'westage-bench-'))
  const close = async () => {
    await Promise.all([github.close(), registry.close()])
    await rm(dir, { recursive: true, force: true, maxRetries: 5 })
  }
  const env = await closingOnFailure({ close }, environmentOf(github, registry, cluster, previewAddress, dir))

  const nextPlace = placesInSecond()

  async function preview(pull: number, startedAtMs: number): Promise<Timed & { namespace: string }> {
    const branch = github.pulls(REPOSITORY).find(({ number }) => number === pull)?.branch ?? ''
    const args = ['test/bench/e2e/by-hand.sh', String(pull), github.headOf(REPOSITORY, pull), branch]
    const script = spawn('bash', args, { stdio: ['ignore', 'pipe', 'inherit'], env })
    const [said, [code]] = await Promise.all([text(script.stdout), once(script, 'exit')])
    const liveMs = Date.now() - startedAtMs
    if (code !== 0) throw new Error(`the script ended with ${code} for #${pull}`)
    return { liveMs, ownMs: null, ...SaidSchema.parse(JSON.parse(said)) }
  }

  async function remove(namespaces: readonly string[]): Promise<void> {
    const { signal } = new AbortController()
    const args = ['delete', 'namespace', ...namespaces]
    await runTool({ command: 'kubectl', args, cwd: dir, env, timeoutMs: KUBECTL_TIMEOUT_MS, signal })
  }

  return {
    async round(count) {
      const pulls = openPulls(github, count, contentOf)
      await nextPlace()
      const startedAtMs = Date.now()
      const previews = await Promise.all(pulls.map((pull) => preview(pull, startedAtMs)))
      await remove(previews.map(({ namespace }) => namespace))
      return previews
    },
    close,
  }
}

/** What a person would have at hand. */
async function environmentOf(
  github: GitHub,
  registry: RunningRegistry,
  cluster: Cluster,
  previewAddress: string,
  dir: string,
): Promise<Record<string, string>> {
  github.addRepository(REPOSITORY, await sampleFiles(true))
  const work = join(dir, 'work')
  await mkdir(work)
  return {
    PATH: process.env.PATH ?? '',
    HOME: dir,
    KUBECONFIG: cluster.kubeconfigPath,
    GITHUB_API: github.apiUrl,
    GITHUB_TOKEN: await installationToken(github),
    REPOSITORY,
    PREVIEW_ADDRESS: previewAddress,
    IMAGE: `${registry.host}/shop`,
    STORE: join(dir, 'store'),
    KUSTOMIZE: await kustomizeCommand(),
    WORK: work,
  }
}
