/** The programs of the apps that are previewed end to end: static, and built once for each version of their source. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { builtOnce, goBuild } from '../cluster/built-once.ts'

/** @param folder of this one, with a module of Go @throws {ToolMissing} Go is not there @throws {ToolFailed} */
export async function program(folder: 'app' | 'app-with-services'): Promise<Buffer> {
  const module = join(import.meta.dirname, folder)
  const recipe = await Promise.all((await readdir(module)).sort().map((file) => readFile(join(module, file), 'utf8')))
  const silent = () => {}
  const build = async (draft: string) => {
    const args = ['-trimpath', '-o', join(draft, 'server'), '.']
    await goBuild(module, '-s -w', args, new AbortController().signal, silent)
  }
  return readFile(join(await builtOnce(folder, recipe, build, silent), 'server'))
}
