/**
 * One of those that are compared, as a process of its own: none of them waits for another, or for the git server. What
 * its memory is measured of holds nothing but itself and this.
 */
import { readFile } from 'node:fs/promises'
import { performance } from 'node:perf_hooks'
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

/** What the bench sends to a side; it answers each with an `Answer`. */
export type Ask =
  | { readonly what: 'look' | 'commit'; readonly changes: readonly Revision[] }
  | { readonly what: 'list' | 'read' | 'peakBytes' | 'close' }

type Answer = { readonly figure: number } | { readonly failed: string }

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
  const answer = (said: Answer) => process.send?.(said)
  process.on('message', (message) => {
    if (!isAsk(message)) throw new Error('a side of the bench was asked by something else')
    done(message).then(
      (figure) => answer({ figure }),
      (error: unknown) => answer({ failed: error instanceof Error ? (error.stack ?? '') : String(error) }),
    )
  })
  process.send?.('open')
}

/** The bench alone has a channel to this process. */
const isAsk = (message: unknown): message is Ask => typeof message === 'object' && message !== null && 'what' in message

/** proc(5), VmHWM: of this program alone, where getrusage's maximum begins with that of whoever started it. */
async function peakBytes(): Promise<number> {
  const status = await readFile('/proc/self/status', 'utf8')
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024
}
