/** A callback as one piece of bytes: how long its head is, the head as JSON, the body as it is. */
import { z } from 'zod'
import type { Callback } from './callback.ts'

const HeadSchema = z.object({
  id: z.string(),
  source: z.string(),
  receivedAtMs: z.number(),
  method: z.string(),
  suffix: z.string(),
  headers: z.array(z.string()),
  mark: z.string().nullable(),
})

const LENGTH_BYTES = 4

export function bytesOfCallback({ body, ...head }: Callback): Buffer {
  const text = Buffer.from(JSON.stringify(head), 'utf8')
  const length = Buffer.alloc(LENGTH_BYTES)
  length.writeUInt32BE(text.length)
  return Buffer.concat([length, text, body])
}

/** @throws where they are no such bytes */
export function callbackOfBytes(bytes: Buffer): Callback {
  const end = LENGTH_BYTES + bytes.readUInt32BE(0)
  return { ...headOfText(bytes.toString('utf8', LENGTH_BYTES, end)), body: bytes.subarray(end) }
}

/** All but the body. @throws where it is no such head */
export const headOfText = (text: string): Omit<Callback, 'body'> => HeadSchema.parse(JSON.parse(text))
