/** Who has to give way where there is no room for another body. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openBodiesOut } from '../../src/wehook/bodies-out.ts'
import type { Callback } from '../../src/wehook/callback.ts'

describe('of four bodies that are out for long while another waits', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
  afterEach(() => void vi.useRealTimers())
  const callback = (nth: number): Callback => ({
    ...{ id: `${nth}`, source: 'stripe', receivedAtMs: 0, method: 'POST', suffix: '', headers: [], mark: null },
    body: Buffer.alloc(1000),
  })

  it.each([
    { pace: 'prompt', who: 'those that were prompt', stays: 0 },
    { pace: 'slow', who: 'those that were slow', stays: 4 },
    { pace: 'unreached', who: 'those that did not answer', stays: 2 },
  ] as const)('$stays stay of $who', async ({ pace, stays }) => {
    const { signal } = new AbortController()
    const bodies = openBodiesOut({ maxBytes: 8000, takeMaxBytes: 1000 })
    const gaveWay: number[] = []
    for (let nth = 0; nth < 4; nth++) {
      const room = await bodies.room(pace, signal)
      room?.hold(callback(nth), () => gaveWay.push(nth))
      room?.close()
    }
    vi.advanceTimersByTime(60_000)
    expect(gaveWay).toEqual([])
    void bodies.room(pace, signal)
    vi.advanceTimersByTime(60_000)
    expect(gaveWay).toHaveLength(4 - stays)
  })
})
