import type { ChildProcess } from 'node:child_process'

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
