/** What the author is told of a limit that their pull request passed. */

export const memoryWords = (maxMb: number): string => stopped(`more than ${maxMb} MB of memory`)
export const cpuWords = (maxMs: number): string => stopped(`more than ${durationText(maxMs)} of processor time`)
export const timeWords = (maxMs: number): string => stopped(`longer than ${durationText(maxMs)}`)

const stopped = (most: string): string => `Unpacking, rendering and transforming it took ${most}, and was stopped`

const durationText = (ms: number): string => (ms < 60_000 ? `${ms / 1000} s` : `${Math.round(ms / 60_000)} min`)

/** The same, of how much is made. */
export const tooMuchWords = (maxBytes: number): string =>
  `More than ${Math.round(maxBytes / 1_000_000)} MB of manifests and log came of it, and it was stopped`

/** The same, of how many values that is. */
export const tooManyWords = (maxValues: number): string =>
  `More than ${maxValues} values came of its manifests and log, and it was stopped`

/** Whether this is what V8 says last of all where its heap is full. */
export const isHeapFull = (line: string): boolean => line.includes('JavaScript heap out of memory')
