import type { Context } from 'hono'
import type { SSEStreamingApi } from 'hono/streaming'
import type { RunReader, RunUpdate } from '../domain/run-view.ts'
import { changedLines } from './changes-section.ts'
import { eventStream } from './event-stream.ts'
import { stepRows } from './run-page.ts'

export interface RunEventsOptions {
  readonly runs: RunReader
  readonly now: () => number
  /** Ends every stream: a server that closes waits for its connections. */
  readonly signal: AbortSignal
  readonly failed: (what: string, error: unknown) => void
}

/**
 * A run's steps and lines as server-sent events (WHATWG HTML, "Server-sent events"): `lines` with a JSON array of texts
 * and the last one's number as its id, from which Last-Event-ID goes on; `steps` with the rows of the table; `changes`
 * with all of the `ChangedLine`s that are to be seen, none where nothing is changed by hand any more.
 */
export function runEvents(c: Context, id: string, { runs, now, signal, failed }: RunEventsOptions): Response {
  const from = numberOf(c.req.header('last-event-id')) ?? numberOf(c.req.query('from')) ?? 0
  return eventStream(
    c,
    signal,
    async (stream, ends) => {
      for await (const update of runs.follow(id, from, ends)) await send(stream, update, now)
    },
    (error) => failed(`the events of run ${id}`, error),
  )
}

async function send(stream: SSEStreamingApi, update: RunUpdate, now: () => number): Promise<void> {
  switch (update.kind) {
    case 'steps': {
      const rows = await stepRows(update.steps, now())
      return stream.writeSSE({ event: 'steps', data: JSON.stringify(rows.toString()) })
    }
    case 'changes':
      return stream.writeSSE({ event: 'changes', data: JSON.stringify(changedLines(update.changes)) })
    case 'lines':
      return stream.writeSSE({
        event: 'lines',
        id: String(update.lines.at(-1)?.number ?? 0),
        data: JSON.stringify(update.lines.map(({ text }) => text)),
      })
  }
}

const numberOf = (text: string | undefined): number | null =>
  text !== undefined && /^[0-9]{1,15}$/.test(text) ? Number(text) : null
