/** One hash of all that a builder can see of a context. */
import { createHash, hash } from 'node:crypto'
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { open, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { ContextEntry } from './context-entries.ts'
import { inStretches } from './stretches.ts'

/** Of a file in memory. */
const CHUNK_BYTES = 256 * 1024
const MAY_EXECUTE = 0o111

/**
 * @param entries of `context`, in any order
 * @returns sha256 as hex of their paths, kinds, contents, of links where they lead, of files whether they can be executed;
 * whose they are and when they were written is another in each archive, and counts for nothing
 */
export async function contextHash(
  context: string,
  entries: readonly ContextEntry[],
  signal: AbortSignal,
): Promise<string> {
  const lines: string[] = []
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES)
  const pause = inStretches(signal)
  for (const { path, kind } of entries) {
    await pause()
    const file = join(context, path)
    if (kind === 'folder') lines.push(JSON.stringify([path, kind]))
    else if (kind === 'link') lines.push(JSON.stringify([path, kind, await readlink(file)]))
    else
      lines.push(JSON.stringify([path, kind, ...(smallFile(file, buffer) ?? (await largeFile(file, buffer, signal)))]))
  }
  const whole = createHash('sha256')
  for (const line of lines.sort()) whole.update(line).update('\n')
  return whole.digest('hex')
}

const isExecutable = (mode: number): string => ((mode & MAY_EXECUTE) === 0 ? 'plain' : 'executable')

/**
 * Without a wait: the file was unpacked a moment ago, so it is in memory, and to be told so by another thread four times
 * would take three times as long.
 * @returns null where it doesn't fit into the buffer
 */
function smallFile(file: string, buffer: Buffer): readonly string[] | null {
  const descriptor = openSync(file, 'r')
  try {
    const { mode, size } = fstatSync(descriptor)
    if (size > buffer.length) return null
    const bytes = readSync(descriptor, buffer, 0, size, 0)
    return [isExecutable(mode), hash('sha256', buffer.subarray(0, bytes))]
  } finally {
    closeSync(descriptor)
  }
}

async function largeFile(file: string, buffer: Buffer, signal: AbortSignal): Promise<readonly string[]> {
  await using handle = await open(file)
  const { mode, size } = await handle.stat()
  const whole = createHash('sha256')
  for (let at = 0; at < size; ) {
    signal.throwIfAborted()
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, at)
    if (bytesRead === 0) break
    whole.update(buffer.subarray(0, bytesRead))
    at += bytesRead
  }
  return [isExecutable(mode), whole.digest('hex')]
}
