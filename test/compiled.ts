/** Programs of the tests as plain JavaScript, for processes that must start quickly, or whose memory is looked at. */
import { execFile } from 'node:child_process'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { promisify } from 'node:util'

const ROOT = resolve(import.meta.dirname, '..')

/**
 * Compiles them and all that they import.
 * @param folder to be made, with the dependencies beside
 * @param programs absolute paths of TypeScript files of this repo
 * @returns where a program's JavaScript is
 */
export async function compiled(folder: string, programs: readonly string[]): Promise<(program: string) => string> {
  await mkdir(folder, { recursive: true })
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  await writeFile(join(folder, 'package.json'), '{"type":"module"}')
  const compilerOptions = { noEmit: false, outDir: folder, rootDir: ROOT, noCheck: true }
  const config = { extends: join(ROOT, 'tsconfig.json'), compilerOptions, include: [], files: programs }
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config))
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
  await promisify(execFile)(process.execPath, [tsc, '-p', join(folder, 'tsconfig.json')])
  return (program) => join(folder, relative(ROOT, program).replace(/\.ts$/, '.js'))
}
