/** What a process asks of the system, in order: strace, Debian's package of that name. */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

export interface SystemCall {
  readonly name: string
  /** The file or socket that it is about: its path, or `socket:[…]`, whose number is that of one connection. */
  readonly of: string
  /** All arguments as strace writes them, with the bytes that were read or written. */
  readonly text: string
  /** When it was called and when it was done, in steps of all threads; a thread goes on after the second. */
  readonly begun: number
  readonly ended: number
  /** What it returned. */
  readonly result: number
}

/** Whether strace is here and may trace. */
export const hasStrace = await promisify(execFile)('strace', ['-f', '-D', '-o', '/dev/null', 'true']).then(
  () => true,
  () => false,
)

/**
 * What runs a process so that these calls of all its threads are written to a file. The process itself is the child of
 * who starts it (`-D`): signals reach it, and its end is the trace's.
 */
export const tracedTo = (file: string, names: readonly string[]): readonly string[] => [
  ...['strace', '-D', '-f', '--seccomp-bpf', '-y', '-s', '65536', '-o', file, '-e', `trace=${names.join(',')}`],
]

/** The calls of files and sockets in a file that strace wrote, in the order in which they were done. */
export async function systemCallsIn(file: string): Promise<readonly SystemCall[]> {
  const calls: SystemCall[] = []
  /** By thread, what it called when another's turn came (strace: "unfinished" and "resumed"). */
  const open = new Map<string, { readonly text: string; readonly begun: number }>()
  for (const [at, line] of (await readFile(file, 'utf8')).split('\n').entries()) {
    const [, thread = '', said = ''] = /^(\d+) +(.*)$/.exec(line) ?? []
    const [, start] = /^(.*) <unfinished \.\.\.>$/.exec(said) ?? []
    if (start !== undefined) {
      open.set(thread, { text: start, begun: at })
      continue
    }
    const [, rest] = /^<\.\.\. \w+ resumed>(.*)$/.exec(said) ?? []
    const { text, begun } = (rest === undefined ? undefined : open.get(thread)) ?? { text: '', begun: at }
    const whole = /^(\w+)\(\d+<([^>]*)>(.*)\) += (-?\d+)/.exec(`${text}${rest ?? said}`)
    const [, name = '', of = '', args = '', result] = whole ?? []
    if (whole !== null) calls.push({ name, of, text: args, begun, ended: at, result: Number(result) })
  }
  return calls
}
