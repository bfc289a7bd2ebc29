/** buildkitd and buildctl: built by Go from the version that go.mod pins, once, and kept in the user's cache. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { builtBefore, builtOnce, goBuild } from '../cluster/built-once.ts'

const HERE = import.meta.dirname
const MODULE = 'github.com/moby/buildkit'

/**
 * Builds them where they are not there yet: some minutes from nothing.
 * @returns the folder that they are in
 * @throws {ToolMissing} Go is not on the PATH @throws {ToolFailed} with Go's own words
 */
export async function makeBuildKit(log: (line: string) => void, signal: AbortSignal): Promise<string> {
  const recipe = await recipeOf()
  const [goMod = ''] = recipe
  const version = goMod.match(new RegExp(`^\\s*(?:require )?${MODULE} (v\\S+)`, 'm'))?.[1]
  if (version === undefined) throw new Error(`go.mod requires no ${MODULE}`)
  const flags = `-s -w -X ${MODULE}/version.Version=${version}`
  const build = (folder: string) => goBuild(HERE, flags, ['-o', `${folder}/`, 'tool'], signal, log)
  return await builtOnce(`BuildKit ${version}`, recipe, build, log)
}

/** Where they are; null where they have not been built. */
export async function findBuiltBuildKit(): Promise<string | null> {
  return await builtBefore(await recipeOf())
}

const recipeOf = async (): Promise<string[]> =>
  await Promise.all(['go.mod', 'go.sum', 'programs.ts'].map((file) => readFile(join(HERE, file), 'utf8')))
