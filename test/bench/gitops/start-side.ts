/** Starts a side of the bench, and asks it. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { z } from 'zod'
import type { Revision } from './preview-texts.ts'
import type { Ask } from './side.ts'

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
