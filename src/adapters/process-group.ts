import type { ChildProcess } from 'node:child_process'
import type { Readable } from 'node:stream'
import { endWithUs } from './end-with-us.ts'

export interface ProcessEnd {
  /** null where a signal ended it */
  readonly code: number | null
  readonly killedBy: NodeJS.Signals | null
}

/**
 * What is left of a child's group when it has ended is killed, and so is all of it where this process dies first. A
 * grandchild in a session of its own could hold the pipes open for ever: after `graceMs` they are closed.
 * @param child leads a process group of its own
 * @returns once nothing of the group is left and its pipes are closed; never where it could not be started
 */
export function groupEnded(
  child: ChildProcess,
  pipes: readonly (Readable | null)[],
  graceMs: number,
): Promise<ProcessEnd> {
  const isGone = child.pid === undefined ? () => {} : endWithUs(child.pid)
  return new Promise((resolve) => {
    child.on('exit', () => {
      killGroup(child, 'SIGKILL')
      isGone()
      const timer = setTimeout(() => {
        for (const pipe of pipes) pipe?.destroy()
      }, graceMs)
      child.on('close', (code, killedBy) => {
        clearTimeout(timer)
        resolve({ code, killedBy })
      })
    })
  })
}

/** Signals a child that leads a process group of its own, and all that is in that group; nothing where it is gone. */
export function killGroup({ pid }: Pick<ChildProcess, 'pid'>, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch (error) {
    // ESRCH: the group is gone. EPERM: macOS says so of a group of zombies.
    const code = error instanceof Error && 'code' in error ? error.code : ''
    if (code !== 'ESRCH' && code !== 'EPERM') throw error
  }
}
