/**
 * A whole instance that has its work done in Jobs of the tests' cluster by the rights of `argocd/jobs` alone, with GitHub's
 * double where pods reach it.
 */
import { pushRootlessBuildKit } from '../buildkit/rootless-image.ts'
import { freePorts } from '../cluster/free-ports.ts'
import { type Given, givenInstance } from '../loop/given.ts'
import { type RunningRegistry, requireRegistry } from '../servers/registry.ts'
import { givenJobWorld, type JobWorld, pushShell } from './job-cluster.ts'
import { pushWestage } from './push-westage.ts'
import { type WatchedJobs, watchJobs } from './watched-jobs.ts'

export interface ServiceWorld {
  readonly world: JobWorld
  /** What builds push to, and what their Dockerfiles begin with an image of that has `sh` and `sleep`. */
  readonly registry: RunningRegistry
  readonly shell: string
  /** An instance with one repo; one at a time. Images are built in Jobs whichever way prepare goes. */
  instance(run: 'inside' | 'kubernetes', files: Readonly<Record<string, string>>): Promise<Given>
  /** Those that there were. */
  readonly jobs: WatchedJobs
  close(): Promise<void>
}

/** @throws no cluster is up */
export async function givenServiceWorld(): Promise<ServiceWorld> {
  const world = await givenJobWorld()
  const { config, namespace, cluster, kubeconfigPath } = world
  const host = cluster.addressForPods ?? ''
  const [westage, buildkit] = [
    await pushWestage(world.registry.host),
    await pushRootlessBuildKit(world.registry.host, () => {}),
  ]
  const registry = await requireRegistry({ address: host })
  const ports = await freePorts(['service', 'workers'])
  const place = { kubeconfig: kubeconfigPath, namespace }
  const job = {
    ...place,
    image: buildkit,
    url: `http://${host}:${ports.service}`,
    diskSize: '2Gi',
    resources: { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '2Gi' } },
  }
  const kubernetes = {
    ...place,
    image: westage,
    server: `http://${host}:${ports.workers}`,
    listen: { host, port: ports.workers },
    memoryMb: 1024,
    diskMb: 1024,
  }
  const jobs = await watchJobs(config, namespace)
  return {
    ...{ world, registry, jobs },
    shell: await pushShell(registry.host),
    instance: (run, files) =>
      givenInstance(
        {
          listen: { host, port: ports.service },
          settings: {
            builder: 'buildkit',
            buildkit: { job },
            registry: { repository: `${registry.host}/{app}`, plainHttp: true },
            worker: { run, ...(run === 'kubernetes' && { kubernetes }) },
          },
        },
        files,
      ),
    async close() {
      await jobs.stop()
      await registry.close()
      await world.close()
    },
  }
}
