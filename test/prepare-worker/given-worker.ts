/** Prepare on a worker and in this process, of one repo, to be compared. */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { noBuilder } from '../../src/adapters/build/none.ts'
import { locateKustomize } from '../../src/adapters/kustomize/find-kustomize.ts'
import { workspacesIn } from '../../src/adapters/workspaces.ts'
import type { ImageBuilder } from '../../src/ports.ts'
import { type InsideWorkerOptions, insideWorker } from '../../src/prepare-worker/inside-worker.ts'
import { type LocalLimits, localWorker } from '../../src/prepare-worker/local-worker.ts'
import type { PrepareWorker } from '../../src/prepare-worker/prepare-worker.ts'
import { type NodeProgram, workerProgram } from '../../src/prepare-worker/worker-command.ts'
import type { Prepared, PrepareRequest } from '../../src/reconcile/prepare.ts'
import { stepsOf } from '../../src/reconcile/steps.ts'
import { entryBytes } from '../adapters/archive/tar-bytes.ts'
import { NEVER, SETTINGS } from '../adapters/kustomize/real-kustomize.ts'
import { runsInMemory } from '../fakes/runs-in-memory.ts'
import { virtualClock } from '../fakes/virtual-clock.ts'
import { IMAGE, SHOP, REQUEST as SHOP_REQUEST } from '../reconcile/shop.ts'

const LIMITS: LocalLimits = { maxMemoryMb: 1024, maxCpuMs: 60_000, timeoutMs: 60_000 }
const ARCHIVE = { maxBytes: 1e9, maxEntries: 200_000, maxDepth: 64, maxRatio: 200 }

export interface Repo {
  readonly tarball: () => Readable
  readonly request?: Partial<PrepareRequest>
  readonly builder?: ImageBuilder
  readonly signal?: AbortSignal
}

export interface Given {
  /** Where the service works. */
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
    limits?: Partial<LocalLimits>
    maxSaidBytes?: number
    size?: number
    /** Where kustomize is looked for. */
    path?: string
  } = {},
): Promise<Given> {
  const parts = await givenParts(changes.path)
  const limits = { ...LIMITS, ...changes.limits }
  const worker = localWorker({
    ...parts.inside,
    program: changes.program ?? workerProgram(limits.maxMemoryMb),
    size: changes.size ?? 1,
    limits,
    maxSaidBytes: changes.maxSaidBytes ?? 64_000_000,
    failed: (error) => {
      throw error
    },
  })
  return givenOf(worker, parts)
}

export interface Parts {
  readonly workDir: string
  readonly inside: InsideWorkerOptions
  /** The repo that is prepared now. */
  readonly repo: { current: Repo }
}

/** What both ways are given. @param path where kustomize is looked for */
export async function givenParts(path = SETTINGS.path): Promise<Parts> {
  const workDir = realpathSync(mkdtempSync(join(tmpdir(), 'westage-prepare-')))
  const kustomize = await locateKustomize({ ...SETTINGS, path }, NEVER)
  const repo: { current: Repo } = { current: { tarball: () => Readable.from([]) } }
  const builder = () => repo.current.builder ?? noBuilder
  const inside: InsideWorkerOptions = {
    archives: { tarball: async () => repo.current.tarball() },
    builder: {
      name: 'given',
      get needsSource() {
        return builder().needsSource
      },
      build: (...all) => builder().build(...all),
      close: () => builder().close(),
    },
    workspaces: workspacesIn(workDir),
    kustomize,
    tools: { archive: ARCHIVE, render: SETTINGS },
    workDir,
  }
  return { workDir, inside, repo }
}

export function givenOf(worker: PrepareWorker, { workDir, inside, repo }: Parts): Given {
  const run = async (wanted: Repo, by: PrepareWorker['prepare']): Promise<Ran> => {
    repo.current = wanted
    const { signal = NEVER } = wanted
    const log = await runsInMemory().start({ key: '1/7/shop', title: '', pullUrl: '', sha: '' })
    const step = stepsOf(log, virtualClock(), 60_000, signal)
    const outcome = await by({ ...REQUEST, ...wanted.request }, step, signal).catch((error: unknown) => ({ error }))
    const steps = log.steps().map((one) => `${one.step} ${one.outcome} ${one.note}`)
    return { outcome, lines: log.tail(100_000), steps }
  }
  return {
    workDir,
    onWorker: (wanted) => run(wanted, worker.prepare),
    inProcess: (wanted) => run(wanted, insideWorker(inside).prepare),
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
