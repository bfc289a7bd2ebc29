/** Conversations with workers on other machines, each for whoever has its token, once. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { PassThrough, Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { HERE_MS, UNHEARD_MS } from './here.ts'
import { send } from './send.ts'

/** Both ways of one conversation. */
export interface Wire {
  /** Takes frames. */
  readonly input: Writable
  /** What the worker says; it ends where either way is cut. */
  readonly output: Readable
}

export interface Conversation {
  readonly token: string
  /** Once the worker has opened both ways; never, where the conversation is closed before. */
  readonly joined: Promise<Wire>
  /** Ends both ways, and forgets the token. */
  close(): void
}

export interface Conversations {
  open(): Conversation
  /** What is said to the worker that has this token. @returns null where nobody has it, or it is used already */
  down(token: string): ReadableStream<Uint8Array> | null
  /**
   * Takes what the worker with this token says.
   * @returns null as `down`; else what settles once it is over. @throws {Error} from that: it was cut
   */
  up(token: string, said: ReadableStream<Uint8Array>): Promise<void> | null
}

export interface ConversationsOptions {
  /** How long either side may say nothing: a worker says that it is still there more often. */
  readonly unheardMs?: number
  readonly hereMs?: number
}

interface Open extends Wire {
  readonly secretHash: Buffer
  readonly input: PassThrough
  readonly output: PassThrough
  readonly used: Set<'down' | 'up'>
  readonly join: () => void
}

/** Of what the worker may not say more before it is read. */
const HELD_BYTES = 64 * 1024

/** What the worker is told of itself stands in front of its secret: it is looked up by that, and compared by this. */
export function conversations({ unheardMs = UNHEARD_MS, hereMs = HERE_MS }: ConversationsOptions = {}): Conversations {
  const open = new Map<string, Open>()
  const use = (token: string, way: 'down' | 'up'): Open | null => {
    const [id = '', secret = ''] = token.split('.')
    const found = open.get(id)
    if (!timingSafeEqual(sha256(secret), found?.secretHash ?? NOBODYS)) return null
    if (found === undefined || found.used.has(way)) return null
    found.used.add(way)
    if (found.used.size === 2) found.join()
    return found
  }
  return {
    open() {
      const id = randomBytes(8).toString('hex')
      const secret = randomBytes(32).toString('base64url')
      const input = new PassThrough()
      const output = new PassThrough({ highWaterMark: HELD_BYTES })
      let join = () => {}
      const joined = new Promise<Wire>((resolve) => {
        join = () => resolve({ input, output })
      })
      const here = setInterval(() => {
        if (!input.writableNeedDrain) void send(input, { kind: 'here' })
      }, hereMs).unref()
      const close = () => {
        clearInterval(here)
        open.delete(id)
        input.destroy()
      }
      // Without one way the other is of no use. Whoever reads is told by the end; a listener keeps an error from more.
      input.on('error', () => {}).on('close', () => output.destroy())
      output.on('error', () => {}).on('close', () => input.destroy())
      open.set(id, { input, output, join, secretHash: sha256(secret), used: new Set() })
      return { token: `${id}.${secret}`, joined, close }
    },
    down(token) {
      const found = use(token, 'down')
      return found === null ? null : framesOf(found.input)
    },
    up(token, said) {
      const found = use(token, 'up')
      return found === null ? null : heard(said, found.output, unheardMs)
    },
  }
}

/** A stream that ends where the conversation does, whyever: that is nothing to be told to who serves it. */
function framesOf(input: PassThrough): ReadableStream<Uint8Array> {
  const chunks: AsyncIterator<Buffer> = input[Symbol.asyncIterator]()
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { value, done } = await chunks.next().catch(() => ({ value: undefined, done: true as const }))
      if (done === true || value === undefined) controller.close()
      else controller.enqueue(value)
    },
    cancel() {
      input.destroy()
    },
  })
}

/** Passes on what is said. @throws {Error} it was cut, or nothing came for too long */
async function heard(said: ReadableStream<Uint8Array>, output: PassThrough, unheardMs: number): Promise<void> {
  const source = Readable.fromWeb(said as Parameters<typeof Readable.fromWeb>[0])
  const timer = setTimeout(() => source.destroy(new Error('nothing was said for too long')), unheardMs)
  source.on('data', () => timer.refresh())
  try {
    await pipeline(source, output)
  } finally {
    clearTimeout(timer)
  }
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest()
const NOBODYS = Buffer.alloc(32)
