/** Prepare in Jobs of a Kubernetes cluster: each has one work, and reaches nothing of the service but its conversation. */
import type { ArchiveGrants, Archives, ImageBuilder, Unpacker, Workspaces } from '../ports.ts'
import { imageSourceOf } from '../reconcile/prepare.ts'
import type { WorkerTools } from './frames.ts'
import { grantedArchives } from './granted-archives.ts'
import { prepareOn } from './prepare-on.ts'
import type { PrepareWorker } from './prepare-worker.ts'
import { unpackedBeside } from './unpacked-beside.ts'
import { startWorkerJob, type WorkerJobOptions } from './worker-job.ts'

export interface JobWorkerOptions extends WorkerJobOptions {
  readonly maxSaidBytes: number
  readonly tools: WorkerTools
  readonly archives: Archives & ArchiveGrants
  readonly unpacker: Unpacker
  readonly builder: ImageBuilder
  readonly workspaces: Workspaces
  /** Hears of a token for an archive that could not be revoked. */
  readonly failed: (error: unknown) => void
}

/** @param options of which `jobs` is the caller's to sweep and to close */
export function jobWorker(options: JobWorkerOptions): PrepareWorker {
  const { archives, builder, tools, maxSaidBytes, failed } = options
  const ending = new Set<Promise<void>>()
  return {
    async prepare(request, step, signal) {
      const images = await imageSourceOf(request, builder, step, signal)
      await using repo = await unpackedBeside(request, images, options, signal)
      const worker = await startWorkerJob(options, request, signal)
      const granted = grantedArchives(archives, request, ending, failed)
      const order = {
        ...{ request, images, tools, maxSaidBytes, place: null },
        giveArchive: granted.give,
        archiveTaken: granted.revoke,
        unpacked: repo.path,
      }
      try {
        return await prepareOn(worker, order, step, signal)
      } finally {
        granted.revoke()
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
