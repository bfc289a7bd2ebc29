/** Unpacked repos for builders to build. */
import { copyFile, mkdir, mkdtemp, readdir, readFile, realpath, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { runTool } from '../../../src/adapters/child-process.ts'
import type { BuildRequest } from '../../../src/ports.ts'

export const SHA = '0123456789abcdef0123456789abcdef01234567'

export const requestFor = (root: string, more: Partial<BuildRequest> = {}): BuildRequest => ({
  app: 'shop',
  image: null,
  repository: 'acme/shop',
  pull: 7,
  sha: SHA,
  root,
  context: '.',
  dockerfile: 'Dockerfile',
  paths: null,
  args: {},
  target: null,
  platforms: [],
  secrets: {},
  ...more,
})

/** A folder for one test file's temporary files: whatever is made below the system's goes there until it is closed. */
export async function ownTemporaryFolder(): Promise<{ path: string; close(): Promise<void> }> {
  const before = process.env.TMPDIR
  const path = await realpath(await mkdtemp(join(tmpdir(), 'westage-test-')))
  process.env.TMPDIR = path
  return {
    path,
    async close() {
      if (before === undefined) delete process.env.TMPDIR
      else process.env.TMPDIR = before
      // Without root, what buildah unpacked belongs to users that exist only in its user namespace.
      const [command, ...args] =
        process.getuid?.() === 0 ? ['rm', '-rf', path] : ['buildah', 'unshare', 'rm', '-rf', path]
      const env = { PATH: process.env.PATH ?? '', HOME: path }
      await runTool({ command: command ?? '', args, cwd: '/', env, signal: AbortSignal.timeout(30_000) })
    },
  }
}

/** Writes `files` below a new folder. */
export async function repoOf(files: Readonly<Record<string, string>>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'repo-'))
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text)
  }
  return root
}

/** Copies programs of this machine with the libraries they need to `into`, so that a RUN step has a shell. Linux only. */
export async function copyPrograms(into: string, programs: readonly string[]): Promise<void> {
  for (const program of programs) {
    const run = { command: 'ldd', args: [program], cwd: '/', env: { PATH: '/usr/bin:/bin' } }
    const { stdout } = await runTool({ ...run, signal: AbortSignal.timeout(5000) })
    for (const file of [program, ...(stdout.match(/\/\S+/g) ?? [])]) {
      await mkdir(join(into, dirname(file)), { recursive: true })
      await copyFile(file, join(into, file))
    }
  }
}

/** The environments of all processes of this machine that have `text` in their command line. Linux: proc(5). */
export async function environmentsOf(text: string): Promise<readonly string[]> {
  const read = (id: string, file: string) => readFile(`/proc/${id}/${file}`, 'utf8').catch(() => '')
  const ids = (await readdir('/proc')).filter((name) => /^[0-9]+$/.test(name))
  const found = await Promise.all(ids.map(async (id) => ((await read(id, 'cmdline')).includes(text) ? id : '')))
  return await Promise.all(found.filter(Boolean).map((id) => read(id, 'environ')))
}
