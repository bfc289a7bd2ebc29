/** `westage` as it is installed: built by tsc, and run by its bin in processes of their own. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, readFile, symlink } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import { oncePerRun } from '../run-folder.ts'

export interface Ended {
  /** null where a signal ended it */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Running {
  /** Its standard output so far. */
  stdout(): string
  /** @returns whether there was a process to send it to */
  kill(signal: NodeJS.Signals): boolean
  ended(): Promise<Ended>
  hasEnded(): boolean
}

export interface Command {
  /** The file that package.json names as the bin. */
  readonly bin: string
  /** @param under a program with its arguments that runs it, such as `strace -f` */
  start(args: readonly string[], env?: Readonly<Record<string, string>>, under?: readonly string[]): Running
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ended>
}

/**
 * Builds it once for all test files of a run, with package.json and the dependencies beside, as in an installed package.
 * Types are not looked at: `npm run check` does that.
 */
export async function builtCommand(): Promise<Command> {
  const root = resolve(import.meta.dirname, '../..')
  const folder = await oncePerRun('installed', async (draft) => {
    await copyFile(join(root, 'package.json'), join(draft, 'package.json'))
    await symlink(join(root, 'node_modules'), join(draft, 'node_modules'))
    const tsc = join(root, 'node_modules/typescript/bin/tsc')
    const args = [tsc, '-p', join(root, 'tsconfig.build.json'), '--noCheck', '--outDir', join(draft, 'dist')]
    await promisify(execFile)(process.execPath, args)
  })
  const { bin } = z
    .object({ bin: z.object({ westage: z.string() }) })
    .parse(JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')))
  const file = join(folder, bin.westage)
  const start: Command['start'] = (given, env = {}, under = []) => {
    const own = { PATH: process.env.PATH ?? '', TMPDIR: process.env.TMPDIR ?? '/tmp' }
    const [program = process.execPath, ...args] = [...under, process.execPath, file, ...given]
    return runningOf(spawn(program, args, { cwd: folder, env: { ...own, ...env }, stdio: 'pipe' }))
  }
  return { bin: file, start, run: (given, env) => start(given, env).ended() }
}

function runningOf(child: ChildProcess): Running {
  const text = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream]?.setEncoding('utf8').on('data', (chunk: string) => {
      text[stream] += chunk
    })
  }
  const closed = once(child, 'close')
  // A test that fails in between leaves no process behind.
  const onExit = () => child.kill('SIGKILL')
  process.once('exit', onExit)
  return {
    stdout: () => text.stdout,
    kill: (signal) => child.kill(signal),
    async ended() {
      await closed
      process.off('exit', onExit)
      return { code: child.exitCode, ...text }
    },
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
  }
}
