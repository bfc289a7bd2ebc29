/** Prepare in processes of this machine, none of which is shown a secret. */
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { addAbortSignal, type Writable } from 'node:stream'
import type { FoundKustomize } from '../adapters/kustomize/find-kustomize.ts'
import { usageOf } from '../adapters/process-usage.ts'
import {
  startWorkerProcess,
  type WorkerEnd,
  type WorkerLimits,
  type WorkerProcess,
} from '../adapters/worker-process.ts'
import { Terminal } from '../domain/errors.ts'
import type { Archives, ImageBuilder, Workspaces } from '../ports.ts'
import { imageSourceOf, type PrepareRequest, REPO_FOLDER } from '../reconcile/prepare.ts'
import type { WorkerTools } from './frames.ts'
import { cpuWords, isHeapFull, memoryWords } from './limit-words.ts'
import { lineReaderOf } from './line-reader.ts'
import { prepareOn } from './prepare-on.ts'
import type { PrepareWorker } from './prepare-worker.ts'
import { send } from './send.ts'
import { type Worker, WorkerBroken } from './worker.ts'
import type { NodeProgram } from './worker-command.ts'
import { workerPool } from './worker-pool.ts'

export interface LocalLimits extends WorkerLimits {
  readonly timeoutMs: number
}

export interface LocalWorkerOptions {
  readonly program: NodeProgram
  /** How many works are under way at most. */
  readonly size: number
  readonly limits: LocalLimits
  readonly maxSaidBytes: number
  readonly tools: WorkerTools
  readonly kustomize: FoundKustomize
  /** Where workers have their folders. */
  readonly workDir: string
  readonly archives: Archives
  readonly builder: ImageBuilder
  readonly workspaces: Workspaces
  readonly failed: (error: unknown) => void
}

/** Of the memory that one work may take. */
const LARGE = 0.5

interface HousedWorker extends Worker {
  readonly process: WorkerProcess
  readonly home: string
}

/** @param options whose `size` nobody may exceed: turns are the caller's */
export function localWorker(options: LocalWorkerOptions): PrepareWorker {
  const { size, workDir, archives, builder, workspaces, failed, program, limits, maxSaidBytes, tools, kustomize } =
    options
  const pool = workerPool<HousedWorker>({
    size,
    start: () => startIn(workDir, program, limits),
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
      const order = {
        ...{ request, images, tools, maxSaidBytes },
        place: { folder: workspace.path, kustomize },
        giveArchive: streaming(archives, request),
        archiveTaken: () => {},
        unpacked: async () => join(workspace.path, REPO_FOLDER),
      }
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

/** The archive goes through the service: the worker is not shown the token for it. */
const streaming =
  (archives: Archives, { target: { repository, sha } }: PrepareRequest) =>
  async (input: Writable, signal: AbortSignal): Promise<void> => {
    const tarball = await archives.tarball(repository.id, sha, signal)
    for await (const chunk of addAbortSignal(signal, tarball)) await send(input, { kind: 'archive', chunk })
    await send(input, { kind: 'archive ends' })
  }

/** What the last work left in memory is not to be held against the next. */
async function endIfLarge({ process }: HousedWorker, { maxMemoryMb }: WorkerLimits): Promise<void> {
  const usage = await usageOf(process.pid)
  if (usage !== null && usage.residentMb > maxMemoryMb * LARGE) await process.kill()
}

async function startIn(
  workDir: string,
  { command, args, temporary }: NodeProgram,
  limits: LocalLimits,
): Promise<HousedWorker> {
  const words = {
    memory: memoryWords(limits.maxMemoryMb),
    cpu: cpuWords(limits.maxCpuMs),
  }
  const home = await mkdtemp(join(workDir, 'worker-'))
  try {
    const process = await startWorkerProcess({
      command,
      args,
      cwd: home,
      env: { HOME: home, TMPDIR: temporary ?? home },
    })
    return {
      ...{ process, home, timeoutMs: limits.timeoutMs, input: process.input, lines: lineReaderOf(process.output) },
      watch: (passed) => process.watch(limits, (limit) => passed(new Terminal(words[limit]))),
      endedEarly: async () => endOf(await process.kill(), limits),
      async end() {
        await process.kill()
      },
    }
  } catch (error) {
    await rm(home, { recursive: true, force: true })
    throw error
  }
}

function endOf({ code, killedBy, tail }: WorkerEnd, limits: WorkerLimits): Error {
  if (tail.some(isHeapFull)) return new Terminal(memoryWords(limits.maxMemoryMb))
  const how = code === null ? `was ended by ${killedBy}` : `ended with exit code ${code}`
  return new WorkerBroken([`the worker ${how} in the midst of its work`, ...tail].join('\n'))
}
