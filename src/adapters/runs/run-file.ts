import { appendFile, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { bounded, type Entry, parseRun, printAbout, printEntry } from './run-entries.ts'

export interface RunFile {
  /** Takes an entry to be written soon; entries that come at once are written at once. */
  append(entry: Entry): void
  /** Waits until everything taken so far is on disk. @throws what the file system said */
  flush(): Promise<void>
}

export interface RunFileOptions {
  readonly path: string
  /** The file grows no longer than this by much, and what waits to be written stays below it. */
  readonly maxBytes: number
  /** Given each write as it starts. One that rejects is tried again with the next entry, and on flush. */
  readonly started: (done: Promise<void>) => void
}

/**
 * Appends to a run's file. When it grows past its bound it is rewritten with a quarter of it from its head, a quarter
 * from its tail, and a gap in between, so that a rewrite pays for half a file of lines.
 */
export function runFile(options: RunFileOptions & { readonly sizeBytes: number }): RunFile {
  const { path, maxBytes, started } = options
  const quarter = Math.floor(maxBytes / 4)
  let size = options.sizeBytes
  let waiting: Entry[] = []
  let waitingBytes = 0
  let writing: Promise<void> | null = null
  let unfinished = ''

  async function writeAll(): Promise<void> {
    while (waiting.length > 0 || unfinished !== '') {
      if (unfinished === '') {
        unfinished = waiting.map(printEntry).join('')
        waiting = []
        waitingBytes = 0
      }
      await appendFile(path, unfinished, { mode: 0o600 })
      size += Buffer.byteLength(unfinished)
      unfinished = ''
      if (size > maxBytes) size = await shorten(path, quarter)
    }
  }

  /** One writer at a time; what failed is kept, and starts on a line of its own when it is written again. */
  function write(): Promise<void> {
    if (writing !== null) return writing
    writing = Promise.resolve()
      .then(writeAll)
      .catch((error: unknown) => {
        if (unfinished !== '' && !unfinished.startsWith('\n')) unfinished = `\n${unfinished}`
        throw error
      })
      .finally(() => {
        writing = null
      })
    started(writing)
    return writing
  }

  return {
    append(entry) {
      waiting.push(entry)
      waitingBytes += Buffer.byteLength(printEntry(entry))
      if (waitingBytes > maxBytes) {
        waiting = [...bounded(waiting, quarter, quarter)]
        waitingBytes = waiting.reduce((sum, each) => sum + Buffer.byteLength(printEntry(each)), 0)
      }
      if (writing === null) void write()
    },
    async flush() {
      while (writing !== null || waiting.length > 0 || unfinished !== '') await write()
    },
  }
}

/** Rewrites the file in one step, so that neither a reader nor a killed process sees half of it. @returns its new size */
async function shorten(path: string, quarter: number): Promise<number> {
  const run = parseRun(await readFile(path, 'utf8'))
  if (run === null) throw new Error(`${path} is not a run's log any more`)
  const text = printAbout(run.about) + bounded(run.entries, quarter, quarter).map(printEntry).join('')
  const temporary = `${path}.tmp`
  try {
    await writeFile(temporary, text, { mode: 0o600, flush: true })
    await rename(temporary, path)
  } finally {
    await rm(temporary, { force: true })
  }
  return Buffer.byteLength(text)
}
