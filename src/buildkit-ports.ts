/** How BuildKit is reached, as the configuration has it: a part of what main.ts puts together. */
import type { BuildJobSettings } from './adapters/build/buildkit-job.ts'
import type { BuildKitSettings } from './adapters/build/buildkit-settings.ts'
import { handedContexts } from './adapters/build/handed-contexts.ts'
import { kubeConfigOf } from './adapters/kubernetes/kube-config.ts'
import type { JobOwner } from './adapters/kubernetes-jobs/job-objects.ts'
import { openJobs } from './adapters/kubernetes-jobs/jobs.ts'
import type { Config } from './config/schema.ts'
import type { Log } from './ports.ts'

/** Where buildkitd listens as its own packages and units have it. */
const BUILDKITD = 'unix:///run/buildkit/buildkitd.sock'

/** Nothing is asked of buildkitd or of a cluster yet. @throws {Terminal} (operator) the kubeconfig has no such context */
export function buildKitOf(
  { builder, buildkit }: Config,
  owner: JobOwner,
  log: Log,
): BuildKitSettings | BuildJobSettings {
  const { address, job, tls, cacheTag, frontends } = buildkit
  if (job === null || builder !== 'buildkit') return { address: address ?? BUILDKITD, tls, cacheTag, frontends }
  const { kubeconfig, context, namespace, ...pod } = job
  const config = kubeConfigOf(kubeconfig, context)
  return {
    pod,
    cacheTag,
    frontends,
    jobs: openJobs({ config, namespace, owner, log }),
    contexts: handedContexts(),
  }
}
