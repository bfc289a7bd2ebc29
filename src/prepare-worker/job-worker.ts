/** Prepare in Jobs of a Kubernetes cluster: each has one work, and reaches nothing of the service but its conversation. */
import type { Writable } from 'node:stream'
import type { ArchiveGrants, Archives, ImageBuilder, Unpacker, Workspaces } from '../ports.ts'
import { imageSourceOf, type PrepareRequest } from '../reconcile/prepare.ts'
import type { WorkerTools } from './frames.ts'
import { prepareOn } from './prepare-on.ts'
import type { PrepareWorker } from './prepare-worker.ts'
import { send } from './send.ts'
import { unpackedBeside } from './unpacked-beside.ts'
import { startWorkerJob, type WorkerJobOptions } from './worker-job.ts'

export interface JobWorkerOptions extends WorkerJobOptions {
  readonly maxSaidBytes: number
  readonly tools: WorkerTools
  readonly archives: Archives & ArchiveGrants
  readonly unpacker: Unpacker
  readonly builder: ImageBuilder
  readonly workspaces: Workspaces
}

/** @param options of which `jobs` is the caller's to sweep and to close */
export function jobWorker(options: JobWorkerOptions): PrepareWorker {
  const { archives, builder, tools, maxSaidBytes } = options
  const ending = new Set<Promise<void>>()
  return {
    async prepare(request, step, signal) {
      const images = await imageSourceOf(request, builder, step, signal)
      await using repo = await unpackedBeside(request, images, options, signal)
      const worker = await startWorkerJob(options, request, signal)
      const order = {
        ...{ request, images, tools, maxSaidBytes, place: null },
        giveArchive: granting(archives, request),
        unpacked: repo.path,
      }
      try {
        return await prepareOn(worker, order, step, signal)
      } finally {
        // Its result is there: nobody waits until the cluster has put the Job away.
        const ended = worker.end().finally(() => ending.delete(ended))
        ending.add(ended)
      }
    },
    async close() {
      await Promise.all(ending)
    },
  }
}

/** The worker fetches the archive by itself, with a token that opens this one repo for reading. */
const granting =
  (archives: ArchiveGrants, { target: { repository, sha } }: PrepareRequest) =>
  async (input: Writable, signal: AbortSignal): Promise<void> =>
    await send(input, { kind: 'archive from', grant: await archives.grant(repository.id, sha, signal) })
