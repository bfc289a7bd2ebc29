/** Where prepare runs, as the configuration has it: a part of what main.ts puts together. */
import { tarUnpacker } from './adapters/archive/unpack.ts'
import { kubeConfigOf } from './adapters/kubernetes/kube-config.ts'
import type { JobOwner } from './adapters/kubernetes-jobs/job-objects.ts'
import { openJobs } from './adapters/kubernetes-jobs/jobs.ts'
import { sweepJobs } from './adapters/kubernetes-jobs/sweep-jobs.ts'
import type { Logger } from './adapters/runs/redacted-logger.ts'
import type { Config } from './config/schema.ts'
import { conversations } from './prepare-worker/conversations.ts'
import { type InsideWorkerOptions, insideWorker } from './prepare-worker/inside-worker.ts'
import { type JobWorkerOptions, jobWorker } from './prepare-worker/job-worker.ts'
import { localWorker } from './prepare-worker/local-worker.ts'
import type { PrepareWorker } from './prepare-worker/prepare-worker.ts'
import { saidMaxBytes } from './prepare-worker/said-max-bytes.ts'
import { workerProgram } from './prepare-worker/worker-command.ts'
import { workerPod } from './prepare-worker/worker-pod.ts'
import { TIMER_MAX_MS } from './settings/durations.ts'
import { listen } from './web/listen.ts'
import { work } from './web/work.ts'

const MINUTE_MS = 60_000
/** No pull request waits longer for its images. Who ends a Job whose work takes too long is the service. */
const BUILDS_MAX_MS = 24 * 60 * MINUTE_MS

/**
 * Prepare where `worker.run` says. Whoever calls it sees to how many there are at a time.
 * @param closers gets what has to be closed after the worker
 */
export async function openPrepareWorker(
  config: Config,
  owner: JobOwner,
  parts: InsideWorkerOptions & Pick<JobWorkerOptions, 'archives'>,
  log: Logger,
  signal: AbortSignal,
  closers: (() => Promise<void>)[],
): Promise<PrepareWorker> {
  if (config.worker.run === 'kubernetes') return await openJobWorker(config, owner, parts, log, signal, closers)
  return workerOf(config, parts, (error) => log('warn', 'a worker could not be started or put away', { error }))
}

/** Prepare on Jobs: what a former process left of them is removed meanwhile. */
async function openJobWorker(
  { worker: { timeout, kubernetes } }: Config,
  owner: JobOwner,
  parts: InsideWorkerOptions & Pick<JobWorkerOptions, 'archives'>,
  log: Logger,
  signal: AbortSignal,
  closers: (() => Promise<void>)[],
): Promise<PrepareWorker> {
  if (kubernetes === null) throw new Error('worker.kubernetes is missing')
  const { kubeconfig, context, namespace, startTimeout, memoryMb } = kubernetes
  const note = (line: string) => log('info', line, { source: 'workers' })
  const lifeMs = Math.min(startTimeout + timeout + BUILDS_MAX_MS, TIMER_MAX_MS - MINUTE_MS)
  const limits = { maxMemoryMb: memoryMb, timeoutMs: timeout, startMs: startTimeout, lifeMs }
  const talks = conversations()
  // What a worker says comes in as long as it works.
  const listening = await listen(work(talks).fetch, { ...kubernetes.listen, requestMaxMs: lifeMs })
  closers.push(async () => {
    const closed = listening.close()
    listening.cut()
    await closed
  })
  const config = kubeConfigOf(kubeconfig, context)
  const jobs = openJobs({ config, namespace, owner, log: note })
  closers.push(jobs.close)
  sweepJobs(jobs, log, signal)
  log('info', 'listening for workers', { port: listening.port, server: kubernetes.server })
  return jobWorker({
    ...parts,
    failed: (error) => log('warn', 'a token for an archive was not revoked, and is good for its hour', { error }),
    ...{ jobs, limits, conversations: talks, unpacker: tarUnpacker(parts.tools.archive) },
    maxSaidBytes: saidMaxBytes(parts.tools.render.maxOutputBytes),
    podOf: (secret) => workerPod({ ...kubernetes, maxMemoryMb: memoryMb, maxDiskMb: kubernetes.diskMb }, secret),
  })
}

/** Prepare on this machine. */
function workerOf(
  { worker: { run, maxMemoryMb, maxCpu, timeout }, concurrency }: Config,
  parts: InsideWorkerOptions,
  failed: (error: unknown) => void,
): PrepareWorker {
  if (run === 'inside') return insideWorker(parts)
  return localWorker({
    ...parts,
    failed,
    program: workerProgram(maxMemoryMb),
    size: concurrency.prepares,
    limits: { maxMemoryMb, maxCpuMs: maxCpu, timeoutMs: timeout },
    maxSaidBytes: saidMaxBytes(parts.tools.render.maxOutputBytes),
  })
}
