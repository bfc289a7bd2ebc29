import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunReader, RunUpdate, RunView } from '../../domain/run-view.ts'
import type { Clock, RunLog, Runs } from '../../ports.ts'
import { cleanText } from './clean-lines.ts'
import { follow } from './follow.ts'
import { deleteOldRuns, goneIsNull } from './old-runs.ts'
import { redactorOf } from './redact.ts'
import { changesOf, linesOf, parseRun, printAbout, type RunContent, stepsOf } from './run-entries.ts'
import { runFile } from './run-file.ts'
import { runLog } from './run-log.ts'

const DAY_MS = 86_400_000
/** Enough that an address can't be guessed: whoever has it may read the log. */
const ID_BYTES = 16
const ID = /^[0-9a-f]{32}$/

export interface RunsOptions {
  /** The data folder; logs are kept in `runs/` below it. */
  readonly dir: string
  /** About what one run's log takes on disk at most. */
  readonly maxBytesPerRun: number
  /** How long a log is kept after it was last written to. */
  readonly keepMs: number
  /** Every secret of this instance, to be kept out of every log. */
  readonly secrets: readonly string[]
  readonly clock: Clock
  /** Told when a log could not be written, or old ones not deleted, where nobody waits for it. */
  readonly failed?: (error: unknown) => void
}

/** The runs' logs, to be written and read. `close` writes what is left and ends the daily deletion. */
export type RunStore = Runs & RunReader & { close(): Promise<void> }

/**
 * Opens the logs under `dir`: one file of JSON lines per run, so that steps and lines outlive the process. Deletes the
 * old ones now and every day.
 * @throws what the file system says
 */
export async function openRuns(options: RunsOptions): Promise<RunStore> {
  const { maxBytesPerRun, keepMs, clock, failed = () => {} } = options
  const folder = join(options.dir, 'runs')
  const redactor = redactorOf(options.secrets)
  // Two writers of one file would not know of each other: as long as anybody holds a log, everybody gets that one.
  const held = new Map<string, WeakRef<RunLog>>()
  const opening = new Map<string, Promise<RunLog | null>>()
  const followers = new Map<string, Set<(update: RunUpdate) => void>>()
  const writing = new Set<object>()
  const pathOf = (id: string) => join(folder, `${id}.jsonl`)

  async function content(id: string): Promise<(RunContent & { sizeBytes: number; isTorn: boolean }) | null> {
    const text = await readFile(pathOf(id), 'utf8').catch(goneIsNull)
    const run = text === null ? null : parseRun(text)
    return text === null || run === null
      ? null
      : { ...run, sizeBytes: Buffer.byteLength(text), isTorn: !text.endsWith('\n') }
  }

  function logOf(id: string, run: RunContent, sizeBytes: number): RunLog {
    // A log that is being written is held here, so that nobody opens a second one beside it.
    const started = (done: Promise<void>) => {
      const hold = { log }
      writing.add(hold)
      done.catch(failed).finally(() => writing.delete(hold))
    }
    const file = runFile({ path: pathOf(id), maxBytes: maxBytesPerRun, started, sizeBytes })
    const log: RunLog = runLog(id, run, file, redactor, (update) => {
      for (const told of followers.get(id) ?? []) told(update)
    })
    held.set(id, new WeakRef(log))
    return log
  }

  async function reopen(id: string): Promise<RunLog | null> {
    const run = await content(id)
    if (run === null) return null
    if (run.isTorn) await writeFile(pathOf(id), '\n', { flag: 'a' })
    return logOf(id, run, run.sizeBytes)
  }

  async function view(id: string): Promise<RunView | null> {
    if (!ID.test(id)) return null
    await held.get(id)?.deref()?.flush()
    const run = await content(id)
    if (run === null) return null
    const { about, entries } = run
    return { id, about, steps: stepsOf(entries), lines: linesOf(entries), changes: changesOf(entries) }
  }

  await mkdir(folder, { recursive: true, mode: 0o700 })
  const deleteOld = () => {
    for (const [id, log] of held) if (log.deref() === undefined) held.delete(id)
    return deleteOldRuns(folder, clock.now() - keepMs, (name) => held.has(name.slice(0, name.indexOf('.'))))
  }
  await deleteOld()
  let cancel = () => {}
  const daily = () => {
    cancel = clock.after(DAY_MS, () => {
      deleteOld().catch(failed)
      daily()
    })
  }
  daily()

  return {
    async start(about) {
      const id = randomBytes(ID_BYTES).toString('hex')
      const clean = (text: string) => cleanText(text, redactor)
      const { key, title, pullUrl, sha } = about
      const shown = { key: clean(key), title: clean(title), pullUrl: clean(pullUrl), sha: clean(sha) }
      const text = printAbout(shown)
      await writeFile(pathOf(id), text, { flag: 'wx', mode: 0o600 })
      return logOf(id, { about: shown, entries: [] }, Buffer.byteLength(text))
    },
    async open(id) {
      if (!ID.test(id)) return null
      const log = held.get(id)?.deref()
      if (log !== undefined) return log
      const pending = opening.get(id) ?? reopen(id).finally(() => opening.delete(id))
      opening.set(id, pending)
      return pending
    },
    view,
    follow: (id, from, signal) => follow({ view: () => view(id), followers, id, from, signal }),
    async close() {
      cancel()
      await Promise.all([...held.values()].map((log) => log.deref()?.flush()))
    },
  }
}
