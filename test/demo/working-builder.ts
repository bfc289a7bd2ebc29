/** A builder of this machine that really builds, and pushes to the demo's registry. */
import { rm } from 'node:fs/promises'
import { chooseBuilder } from '../../src/adapters/build/choose-builder.ts'
import type { ToolEnvironment } from '../../src/config/tool-environment.ts'
import { repoOf, requestFor } from '../adapters/build/repo-on-disk.ts'

const PROBE_TIMEOUT_MS = 30_000

export interface Builder {
  /** The setting `builder`. */
  readonly kind: 'docker' | 'buildah' | 'none'
  /** `buildah 1.33`, or `none`. */
  readonly name: string
  /** Why there is no builder, '' where there is one. */
  readonly without: string
}

/**
 * Tries each builder with a tiny image. No builder is no failure: the demo goes on without.
 * @param registry `127.0.0.1:PORT`, which is pushed to
 */
export async function findWorkingBuilder(
  registry: string,
  tools: ToolEnvironment,
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<Builder> {
  const faults: string[] = []
  for (const kind of ['docker', 'buildah'] as const) {
    try {
      return { kind, name: await probe(kind, registry, tools, log, signal), without: '' }
    } catch (error) {
      signal.throwIfAborted()
      const message = error instanceof Error ? error.message : String(error)
      log(`${kind}: ${message}`)
      faults.push(message.split('\n')[0] ?? '')
    }
  }
  return { kind: 'none', name: 'none', without: faults.join('; ') }
}

/** Builds and pushes an image of one file. @returns the builder's name @throws whatever is wrong with it */
async function probe(
  kind: 'docker' | 'buildah',
  host: string,
  tools: ToolEnvironment,
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<string> {
  const builder = await chooseBuilder({
    builder: kind,
    registry: { repository: `${host}/{app}`, tag: 'probe', plainHttp: true, authFile: null },
    timeoutMs: PROBE_TIMEOUT_MS,
    path: tools.path,
    env: tools.passed,
    log,
  })
  const root = await repoOf({
    Dockerfile: 'FROM scratch\nCOPY site/ /site/\n',
    'site/index.html': 'A first image, to see that building and pushing work.\n',
  })
  try {
    await builder.build(requestFor(root), log, AbortSignal.any([signal, AbortSignal.timeout(PROBE_TIMEOUT_MS)]))
    return builder.name
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}
