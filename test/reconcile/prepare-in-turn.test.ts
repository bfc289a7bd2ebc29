import { expect, it } from 'vitest'
import type { Prepared, PrepareRequest } from '../../src/reconcile/prepare.ts'
import { prepareInTurn } from '../../src/reconcile/prepare-in-turn.ts'
import type { RunStep } from '../../src/reconcile/steps.ts'
import { turnsOf } from '../../src/worker/turns.ts'

/** What nobody looks at here. */
const STEP: RunStep = async () => {
  throw new Error('no step is run')
}
const requestOf = (repository: number) => ({ target: { repository: { id: repository } } }) as unknown as PrepareRequest
const never = new AbortController().signal

/** One slot, and a worker whose works end when they are told to. */
function given() {
  const [said, begun]: [string[], (() => void)[]] = [[], []]
  const prepared = { notices: [] } as unknown as Prepared
  const prepare = prepareInTurn(turnsOf(1), {
    prepare: (_request, _step, signal) =>
      new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason))
        begun.push(() => resolve(prepared))
      }),
  })
  const run = (name: string, signal = never) =>
    prepare(requestOf(1), STEP, async (kind) => void said.push(`${name} ${kind}`), signal)
  return { run, said, begun, prepared }
}

it('tells a pull request that it is queued where it is not its turn, and that it is prepared once it is', async () => {
  const { run, said, begun, prepared } = given()
  const [first, second] = [run('first'), run('second')]
  await expect.poll(() => said).toEqual(['second queued', 'first preparing'])
  expect(begun).toHaveLength(1)
  begun[0]?.()
  expect(await first).toBe(prepared)
  await expect.poll(() => begun.length).toBe(2)
  begun[1]?.()
  expect(await second).toBe(prepared)
  expect(said.slice(2)).toEqual(['second preparing'])
})

it('leaves the queue at once where it has lost its point, and begins nothing', async () => {
  const { run, begun } = given()
  const first = run('first')
  const stop = new AbortController()
  const second = run('second', stop.signal).catch((error: unknown) => error)
  stop.abort('superseded')
  expect(await second).toBe('superseded')
  begun[0]?.()
  await first
  expect(begun).toHaveLength(1)
})
