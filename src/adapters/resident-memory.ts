import { readdir, readFile } from 'node:fs/promises'

/** What `statm` counts in, on the platforms that Node is built for (arm64 with larger pages counts too little). */
const PAGE_KB = 4

/**
 * Resident memory of a process and of all below it, in KB; 0 once it is gone, and where there is no /proc.
 * Linux: proc(5), `statm` and `task/<tid>/children`, which names those that this one thread started.
 */
export async function residentKbOf(pid: number): Promise<number> {
  const read = (file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')
  const threads = await readdir(`/proc/${pid}/task`).catch(() => [])
  const [statm, ...children] = await Promise.all([
    read('statm'),
    ...threads.map((thread) => read(`task/${thread}/children`)),
  ])
  const pids = children.flatMap((line) => line.split(' ').filter(Boolean).map(Number))
  const below = await Promise.all(pids.map(residentKbOf))
  return below.reduce((sum, kb) => sum + kb, Number(statm.split(' ')[1] ?? 0) * PAGE_KB)
}
