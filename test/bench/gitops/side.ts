/** One of those that are compared, as a process of its own: none of them waits for another, or for the git server. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { performance } from 'node:perf_hooks'
import { z } from 'zod'
import type { Revision } from './preview-texts.ts'

/** What a side does, all of it timed. */
export interface Side {
  /** Gets to know the folders that are about to be changed, as WeStage does before it decides. */
  look(changes: readonly Revision[]): Promise<void>
  /** One commit for each change, all in one push. */
  commit(changes: readonly Revision[]): Promise<void>
  /** Lists all folders at the tip. */
  list(): Promise<void>
  /** Reads the preview.yaml of the listed folders that it has not read yet. */
  read(): Promise<void>
  close(): Promise<void>
}

const RevisionSchema = z.object({ preview: z.int(), revision: z.int() })
const AskSchema = z.discriminatedUnion('what', [
  z.object({ what: z.literal('look'), changes: z.array(RevisionSchema) }),
  z.object({ what: z.literal('commit'), changes: z.array(RevisionSchema) }),
  z.object({ what: z.literal('list') }),
  z.object({ what: z.literal('read') }),
  z.object({ what: z.literal('peakBytes') }),
  z.object({ what: z.literal('close') }),
])
type Ask = z.output<typeof AskSchema>
const AnswerSchema = z.union([z.object({ figure: z.number() }), z.object({ failed: z.string() })])

export interface StartedSide {
  look(changes: readonly Revision[]): Promise<void>
  /** @returns milliseconds */
  commit(changes: readonly Revision[]): Promise<number>
  /** @returns milliseconds */
  list(): Promise<number>
  /** @returns milliseconds */
  read(): Promise<number>
  /** The peak of its resident memory so far. */
  peakBytes(): Promise<number>
  close(): Promise<void>
}

/** Starts a side's program, which is asked one thing at a time. @param args the server's address of a repo, a folder */
export async function startSide(program: string, args: readonly [url: string, dir: string]): Promise<StartedSide> {
  const child = fork(program, args, { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const ask = async (what: Ask): Promise<number> => {
    child.send(what)
    const answer = AnswerSchema.parse(await messageOf(child))
    if ('failed' in answer) throw new Error(`${program}: ${answer.failed}`)
    return answer.figure
  }
  await messageOf(child) // that it is open
  return {
    look: async (changes) => void (await ask({ what: 'look', changes: [...changes] })),
    commit: (changes) => ask({ what: 'commit', changes: [...changes] }),
    list: () => ask({ what: 'list' }),
    read: () => ask({ what: 'read' }),
    peakBytes: () => ask({ what: 'peakBytes' }),
    async close() {
      const ended = once(child, 'exit')
      await ask({ what: 'close' })
      child.disconnect()
      await ended
    },
  }
}

async function messageOf(child: ChildProcess): Promise<unknown> {
  const gone = new AbortController()
  const ended = once(child, 'exit', { signal: gone.signal }).then(([code]) => {
    throw new Error(`a side of the bench ended with ${code}`)
  })
  ended.catch(() => {}) // where a message came first
  try {
    const [message] = await Promise.race([once(child, 'message'), ended])
    return message
  } finally {
    gone.abort()
  }
}

/** For what a side is not compared in. */
export const notCompared = async (): Promise<never> => {
  throw new Error('is not compared in this')
}

/** The program's part: opens the side by the arguments of `startSide`, and does what it is asked until it is closed. */
export async function answerAsks(open: (url: string, dir: string) => Promise<Side>): Promise<void> {
  const [url = '', dir = ''] = process.argv.slice(2)
  const side = await open(url, dir)
  const timed = async (work: Promise<void>) => {
    const started = performance.now()
    await work
    return performance.now() - started
  }
  const done = async (ask: Ask): Promise<number> => {
    switch (ask.what) {
      case 'look':
        return timed(side.look(ask.changes))
      case 'commit':
        return timed(side.commit(ask.changes))
      case 'list':
        return timed(side.list())
      case 'read':
        return timed(side.read())
      case 'peakBytes':
        return peakBytes()
      case 'close':
        return timed(side.close())
    }
  }
  process.on('message', (message) => {
    done(AskSchema.parse(message)).then(
      (figure) => process.send?.({ figure }),
      (error: unknown) => process.send?.({ failed: error instanceof Error ? (error.stack ?? '') : String(error) }),
    )
  })
  process.send?.('open')
}

/** proc(5), VmHWM: of this program alone, where getrusage's maximum begins with that of whoever started it. */
async function peakBytes(): Promise<number> {
  const status = await readFile('/proc/self/status', 'utf8')
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024
}
