import { readFile } from 'node:fs/promises'

/** What `statm` counts in, on the platforms that Node is built for (arm64 with larger pages counts too little). */
const PAGE_KB = 4

/**
 * Resident memory of a process and of all below it, in KB; 0 once it is gone, and where there is no /proc.
 * Linux: proc(5), `statm` and `task/<tid>/children`.
 */
export async function residentKbOf(pid: number): Promise<number> {
  const read = (file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')
  const [statm, children] = await Promise.all([read('statm'), read(`task/${pid}/children`)])
  const below = await Promise.all(children.split(' ').filter(Boolean).map(Number).map(residentKbOf))
  return below.reduce((sum, kb) => sum + kb, Number(statm.split(' ')[1] ?? 0) * PAGE_KB)
}
