import { describe, expect, it, vi } from 'vitest'
import { sharedFlight, sharedFlights } from '../../../src/adapters/github/shared-flight.ts'

/** Work that ends when it is told to, and keeps what became of it. */
function work() {
  const begun: { signal: AbortSignal; end: () => void }[] = []
  const fly = sharedFlight(
    (signal) =>
      new Promise<number>((resolve, reject) => {
        const nth = begun.length + 1
        signal.addEventListener('abort', () => reject(signal.reason))
        begun.push({ signal, end: () => resolve(nth) })
      }),
  )
  return { begun, fly }
}
const forever = new AbortController().signal

describe('work that is shared', () => {
  it('is done once for all who ask before it begins, and again for those who ask later', async () => {
    const { begun, fly } = work()
    const early = [fly(forever), fly(forever)]
    await vi.waitFor(() => expect(begun).toHaveLength(1))
    const late = [fly(forever), fly(forever)]
    begun[0]?.end()
    expect(await Promise.all(early)).toEqual([1, 1])
    await vi.waitFor(() => expect(begun).toHaveLength(2))
    begun[1]?.end()
    expect(await Promise.all(late)).toEqual([2, 2])
  })

  it('goes on for the others when one of them gives up, and ends when all have', async () => {
    const { begun, fly } = work()
    const [one, two] = [new AbortController(), new AbortController()]
    const results = [fly(one.signal), fly(two.signal)].map((result) => result.catch((error: unknown) => error))
    await vi.waitFor(() => expect(begun).toHaveLength(1))
    const reason = new Error('superseded')
    one.abort(reason)
    expect(await results[0]).toBe(reason)
    expect(begun[0]?.signal.aborted).toBe(false)
    two.abort(reason)
    expect(await results[1]).toBe(reason)
    expect(begun[0]?.signal.aborted).toBe(true)
    const next = fly(forever)
    await vi.waitFor(() => expect(begun).toHaveLength(2))
    begun[1]?.end()
    expect(await next).toBe(2)
  })

  it('is not begun where nobody waits for it any more', async () => {
    const { begun, fly } = work()
    const first = fly(forever)
    await vi.waitFor(() => expect(begun).toHaveLength(1))
    const stop = new AbortController()
    const second = fly(stop.signal).catch((error: unknown) => error)
    stop.abort(new Error('superseded'))
    const third = fly(forever)
    begun[0]?.end()
    await Promise.all([first, second])
    await vi.waitFor(() => expect(begun).toHaveLength(2))
    begun[1]?.end()
    expect(await third).toBe(2)
    expect(begun).toHaveLength(2)
  })

  it('fails for all who wait, and is tried afresh for who asks next', async () => {
    let tries = 0
    const fly = sharedFlight(async () => {
      tries++
      if (tries === 1) throw new Error('GitHub is down')
      return tries
    })
    await expect(Promise.all([fly(forever), fly(forever)])).rejects.toThrow('GitHub is down')
    expect(await fly(forever)).toBe(2)
  })
})

describe('work that is shared by name', () => {
  it('is still shared once one of those who wait has given up, and is done beside that of another name', async () => {
    const begun: string[] = []
    const ends = new Map<string, () => void>()
    const flights = sharedFlights<string>()
    const ask = (name: string, signal = forever) =>
      flights(
        name,
        () =>
          new Promise((resolve) => {
            begun.push(name)
            ends.set(name, () => resolve(name))
          }),
        signal,
      )
    const stop = new AbortController()
    const gone = ask('one', stop.signal).catch((error: unknown) => error)
    const first = ask('one')
    await vi.waitFor(() => expect(begun).toEqual(['one']))
    stop.abort('superseded')
    expect(await gone).toBe('superseded')
    const second = ask('one')
    const other = ask('two')
    await vi.waitFor(() => expect(begun).toEqual(['one', 'two']))
    ends.get('two')?.()
    expect(await other).toBe('two')
    ends.get('one')?.()
    expect(await first).toBe('one')
    await vi.waitFor(() => expect(begun).toEqual(['one', 'two', 'one']))
    ends.get('one')?.()
    expect(await second).toBe('one')
  })
})
