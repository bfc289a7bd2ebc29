/** Prepare in processes of this machine, none of which is shown a secret. */
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { usageOf } from '../adapters/process-usage.ts'
import { startWorkerProcess, type WorkerLimits } from '../adapters/worker-process.ts'
import type { Archives, ImageBuilder, Workspaces } from '../ports.ts'
import { imageSourceOf, type Prepared, type PrepareRequest } from '../reconcile/prepare.ts'
import type { RunStep } from '../reconcile/steps.ts'
import type { WorkerTools } from './frames.ts'
import { lineReaderOf } from './line-reader.ts'
import { prepareOn, type Worker } from './prepare-on.ts'
import type { NodeProgram } from './worker-command.ts'
import { workerPool } from './worker-pool.ts'

export interface LocalWorkerOptions {
  readonly program: NodeProgram
  /** How many works are under way at most. */
  readonly size: number
  readonly limits: WorkerLimits
  readonly maxSaidBytes: number
  readonly tools: WorkerTools
  /** Where workers have their folders. */
  readonly workDir: string
  readonly archives: Archives
  readonly builder: ImageBuilder
  readonly workspaces: Workspaces
  readonly failed: (error: unknown) => void
}

export interface LocalWorker {
  /** As `prepare` of reconcile, and the same bundle. @throws beside that as `prepareOn` */
  prepare(request: PrepareRequest, step: RunStep, signal: AbortSignal): Promise<Prepared>
  /** Ends all workers. */
  close(): Promise<void>
}

/** Of the memory that one work may take. */
const LARGE = 0.5

interface HousedWorker extends Worker {
  readonly home: string
}

/** @param options whose `size` nobody may exceed: turns are the caller's */
export function localWorker(options: LocalWorkerOptions): LocalWorker {
  const { size, workDir, archives, builder, workspaces, failed, program, limits, maxSaidBytes, tools } = options
  const pool = workerPool<HousedWorker>({
    size,
    start: () => startIn(workDir, program),
    isAlive: ({ process }) => process.isAlive(),
    async end({ process, home }) {
      await process.kill()
      await rm(home, { recursive: true, force: true })
    },
    failed,
  })
  return {
    async prepare(request, step, signal) {
      const images = await imageSourceOf(request, builder, step, signal)
      await using workspace = await workspaces.open()
      const order = { request, images, archives, tools, folder: workspace.path, limits, maxSaidBytes }
      // Whoever may push to one branch of a repo may push to the others, and forks get no preview.
      return await pool.use(request.target.repository.id, async (worker) => {
        try {
          return await prepareOn(worker, order, step, signal)
        } finally {
          await endIfLarge(worker, limits)
        }
      })
    },
    close: pool.close,
  }
}

/** What the last work left in memory is not to be held against the next. */
async function endIfLarge({ process }: Worker, { maxMemoryMb }: WorkerLimits): Promise<void> {
  const usage = await usageOf(process.pid)
  if (usage !== null && usage.residentMb > maxMemoryMb * LARGE) await process.kill()
}

async function startIn(workDir: string, { command, args, temporary }: NodeProgram): Promise<HousedWorker> {
  const home = await mkdtemp(join(workDir, 'worker-'))
  try {
    const process = await startWorkerProcess({
      command,
      args,
      cwd: home,
      env: { HOME: home, TMPDIR: temporary ?? home },
    })
    return { process, lines: lineReaderOf(process.output), home }
  } catch (error) {
    await rm(home, { recursive: true, force: true })
    throw error
  }
}
