import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { type Frame, frameOf } from './frames.ts'

/** Sends a frame, and waits while the worker has enough to read. What a worker that has ended is sent is lost. */
export async function send(input: Writable, frame: Frame): Promise<void> {
  if (!input.writable) return
  for (const part of frameOf(frame)) input.write(part)
  if (!input.writableNeedDrain) return
  const settled = new AbortController()
  const { signal } = settled
  await Promise.race([once(input, 'drain', { signal }), once(input, 'close', { signal })]).finally(() =>
    settled.abort(),
  )
}
