/**
 * A process that works for this one over pipes: with nothing of our own environment, in a process group that is killed as
 * a whole, by the kernel too where this process dies, and watched for what it takes while it has something to do.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { lastLines } from './last-lines.ts'
import { lineSplitter } from './line-splitter.ts'
import { groupEnded, killGroup, type ProcessEnd } from './process-group.ts'
import { usageOf } from './process-usage.ts'

export interface WorkerCommand {
  /** An absolute path. */
  readonly command: string
  readonly args: readonly string[]
  readonly cwd: string
  /** Its whole environment. */
  readonly env: Readonly<Record<string, string>>
}

/** For one work; looked at on Linux only. */
export interface WorkerLimits {
  /** Resident memory of the process itself. */
  readonly maxMemoryMb: number
  /** Processor time, that of its tools included. */
  readonly maxCpuMs: number
}

type PassedLimit = 'memory' | 'cpu'

export interface WorkerEnd extends ProcessEnd {
  /** The last lines that it wrote to stderr. */
  readonly tail: readonly string[]
}

export interface WorkerProcess {
  readonly pid: number
  readonly input: Writable
  /** Its file descriptor 3: what it says to us. */
  readonly output: Readable
  /** Once nothing of its group is left; never rejected. */
  readonly ended: Promise<WorkerEnd>
  isAlive(): boolean
  /** Calls `passed` once, at the first limit that the work passes from now on. @returns how to stop watching */
  watch(limits: WorkerLimits, passed: (limit: PassedLimit) => void): () => void
  /** Ends it: soon where it listens, by force where it does not. @returns once nothing of its group is left */
  kill(): Promise<WorkerEnd>
}

/** How long it may take to end its own tools (which are given 250 ms) after SIGTERM. */
const GRACE_MS = 300
const LOOK_MS = 50
const TAIL_LINES = 20

/** Starts it. @throws what the system says where it can't be started */
export async function startWorkerProcess({ command, args, cwd, env }: WorkerCommand): Promise<WorkerProcess> {
  const child = spawn(command, args, {
    cwd,
    env: { ...env },
    detached: true,
    stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
  })
  await once(child, 'spawn')
  const { pid, stdin, stderr } = child
  const output = child.stdio[3] as Readable
  if (pid === undefined || stdin === null || stderr === null) throw new Error(`${command} has no pipes`)
  const tail = lastLines(TAIL_LINES)
  const lines = lineSplitter(tail.add)
  stderr.on('data', (chunk: Buffer) => lines.write(chunk)).on('end', lines.end)
  // What it does not read any more, its end says; so it does of what breaks while it is read.
  stdin.on('error', () => {})
  output.on('error', () => {})
  const ended = groupEnded(child, [stderr, output], GRACE_MS).then((end): WorkerEnd => ({ ...end, tail: tail.lines }))
  const isAlive = () => child.exitCode === null && child.signalCode === null
  return {
    ...{ pid, input: stdin, output, ended, isAlive },
    watch: (limits, passed) => watched(pid, limits, passed),
    async kill() {
      if (isAlive()) {
        killGroup(child, 'SIGTERM')
        const timer = setTimeout(() => killGroup(child, 'SIGKILL'), GRACE_MS)
        await ended
        clearTimeout(timer)
      }
      return await ended
    },
  }
}

function watched(pid: number, limits: WorkerLimits, passed: (limit: PassedLimit) => void): () => void {
  if (process.platform !== 'linux') return () => {}
  let isOver = false
  const pass = (limit: PassedLimit) => {
    if (isOver) return
    stop()
    passed(limit)
  }
  let before: number | null = null
  const look = async () => {
    const usage = await usageOf(pid)
    if (usage === null) return
    before ??= usage.cpuMs
    if (usage.residentMb > limits.maxMemoryMb) pass('memory')
    else if (usage.cpuMs - before > limits.maxCpuMs) pass('cpu')
  }
  const looking = setInterval(look, LOOK_MS)
  const stop = () => {
    isOver = true
    clearInterval(looking)
  }
  void look()
  return stop
}
