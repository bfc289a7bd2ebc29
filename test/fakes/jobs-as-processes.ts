/** Jobs whose pods are processes of this machine: the command of the one container, with the Job's Secret in a folder. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { JobEnd, JobOrder, Jobs } from '../../src/adapters/kubernetes-jobs/jobs.ts'
import { lineSplitter } from '../../src/adapters/line-splitter.ts'

export interface ProcessJobs extends Pick<Jobs, 'run'> {
  /** What was asked for, one after the other. */
  readonly orders: readonly JobOrder[]
  readonly lines: readonly string[]
  /** The processes that are there now. */
  running(): readonly ChildProcess[]
}

/** @param program what stands for `westage` in a container's command */
export function jobsAsProcesses(program: readonly string[], path: string): ProcessJobs {
  const orders: JobOrder[] = []
  const lines: string[] = []
  const running = new Set<ChildProcess>()
  return {
    orders,
    lines,
    running: () => [...running],
    async run(orderOf, onLine, signal) {
      signal.throwIfAborted()
      const order = orderOf({ secret: 'westage-job-1' })
      orders.push(order)
      const home = mkdtempSync(join(tmpdir(), 'westage-job-'))
      try {
        const child = start(order, program, home, path)
        running.add(child)
        const splitter = lineSplitter((line) => {
          lines.push(line)
          onLine(line)
        })
        for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => splitter.write(chunk))
        const kill = () => child.kill('SIGKILL')
        signal.addEventListener('abort', kill, { once: true })
        if (signal.aborted) kill()
        await once(child, 'close')
        splitter.end()
        running.delete(child)
        signal.removeEventListener('abort', kill)
        signal.throwIfAborted()
        return endOf(child)
      } finally {
        rmSync(home, { recursive: true, force: true })
      }
    },
  }
}

function start({ pod, secret }: JobOrder, program: readonly string[], home: string, path: string): ChildProcess {
  const [container] = pod.containers
  const token = container?.volumeMounts?.find(({ name }) => name === 'token')?.mountPath
  if (container?.command === undefined || token === undefined) throw new Error('the pod has no command, or no token')
  for (const [key, text] of Object.entries(secret ?? {})) writeFileSync(join(home, key), text)
  const [command = '', ...args] = [...program, ...container.command.slice(1)].map((one) => one.replace(token, home))
  return spawn(command, args, { cwd: home, env: { HOME: home, TMPDIR: home, PATH: path } })
}

const endOf = ({ exitCode }: ChildProcess): JobEnd =>
  exitCode === 0
    ? { kind: 'done', messages: {} }
    : { kind: 'failed', exitCode: exitCode ?? 137, container: 'worker', message: '' }
