/** Programs of Go that images of tests are made of: static, and built once for each version of their source. */
import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { builtOnce, goBuild } from '../cluster/built-once.ts'

/**
 * @param module folder of a module whose package is the program
 * @throws {ToolMissing} Go is not there @throws {ToolFailed}
 */
export async function staticProgram(module: string): Promise<Buffer> {
  const recipe = await Promise.all((await readdir(module)).sort().map((file) => readFile(join(module, file), 'utf8')))
  const silent = () => {}
  const build = async (draft: string) => {
    const args = ['-trimpath', '-o', join(draft, 'server'), '.']
    await goBuild(module, '-s -w', args, new AbortController().signal, silent)
  }
  return readFile(join(await builtOnce(basename(module), recipe, build, silent), 'server'))
}
