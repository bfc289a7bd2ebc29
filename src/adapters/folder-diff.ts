import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Differences } from '../ports.ts'
import { runTool, ToolCapped, ToolFailed, ToolMissing } from './child-process.ts'

type Files = ReadonlyMap<string, string>

export interface FolderDiffOptions {
  /** The folder for what git is to compare. */
  readonly workDir: string
  /** Where git is looked for. */
  readonly path: string
  /** What the two versions are called. */
  readonly names: readonly [before: string, after: string]
}

/**
 * The difference between two versions of a folder as git shows it, '' where there is none. git diff, --no-index: it ends
 * with 1 where there is one.
 * @throws {ToolMissing} there is no git @throws {ToolCapped} the difference is larger than what is taken from a tool
 */
export async function folderDiff(
  before: Files,
  after: Files,
  { workDir, path, names: [was, is] }: FolderDiffOptions,
  signal: AbortSignal,
): Promise<string> {
  const dir = await mkdtemp(join(workDir, 'westage-diff-'))
  try {
    await Promise.all([writeBelow(join(dir, was), before), writeBelow(join(dir, is), after)])
    const { stdout } = await runTool({
      command: 'git',
      args: ['diff', '--no-index', '--no-prefix', '--no-color', '--no-ext-diff', was, is],
      cwd: dir,
      env: { PATH: path, HOME: dir, GIT_CONFIG_NOSYSTEM: '1', GIT_CEILING_DIRECTORIES: dir },
      signal,
    })
    return stdout
  } catch (error) {
    if (error instanceof ToolFailed && error.code === 1 && error.stderr === '') return error.stdout
    throw error
  } finally {
    await rm(dir, { recursive: true })
  }
}

/** The same for a service, whose machine may have no git. */
export const folderDifferences = (options: FolderDiffOptions): Differences => ({
  async of(before, after, signal) {
    try {
      return await folderDiff(before, after, options, signal)
    } catch (error) {
      if (error instanceof ToolMissing || error instanceof ToolCapped) return null
      throw error
    }
  },
})

async function writeBelow(root: string, files: Files): Promise<void> {
  await mkdir(root)
  for (const [path, text] of files) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text)
  }
}
