import { expect, it } from 'vitest'
import { onceMore } from '../../src/worker/once-more.ts'

it('does its work never twice at a time, and once more for all that asked meanwhile', async () => {
  const gates: (() => void)[] = []
  let ended = 0
  const work = onceMore(async () => {
    await new Promise<void>((resolve) => gates.push(resolve))
    ended += 1
  })
  expect(work.isIdle()).toBe(true)
  for (let nth = 0; nth < 5; nth++) work.ask()
  expect([gates.length, work.isIdle()]).toEqual([1, false])
  gates[0]?.()
  await expect.poll(() => gates.length).toBe(2)
  expect(ended).toBe(1)
  work.ask()
  gates[1]?.()
  await expect.poll(() => gates.length).toBe(3)
  gates[2]?.()
  await expect.poll(() => work.isIdle()).toBe(true)
  expect([ended, gates.length]).toEqual([3, 3])
})
