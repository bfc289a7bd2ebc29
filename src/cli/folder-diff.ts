import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { runTool, ToolFailed } from '../adapters/child-process.ts'
import { toolEnvironmentOf } from '../config/tool-environment.ts'

type Files = ReadonlyMap<string, string>

/**
 * The difference between two versions of a folder as git shows it, '' where there is none. git diff, --no-index: it ends
 * with 1 where there is one.
 * @throws {ToolMissing} there is no git
 */
export async function folderDiff(before: Files, after: Files, signal: AbortSignal): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'westage-diff-'))
  try {
    await Promise.all([writeBelow(join(dir, 'committed'), before), writeBelow(join(dir, 'rendered'), after)])
    const { stdout } = await runTool({
      command: 'git',
      args: ['diff', '--no-index', '--no-prefix', '--no-color', '--no-ext-diff', 'committed', 'rendered'],
      cwd: dir,
      env: { PATH: toolEnvironmentOf().path, HOME: dir, GIT_CONFIG_NOSYSTEM: '1', GIT_CEILING_DIRECTORIES: dir },
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

async function writeBelow(root: string, files: Files): Promise<void> {
  await mkdir(root)
  for (const [path, text] of files) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text)
  }
}
