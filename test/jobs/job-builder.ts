/** A builder that builds in Jobs of the tests' cluster, and the part of WeStage's server that its pods ask. */
import { join } from 'node:path'
import { Hono } from 'hono'
import type { BuilderSettings } from '../../src/adapters/build/builder-settings.ts'
import { type BuildJobSettings, buildKitJobs } from '../../src/adapters/build/buildkit-job.ts'
import { type HandedContexts, handedContexts } from '../../src/adapters/build/handed-contexts.ts'
import type { ImageBuilder } from '../../src/ports.ts'
import { buildContext } from '../../src/web/build-context.ts'
import { listen } from '../../src/web/listen.ts'
import { pushRootlessBuildKit } from '../buildkit/rootless-image.ts'
import { givenJobWorld, type JobWorld } from './job-cluster.ts'

export interface JobBuilder {
  readonly world: JobWorld
  builder(settings: BuilderSettings, job?: Partial<BuildJobSettings>): ImageBuilder
  readonly contexts: HandedContexts
  /** Where its pods fetch contexts. */
  readonly url: string
  close(): Promise<void>
}

/** Of a builder that pushes to this registry. */
export const builderSettings = (
  host: string,
  workDir: string,
  {
    tag = '{sha}',
    authFile = null,
    timeoutMs = 90_000,
  }: { readonly tag?: string; readonly authFile?: string | null; readonly timeoutMs?: number } = {},
): BuilderSettings => ({
  registry: { repository: `${host}/team/{app}`, tag, plainHttp: true, authFile },
  credentials: { authFile, helperEnvironment: {} },
  timeoutMs,
  path: '',
  env: {},
  webUrl: 'https://github.com',
  workDir,
  cacheDir: join(workDir, 'cache'),
})

/** @throws no cluster is up */
export async function startJobBuilder(): Promise<JobBuilder> {
  const world = await givenJobWorld()
  const image = await pushRootlessBuildKit(world.registry.host, () => {})
  const contexts = handedContexts()
  const app = new Hono().route('/build-context', buildContext(contexts.take))
  const host = world.cluster.addressForPods ?? ''
  const listening = await listen(app.fetch, { host, port: 0 })
  const url = `http://${host}:${listening.port}`
  const jobs = world.jobs()
  const pod = {
    ...{ image, url, diskSize: '2Gi', nodeSelector: {}, tolerations: [] },
    resources: { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '2Gi' } },
  }
  return {
    ...{ world, contexts, url },
    builder: (settings, job = {}) =>
      buildKitJobs(settings, { pod, jobs, contexts, cacheTag: null, frontends: [], ...job }),
    async close() {
      await jobs.close()
      listening.cut()
      await listening.close()
      await world.close()
    },
  }
}
