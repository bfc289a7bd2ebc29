/** Processes of one cluster, as Linux's /proc tells of them (proc(5)). */
import { readdir, readFile } from 'node:fs/promises'
import { until } from '../demo/until.ts'

/** In the environment of everything that a cluster starts, and of what that starts. Its value is the cluster's folder. */
export const MARK = 'WESTAGE_TEST_CLUSTER'

const END_TIMEOUT_MS = 30_000

/** A number is used again some day; together with the time of its start it is not. */
export interface ProcessId {
  readonly pid: number
  /** Ticks since the machine started. */
  readonly startedAt: string
}

interface Seen extends ProcessId {
  readonly parent: number
  readonly group: number
}

/** null where there is none, or nothing but its exit code is left. */
export async function processOf(pid: number): Promise<Seen | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)
  if (stat === null) return null
  // The program's name stands in parentheses and may hold anything: what follows the last one is fields 3 and on.
  const [state = '', parent = '', group = '', ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  if (state === 'Z' || state === 'X') return null
  return { pid, parent: Number(parent), group: Number(group), startedAt: rest[16] ?? '' }
}

export async function isRunning({ pid, startedAt }: ProcessId): Promise<boolean> {
  return (await processOf(pid))?.startedAt === startedAt
}

/** Whether anything of the group that a process leads, or led, still runs. */
export async function groupIsRunning({ pid }: ProcessId): Promise<boolean> {
  const all = await Promise.all((await pids()).map(processOf))
  return all.some((seen) => seen?.group === pid)
}

/** Everything that carries a cluster's mark, whoever started it. */
export async function processesOf(folder: string): Promise<readonly Seen[]> {
  const marked = async (pid: number) => {
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
    return environment.split('\0').includes(`${MARK}=${folder}`) ? await processOf(pid) : null
  }
  return (await Promise.all((await pids()).map(marked))).filter((seen) => seen !== null)
}

const pids = async (): Promise<number[]> => (await readdir('/proc')).filter((name) => /^[0-9]+$/.test(name)).map(Number)

/** A signal to the group that a process leads, or led: its number is not used again before the last of them is gone. */
export async function signalGroup(id: ProcessId, signal: NodeJS.Signals): Promise<void> {
  const leader = await processOf(id.pid)
  const isOther = leader !== null && leader.startedAt !== id.startedAt
  if (!isOther && (await groupIsRunning(id))) kill(-id.pid, signal)
}

/** Kills what is noted and what is marked, again until nothing is left: a process may start another meanwhile. */
export async function killAll(folder: string, noted: readonly ProcessId[]): Promise<void> {
  const left = async () => {
    const alive = []
    for (const id of noted) if (await isRunning(id)) alive.push(id.pid)
    for (const { pid } of await processesOf(folder)) alive.push(pid)
    for (const pid of alive) kill(pid, 'SIGKILL')
    return alive.length === 0 ? null : `these still run: ${alive.join(', ')}`
  }
  await until('the processes of the cluster to end', END_TIMEOUT_MS, left, new AbortController().signal)
}

/** A process or group that ended in the meantime is what is wanted. */
function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
