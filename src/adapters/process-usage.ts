import { readFile } from 'node:fs/promises'

/** What `stat` counts times in, on all platforms that Node is built for: proc(5), sysconf(_SC_CLK_TCK). */
const TICK_MS = 10
/** What `stat` counts memory in (arm64 with larger pages counts too little). */
const PAGE_MB = 4 / 1024

export interface ProcessUsage {
  readonly residentMb: number
  /** Its own processor time, and that of the children which it has waited for. */
  readonly cpuMs: number
}

/** What a process takes, by itself; null once it is gone, and where there is no /proc. Linux: proc(5), `stat`. */
export async function usageOf(pid: number): Promise<ProcessUsage | null> {
  const line = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)
  if (line === null) return null
  // The second field is the program's name in brackets, which may have blanks; what follows begins with the third.
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ')
  const field = (number: number) => Number(fields[number - 3] ?? 0)
  return {
    residentMb: field(24) * PAGE_MB,
    cpuMs: (field(14) + field(15) + field(16) + field(17)) * TICK_MS,
  }
}
