/**
 * Runs a tool as a child process: with nothing of our own environment, in a process group of its own that is killed as
 * a whole, and under caps. Whatever happens, the promise settles only when nothing of that group is left (what leaves it,
 * as by setsid, is not followed); where this process is killed meanwhile, the group is too.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { lastLines } from './last-lines.ts'
import { lineSplitter } from './line-splitter.ts'
import { groupEnded, killGroup } from './process-group.ts'
import { residentKbOf } from './resident-memory.ts'

type OutputStream = 'stdout' | 'stderr'

export interface ToolRun {
  /** An absolute path, or a name that is looked up on `env.PATH`. */
  readonly command: string
  readonly args: readonly string[]
  readonly cwd: string
  /** The child's whole environment: nothing of this process's own is added. */
  readonly env: Readonly<Record<string, string>>
  readonly stdin?: string
  readonly timeoutMs?: number
  /** Bytes of stdout and stderr together, 16 MiB where it is not given. */
  readonly maxOutputBytes?: number
  /** Resident memory of the process and its children. Linux only: elsewhere there is no cap. */
  readonly maxMemoryMb?: number
  /** Each line as it comes, without its line end, cut at 4,096 characters. */
  readonly onLine?: (line: string, stream: OutputStream) => void
  readonly signal: AbortSignal
}

export interface ToolOutput {
  readonly stdout: string
  readonly stderr: string
}

/** The tool ended with an exit code other than 0, or by a signal that was not ours. */
export class ToolFailed extends Error {
  constructor(
    readonly command: string,
    /** null where a signal ended it */
    readonly code: number | null,
    readonly killedBy: NodeJS.Signals | null,
    readonly stdout: string,
    readonly stderr: string,
    /** The last lines of both streams, in the order in which they came. */
    readonly tail: readonly string[],
  ) {
    super(`${command} ${code === null ? `was ended by ${killedBy}` : `failed with exit code ${code}`}`)
    this.name = 'ToolFailed'
  }
}

/** A cap was reached, and the tool was killed. */
export abstract class ToolCapped extends Error {
  constructor(
    message: string,
    readonly tail: readonly string[],
  ) {
    super(message)
  }
}

export class ToolTimedOut extends ToolCapped {
  override readonly name = 'ToolTimedOut'
}

export class ToolOutputTooLarge extends ToolCapped {
  override readonly name = 'ToolOutputTooLarge'
}

export class ToolOutOfMemory extends ToolCapped {
  override readonly name = 'ToolOutOfMemory'
}

export class ToolMissing extends Error {
  override readonly name = 'ToolMissing'
  constructor(readonly command: string) {
    super(`${command} was not found`)
  }
}

const TAIL_LINES = 40
const OUTPUT_MAX_BYTES = 16 * 1024 * 1024
/** How long a child may take to clean up after SIGTERM, and its pipes to close after it is gone. */
const GRACE_MS = 250
const MEMORY_LOOK_MS = 50
/** Address space that Go's runtime reserves and never uses (about 600 MB on 64 bits), with room for threads' stacks. */
const RESERVED_MB = 1024

/**
 * Runs it to its end.
 * @returns what it wrote, where its exit code is 0
 * @throws {ToolFailed} {ToolTimedOut} {ToolOutputTooLarge} {ToolOutOfMemory} {ToolMissing}
 * @throws the signal's reason, within half a second of an abort
 */
export async function runTool(run: ToolRun): Promise<ToolOutput> {
  run.signal.throwIfAborted()
  const command = await commandPathOf(run.command, run.env.PATH ?? '')
  if (command === null) throw new ToolMissing(run.command)
  run.signal.throwIfAborted()
  const [file, args] = withMemoryLimit(command, run.args, run.maxMemoryMb)
  const child = spawn(file, args, { cwd: run.cwd, env: { ...run.env }, detached: true, stdio: 'pipe' })
  return await outcomeOf(child, run)
}

/** The file that a name means on this PATH, null where there is none that can be executed. */
export async function commandPathOf(command: string, path: string): Promise<string | null> {
  const candidates = command.includes('/')
    ? [command]
    : path
        .split(':')
        .filter((folder) => folder.startsWith('/'))
        .map((folder) => `${folder}/${command}`)
  for (const candidate of candidates) {
    const isThere = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (isThere) return candidate
  }
  return null
}

/** A hard stop behind the watch on resident memory, for what grows faster than that looks. */
function withMemoryLimit(
  command: string,
  args: readonly string[],
  maxMemoryMb: number | undefined,
): [string, string[]] {
  if (maxMemoryMb === undefined || process.platform !== 'linux') return [command, [...args]]
  const limitKb = (maxMemoryMb + RESERVED_MB) * 1024
  return ['/bin/sh', ['-c', `ulimit -v ${limitKb} && exec "$0" "$@"`, command, ...args]]
}

function outcomeOf(child: ChildProcess, run: ToolRun): Promise<ToolOutput> {
  const chunks: Record<OutputStream, Buffer[]> = { stdout: [], stderr: [] }
  const tail = lastLines(TAIL_LINES)
  const maxOutputBytes = run.maxOutputBytes ?? OUTPUT_MAX_BYTES
  let bytes = 0
  let stopped: { readonly because: unknown } | null = null
  const timers: NodeJS.Timeout[] = []

  const stop = (because: unknown) => {
    if (stopped !== null) return
    stopped = { because }
    killGroup(child, 'SIGTERM')
    timers.push(setTimeout(() => killGroup(child, 'SIGKILL'), GRACE_MS))
  }
  const onAbort = () => stop(run.signal.reason)
  const read = (stream: OutputStream) => {
    const lines = lineSplitter((line) => {
      tail.add(line)
      run.onLine?.(line, stream)
    })
    child[stream]?.on('data', (chunk: Buffer) => {
      if (stopped !== null) return
      bytes += chunk.length
      if (bytes > maxOutputBytes) {
        stop(new ToolOutputTooLarge(`${run.command} wrote more than ${maxOutputBytes} bytes`, tail.lines))
        return
      }
      chunks[stream].push(chunk)
      guarded(() => lines.write(chunk))
    })
    child[stream]?.on('end', () => guarded(lines.end))
  }
  /** A listener that throws ends the run, as anything else that fails does. */
  const guarded = (then: () => void) => {
    try {
      then()
    } catch (error) {
      stop(error)
    }
  }

  return new Promise((resolve, reject) => {
    read('stdout')
    read('stderr')
    // A child that does not read its input closes the pipe; what it thinks of that, its exit code says.
    child.stdin?.on('error', () => {})
    child.stdin?.end(run.stdin ?? '')
    run.signal.addEventListener('abort', onAbort, { once: true })
    if (run.signal.aborted) onAbort()
    const { timeoutMs, maxMemoryMb } = run
    if (timeoutMs !== undefined) {
      const late = () => stop(new ToolTimedOut(`${run.command} took longer than ${timeoutMs / 1000} s`, tail.lines))
      timers.push(setTimeout(late, timeoutMs))
    }
    if (maxMemoryMb !== undefined && process.platform === 'linux') {
      const look = async () => {
        if (child.pid === undefined || (await residentKbOf(child.pid)) <= maxMemoryMb * 1024) return
        stop(new ToolOutOfMemory(`${run.command} took more than ${maxMemoryMb} MB of memory`, tail.lines))
      }
      timers.push(setInterval(look, MEMORY_LOOK_MS))
    }
    const settle = (then: () => void) => {
      for (const timer of timers) clearTimeout(timer)
      run.signal.removeEventListener('abort', onAbort)
      then()
    }
    child.on('error', (error) => {
      if (child.pid === undefined) settle(() => reject(error))
      else stop(error)
    })
    void groupEnded(child, [child.stdout, child.stderr], GRACE_MS).then(({ code, killedBy }) => {
      const stdout = Buffer.concat(chunks.stdout).toString('utf8')
      const stderr = Buffer.concat(chunks.stderr).toString('utf8')
      settle(() => {
        if (stopped !== null) reject(stopped.because)
        else if (code === 0) resolve({ stdout, stderr })
        else reject(new ToolFailed(run.command, code, killedBy, stdout, stderr, tail.lines))
      })
    })
  })
}
