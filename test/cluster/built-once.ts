/** What Go builds from a pinned module, once: kept in the user's cache under a key of all that decides it. */
import { createHash } from 'node:crypto'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { runTool } from '../../src/adapters/child-process.ts'
import { filledOnce, isThere } from '../filled-once.ts'

const BUILD_TIMEOUT_MS = 60 * 60_000

/**
 * The folder that `build` filled, in this call or an earlier one.
 * @param recipe the texts that decide what is built: with another text it is built anew
 */
export async function builtOnce(
  what: string,
  recipe: readonly string[],
  build: (folder: string) => Promise<void>,
  log: (line: string) => void,
): Promise<string> {
  const folder = folderOf(recipe)
  await filledOnce(folder, async (draft) => {
    log(`building ${what} into ${folder}`)
    await build(draft)
  })
  return folder
}

/** What `builtOnce` made of this recipe before, null where it has not yet. */
export async function builtBefore(recipe: readonly string[]): Promise<string | null> {
  const folder = folderOf(recipe)
  return (await isThere(folder)) ? folder : null
}

function folderOf(recipe: readonly string[]): string {
  const key = createHash('sha256').update(recipe.join('\0')).digest('hex').slice(0, 16)
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'westage-test-cluster', key)
}

/** Builds what `go.mod` pins, with these flags for its linker and these arguments of `go build`. */
export async function goBuild(
  module: string,
  linkerFlags: string,
  args: readonly string[],
  signal: AbortSignal,
  log: (line: string) => void,
): Promise<void> {
  await go(module, ['build', '-mod=readonly', '-buildvcs=false', '-ldflags', linkerFlags, ...args], signal, log)
}

/**
 * Runs Go in the folder of a module. It finds its caches and proxies by its own variables.
 * @returns what it printed @throws {ToolMissing} Go is not on the PATH @throws {ToolFailed} with Go's own words
 */
export async function go(
  module: string,
  args: string[],
  signal: AbortSignal,
  onLine?: (line: string) => void,
): Promise<string> {
  const env: Record<string, string> = { CGO_ENABLED: '0' }
  for (const [name, value = ''] of Object.entries(process.env)) {
    if (/^(PATH|HOME|XDG_CACHE_HOME|GO[A-Z0-9]*|https?_proxy|no_proxy)$/i.test(name)) env[name] = value
  }
  const run = { command: 'go', args, cwd: module, env, timeoutMs: BUILD_TIMEOUT_MS, signal }
  return (await runTool(onLine === undefined ? run : { ...run, onLine: (line) => onLine(line) })).stdout
}
