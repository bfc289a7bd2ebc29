import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** How the worker's program is started, with node's own limit on what it may keep in memory. */
export interface NodeProgram {
  readonly command: string
  readonly args: readonly string[]
  /** Where it may keep temporary files; a folder of its own where it is not given. */
  readonly temporary?: string
}

/** Of what a process may take, the rest is for its code, buffers and stacks. */
const HEAP_SHARE = 0.75

/** As built, or by tsx where the service itself runs from its TypeScript. */
export function workerProgram(maxMemoryMb: number): NodeProgram {
  const heap = `--max-old-space-size=${Math.floor(maxMemoryMb * HEAP_SHARE)}`
  const isSource = import.meta.url.endsWith('.ts')
  const program = fileURLToPath(new URL(isSource ? 'worker-program.ts' : 'worker-program.js', import.meta.url))
  const loader = isSource ? ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href] : []
  // tsx keeps there what it compiled, without which each start would do so anew.
  return { command: process.execPath, args: [heap, ...loader, program], ...(isSource && { temporary: tmpdir() }) }
}
