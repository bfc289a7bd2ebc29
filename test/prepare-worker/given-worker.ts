/** Prepare on a local worker and in this process, of one repo, to be compared. */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { locateKustomize } from '../../src/adapters/kustomize/find-kustomize.ts'
import type { WorkerLimits } from '../../src/adapters/worker-process.ts'
import { workspacesIn } from '../../src/adapters/workspaces.ts'
import type { ImageBuilder } from '../../src/ports.ts'
import { type InsideWorkerOptions, insideWorker } from '../../src/prepare-worker/inside-worker.ts'
import { localWorker } from '../../src/prepare-worker/local-worker.ts'
import type { PrepareWorker } from '../../src/prepare-worker/prepare-worker.ts'
import { type NodeProgram, workerProgram } from '../../src/prepare-worker/worker-command.ts'
import type { Prepared, PrepareRequest } from '../../src/reconcile/prepare.ts'
import { stepsOf } from '../../src/reconcile/steps.ts'
import { entryBytes } from '../adapters/archive/tar-bytes.ts'
import { NEVER, SETTINGS } from '../adapters/kustomize/real-kustomize.ts'
import { runsInMemory } from '../fakes/runs-in-memory.ts'
import { virtualClock } from '../fakes/virtual-clock.ts'
import { IMAGE, SHOP, REQUEST as SHOP_REQUEST } from '../reconcile/shop.ts'

const LIMITS: WorkerLimits = { maxMemoryMb: 1024, maxCpuMs: 60_000, timeoutMs: 60_000 }
const ARCHIVE = { maxBytes: 1e9, maxEntries: 200_000, maxDepth: 64, maxRatio: 200 }

const NO_IMAGE: ImageBuilder = { name: 'none', needsSource: false, build: async () => null }

export interface Repo {
  readonly tarball: () => Readable
  readonly request?: Partial<PrepareRequest>
  readonly builder?: ImageBuilder
  readonly signal?: AbortSignal
}

export interface Given {
  readonly workDir: string
  onWorker(repo: Repo): Promise<Ran>
  inProcess(repo: Repo): Promise<Ran>
  close(): Promise<void>
}

/** What a prepare came to, and what its run was told. */
export interface Ran {
  readonly outcome: Prepared | { readonly error: unknown }
  readonly lines: readonly string[]
  readonly steps: readonly string[]
}

/** A repo's archive, as GitHub gives it. */
export const archiveOf = (files: Readonly<Record<string, string>>) => {
  const entries = Object.entries(files).map(([path, body]) => entryBytes({ path: `acme-shop-aaaaaaa/${path}`, body }))
  const bytes = gzipSync(Buffer.concat([...entries, Buffer.alloc(1024)]))
  return () => Readable.from([bytes.subarray(0, 100), bytes.subarray(100)])
}

export async function givenWorker(
  changes: {
    program?: NodeProgram
    limits?: Partial<WorkerLimits>
    maxSaidBytes?: number
    size?: number
    /** Where kustomize is looked for. */
    path?: string
  } = {},
): Promise<Given> {
  const workDir = realpathSync(mkdtempSync(join(tmpdir(), 'westage-local-worker-')))
  const found = await locateKustomize({ ...SETTINGS, path: changes.path ?? SETTINGS.path }, NEVER)
  const archives: { current: () => Readable } = { current: () => Readable.from([]) }
  const builders: { current: ImageBuilder } = { current: NO_IMAGE }
  const parts: InsideWorkerOptions = {
    archives: { tarball: async () => archives.current() },
    builder: {
      name: 'given',
      get needsSource() {
        return builders.current.needsSource
      },
      build: (...all) => builders.current.build(...all),
    },
    workspaces: workspacesIn(workDir),
    kustomize: found,
    tools: { archive: ARCHIVE, render: SETTINGS },
    workDir,
  }
  const limits = { ...LIMITS, ...changes.limits }
  const worker: PrepareWorker = localWorker({
    ...parts,
    program: changes.program ?? workerProgram(limits.maxMemoryMb),
    size: changes.size ?? 1,
    limits,
    maxSaidBytes: changes.maxSaidBytes ?? 64_000_000,
    failed: (error) => {
      throw error
    },
  })
  const run = async (repo: Repo, by: PrepareWorker['prepare']): Promise<Ran> => {
    archives.current = repo.tarball
    builders.current = repo.builder ?? NO_IMAGE
    const { signal = NEVER } = repo
    const log = await runsInMemory().start({ key: '1/7/shop', title: '', pullUrl: '', sha: '' })
    const step = stepsOf(log, virtualClock(), 60_000, signal)
    const outcome = await by({ ...REQUEST, ...repo.request }, step, signal).catch((error: unknown) => ({ error }))
    const steps = log.steps().map((one) => `${one.step} ${one.outcome} ${one.note}`)
    return { outcome, lines: log.tail(100_000), steps }
  }
  return {
    workDir,
    onWorker: (repo) => run(repo, worker.prepare),
    inProcess: (repo) => run(repo, insideWorker(parts).prepare),
    async close() {
      await worker.close()
      rmSync(workDir, { recursive: true })
    },
  }
}

export const REQUEST: PrepareRequest = {
  ...SHOP_REQUEST,
  app: {
    ...SHOP,
    images: [
      { ...IMAGE, build: { ...IMAGE.build, args: { MODE: 'preview' }, secrets: { npm: '/etc/westage/npm-token' } } },
    ],
  },
  addons: { allowed: ['mysql', 'redis'], images: {}, waitImage: null },
}
