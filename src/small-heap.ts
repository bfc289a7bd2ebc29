/** V8's heap, kept near what is in it. */
import { setFlagsFromString } from 'node:v8'

/**
 * For a process that waits most of the time, and whose work is little. V8 doubles the young generation, where new
 * objects live until they are found to last, up to 32 MB, each time that as much as it holds has survived in it since
 * the last time: in a process that goes on for long, always, whatever it needs. And it lets the old generation grow by
 * 8 MB at least before it collects what is dead there, by 2 MB where it is told to go easy on memory. Some more
 * collections are what that costs. To be called before there is much.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1')
  setFlagsFromString('--optimize-for-size')
}
