import { Hono } from 'hono'

export interface WorkOptions {
  /** What the service says to whoever has this token, null where nobody has it. */
  readonly down: (token: string) => ReadableStream<Uint8Array> | null
  /** Takes what whoever has this token says, null where nobody has it; rejected where that was cut. */
  readonly up: (token: string, said: ReadableStream<Uint8Array>) => Promise<void> | null
}

/**
 * Where workers on other machines are heard: `GET /work` answers as long as there is something to say to the worker,
 * `POST /said` is read as long as it says something. A token is good for one of each; to any other both answer 401.
 */
export const work = ({ down, up }: WorkOptions): Hono =>
  new Hono()
    .get('/work', (c) => {
      const frames = down(tokenIn(c.req.header('authorization')))
      if (frames === null) return c.text('Unauthorized\n', 401)
      return c.body(frames, 200, { 'Content-Type': 'application/octet-stream', 'Cache-Control': 'no-store' })
    })
    .post('/said', async (c) => {
      const { body } = c.req.raw
      const heard = body === null ? null : up(tokenIn(c.req.header('authorization')), body)
      if (heard === null) return c.text('Unauthorized\n', 401)
      // Why it was cut, whoever waits for its words finds out; nobody is left to hear an answer.
      return await heard.then(
        () => c.body(null, 204),
        () => c.text('Cut short\n', 400),
      )
    })
    .notFound((c) => c.text('Not found\n', 404))

/** RFC 6750. '' is nobody's. */
const tokenIn = (header: string | undefined): string => /^bearer +(\S+) *$/i.exec(header ?? '')?.[1] ?? ''
