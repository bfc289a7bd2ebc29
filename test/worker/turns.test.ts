import { describe, expect, it } from 'vitest'
import { turnsOf } from '../../src/worker/turns.ts'

const never = new AbortController().signal

describe('taking turns', () => {
  it('lets no more than so many run at a time', async () => {
    const { take: inTurn } = turnsOf(2)
    let [running, most] = [0, 0]
    await Promise.all(
      Array.from({ length: 6 }, () =>
        inTurn(
          'a',
          async () => {
            running++
            most = Math.max(most, running)
            await new Promise(setImmediate)
            running--
          },
          never,
        ),
      ),
    )
    expect(most).toBe(2)
  })

  it('says whether the next one has to wait', async () => {
    const turns = turnsOf(2)
    const [first, second] = [held<void>(), held<void>()]
    expect(turns.isFree()).toBe(true)
    const one = turns.take('a', () => first.promise, never)
    expect(turns.isFree()).toBe(true)
    const other = turns.take('a', () => second.promise, never)
    expect(turns.isFree()).toBe(false)
    first.resolve()
    await one
    expect(turns.isFree()).toBe(true)
    second.resolve()
    await other
  })

  it('lets lines take turns', async () => {
    const { take: inTurn } = turnsOf(1)
    const first = held<void>()
    const ran: string[] = []
    const running = [
      inTurn('a', () => first.promise, never),
      ...['a', 'a', 'b', 'a'].map((line, nth) => inTurn(line, async () => ran.push(`${line}${nth}`), never)),
    ]
    first.resolve()
    await Promise.all(running)
    expect(ran).toEqual(['a0', 'b2', 'a1', 'a3'])
  })

  it('lets who is aborted while waiting leave at once, without having begun', async () => {
    const { take: inTurn } = turnsOf(1)
    const first = held<string>()
    const stop = new AbortController()
    const done = inTurn('a', () => first.promise, never)
    const begun: string[] = []
    const waiting = inTurn('a', async () => begun.push('second'), stop.signal)
    stop.abort(new Error('superseded'))
    await expect(waiting).rejects.toThrow('superseded')
    first.resolve('done')
    expect(await done).toBe('done')
    expect(begun).toEqual([])
  })

  it('waits for what has begun and is aborted until it has put everything away, and keeps its turn until then', async () => {
    const { take: inTurn } = turnsOf(1)
    const putAway = held<void>()
    const stop = new AbortController()
    const events: string[] = []
    const first = inTurn(
      'a',
      async () => {
        await putAway.promise
        events.push('put away')
        throw stop.signal.reason
      },
      stop.signal,
    ).catch(() => events.push('ended'))
    const second = inTurn('a', async () => events.push('next'), never)
    await new Promise(setImmediate)
    stop.abort(new Error('superseded'))
    await new Promise(setImmediate)
    expect(events).toEqual([])
    putAway.resolve()
    await Promise.all([first, second])
    expect(events[0]).toBe('put away')
    expect(events.toSorted()).toEqual(['ended', 'next', 'put away'])
  })
})

function held<T>() {
  let resolve: (value: T) => void = () => {}
  const promise = new Promise<T>((done) => {
    resolve = done
  })
  return { promise, resolve }
}
