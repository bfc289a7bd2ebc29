import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Kustomize } from '../../ports.ts'
import { commandPathOf, runTool, ToolCapped, ToolFailed } from '../child-process.ts'
import { type BuildCaps, buildFolder, environmentOf, type KustomizeTool } from './build.ts'
import { folderWithKustomization } from './kustomization-file.ts'
import { scanKustomization } from './scan.ts'

export interface KustomizeSettings extends BuildCaps {
  /** The process's PATH, where the tool is looked for. */
  readonly path: string
  /** Where a kustomization is by convention, the likeliest first. */
  readonly folders: readonly string[]
  /** Where it gets a home for each run; the system's temporary folder where it is not given. */
  readonly workDir?: string
}

/** Neither kustomize nor kubectl can be used on this machine. */
export class KustomizeMissing extends Error {
  override readonly name = 'KustomizeMissing'
  constructor(tried: readonly string[]) {
    super(
      `WeStage needs kustomize to render manifests, and found neither kustomize nor kubectl${tried.map((fault) => ` (${fault})`).join('')}. Install one of them and put it on the PATH: kustomize as its documentation says in "Installation", or kubectl, which has it inside, as the Kubernetes documentation says in "Install Tools".`,
    )
  }
}

/** A kustomize that was found: plain values, so that another process can be told of it. */
export interface FoundKustomize extends KustomizeTool {
  /** Its name and version. */
  readonly version: string
}

/**
 * The kustomize of this machine: `kustomize` where it is on the PATH, else the one inside of `kubectl`.
 * @throws {KustomizeMissing} neither is there, or neither can say its version
 */
export async function findKustomize(settings: KustomizeSettings, signal: AbortSignal): Promise<Kustomize> {
  return kustomizeOf(await locateKustomize(settings, signal), settings)
}

/** @throws {KustomizeMissing} as `findKustomize` */
export async function locateKustomize(settings: KustomizeSettings, signal: AbortSignal): Promise<FoundKustomize> {
  const tried: string[] = []
  const { workDir } = settings
  for (const [name, verb, args] of CANDIDATES) {
    const command = await commandPathOf(name, settings.path)
    if (command === null) continue
    try {
      const version = await versionOf(command, args, settings, signal)
      return {
        ...{ command, verb, ...(workDir !== undefined && { workDir }) },
        version: version === null ? name : `${name} ${version}`,
      }
    } catch (error) {
      if (!(error instanceof ToolFailed) && !(error instanceof ToolCapped)) throw error
      tried.push(`${error.message}${error.tail.length > 0 ? `: ${error.tail.at(-1)}` : ''}`)
    }
  }
  throw new KustomizeMissing(tried)
}

const CANDIDATES: readonly (readonly [name: string, verb: KustomizeTool['verb'], args: readonly string[]])[] = [
  ['kustomize', 'build', ['version']],
  ['kubectl', 'kustomize', ['version', '--client', '-o', 'json']],
]

/** `v5.5.0`; of kubectl's answer the version of the kustomize inside. null where it says something unheard of. */
async function versionOf(
  command: string,
  args: readonly string[],
  settings: KustomizeSettings,
  signal: AbortSignal,
): Promise<string | null> {
  const home = await mkdtemp(join(settings.workDir ?? tmpdir(), 'westage-kustomize-'))
  try {
    const env = environmentOf(home, settings)
    const { stdout } = await runTool({ command, args, cwd: home, env, timeoutMs: 15_000, signal })
    const [, inside] = /"kustomizeVersion":\s*"(v[\d.]+[^"]*)"/.exec(stdout) ?? []
    return inside === undefined ? (/\bv\d+\.\d+\.\d+\b/.exec(stdout)?.[0] ?? null) : `with kustomize ${inside}`
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

/** The one that was found, run under these caps. */
export const kustomizeOf = (tool: FoundKustomize, settings: Omit<KustomizeSettings, 'path'>): Kustomize => ({
  version: tool.version,
  folderOf: (root, wanted) => folderWithKustomization(root, wanted, settings.folders),
  scan: scanKustomization,
  build: (root, folder, log, signal) => buildFolder(tool, settings, root, folder, log, signal),
})
