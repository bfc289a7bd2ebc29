/** The running previews, as WeStage's API lists them: asked for again and again, and kept on disk. */
import { readFile, rename, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { request } from 'undici'
import { z } from 'zod'
import { urlBelow } from '../domain/url-below.ts'

/** What of the API's answer matters here. More may be in it. */
const PreviewSchema = z.object({
  app: z.string(),
  pull: z.object({ number: z.int().positive() }),
  namespace: z.string().nullable(),
  url: z.string().nullable(),
  since: z.iso.datetime().nullable(),
  /** Null while WeStage can't tell: its preview.yaml was not read. */
  callbacks: z
    .array(
      z.object({
        source: z.string(),
        path: z.string(),
        /** An older WeStage does not say. */
        missed: z.boolean().default(false),
        service: z.object({ name: z.string(), port: z.number() }).optional(),
      }),
    )
    .nullable(),
})

export type RunningPreview = z.output<typeof PreviewSchema>

const ListSchema = z.object({ previews: z.array(PreviewSchema) })

export interface RunningPreviewsOptions {
  /** WeStage's address, such as `http://westage.westage.svc`, or a path of a host. */
  readonly westage: URL
  readonly token: string
  /** Where the last list is kept. */
  readonly folder: string
  readonly everyMs: number
  readonly now: () => number
  /** Told what the list is, and when WeStage said so, whenever that is known: also that it is as it was. */
  readonly found: (previews: readonly RunningPreview[], atMs: number) => Promise<void>
  readonly failed: (what: string, error: unknown) => void
}

export interface RunningPreviews {
  /** When the list was last known to be right, null for never. */
  knownAtMs(): number | null
  close(): Promise<void>
}

/** A list, and when WeStage said that it is right. */
interface Said {
  readonly previews: readonly RunningPreview[]
  readonly atMs: number
}

const ANSWER_MAX_MS = 10_000

/** Begins with the list that was kept, where there is one, and follows WeStage's from then on. */
export async function followRunningPreviews(options: RunningPreviewsOptions): Promise<RunningPreviews> {
  const { westage, token, folder, everyMs, now, found, failed } = options
  const file = join(folder, 'previews.json')
  const closing = new AbortController()
  /** The list that WeStage gave last, where it is kept. */
  let last: { readonly etag: string; readonly previews: readonly RunningPreview[] } | null = null
  /** What WeStage said last, where that was not told or kept: it holds also while WeStage is away. */
  let pending: Said | null = null
  let atMs: number | null = null
  let timer: NodeJS.Timeout | undefined
  let asking: Promise<void> | null = null
  let isAskedAgain = false

  const list = await keptIn(file).catch((error: unknown) => {
    failed('the list of previews that was kept', error) // WeStage has another
    return null
  })
  if (list !== null) {
    atMs = list.atMs
    await found(list.previews, list.atMs)
  }

  const tell = async (said: Said, keep: typeof keepIn): Promise<void> => {
    pending = said
    await found(said.previews, said.atMs)
    atMs = said.atMs
    await keep(file, said)
    pending = null
  }

  const ask = async (): Promise<void> => {
    // What fails here is no reason not to ask for what may be newer.
    if (pending !== null) await tell(pending, keepIn).catch((error: unknown) => failed('the running previews', error))
    const { statusCode, headers, body } = await request(urlBelow(westage, 'api/previews'), {
      headers: { authorization: `Bearer ${token}`, ...(last === null ? {} : { 'if-none-match': last.etag }) },
      headersTimeout: ANSWER_MAX_MS,
      bodyTimeout: ANSWER_MAX_MS,
      signal: closing.signal,
    })
    const known = last
    last = null // what fails from here on is asked for whole the next time
    if (statusCode === 304 && known !== null) {
      await body.dump()
      await tell({ previews: known.previews, atMs: now() }, confirmIn)
      last = known
      return
    }
    if (statusCode !== 200) {
      throw new Error(`${westage.origin} answered ${statusCode}: ${(await body.text()).slice(0, 200)}`)
    }
    const { previews } = ListSchema.parse(await body.json())
    await tell({ previews, atMs: now() }, keepIn)
    if (typeof headers.etag === 'string') last = { etag: headers.etag, previews }
  }

  /** Asks now, or once more after what is being asked: a change may have come too late for that. */
  const askNow = () => {
    if (closing.signal.aborted) return
    if (asking !== null) {
      isAskedAgain = true
      return
    }
    clearTimeout(timer)
    isAskedAgain = false
    asking = ask()
      .catch((error: unknown) => {
        if (!closing.signal.aborted) failed('the running previews', error)
      })
      .finally(() => {
        asking = null
        if (closing.signal.aborted) return
        if (isAskedAgain) askNow()
        else timer = setTimeout(askNow, everyMs)
      })
  }
  askNow()
  const listening = followEvents(urlBelow(westage, 'api/previews/events'), token, everyMs, askNow, closing.signal)

  return {
    knownAtMs: () => atMs,
    async close() {
      closing.abort(new Error('WeHook stops'))
      clearTimeout(timer)
      await asking
      await listening
    },
  }
}

/** The list that was kept, and when it was last known to be right: the file says so by its own time. */
async function keptIn(file: string): Promise<Said | null> {
  try {
    const { previews } = ListSchema.parse(JSON.parse(await readFile(file, 'utf8')))
    return { previews, atMs: (await stat(file)).mtimeMs }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}

async function keepIn(file: string, { previews, atMs }: Said): Promise<void> {
  const next = `${file}.new`
  await writeFile(next, JSON.stringify({ previews }), { flush: true })
  await confirmIn(next, { atMs })
  await rename(next, file)
}

/** The list that is kept is right still. */
const confirmIn = (file: string, { atMs }: Pick<Said, 'atMs'>): Promise<void> => utimes(file, atMs / 1000, atMs / 1000)

/**
 * Calls `changed` for each of WeStage's events of that name, until the signal is aborted. That they can't be had is no
 * fault of its own: the list is asked for every so often anyway.
 */
async function followEvents(
  url: URL,
  token: string,
  everyMs: number,
  changed: () => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const { statusCode, body } = await request(url, {
        headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream' },
        headersTimeout: ANSWER_MAX_MS,
        bodyTimeout: SILENCE_MAX_MS,
        signal,
      })
      if (statusCode !== 200) await body.dump()
      else for await (const line of linesOf(body)) if (line === 'event: changed') changed()
    } catch {
      // WeStage is away, or the connection has ended.
    }
    await delay(everyMs, undefined, { signal }).catch(() => undefined)
  }
}

/** The lines of a stream, as they come; one that is longer than any of an event's is an error. */
async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const text = new TextDecoder()
  let held = ''
  for await (const part of body) {
    const lines = `${held}${text.decode(part, { stream: true })}`.split('\n')
    held = lines.pop() ?? ''
    if (held.length > LINE_MAX) throw new Error('a line of an event stream is too long')
    yield* lines.map((line) => line.trimEnd())
  }
}

const LINE_MAX = 10_000
/** WeStage says every 20 s that it is still there. */
const SILENCE_MAX_MS = 60_000
