import { expect, it } from 'vitest'
import { tellableOf } from '../../../src/adapters/runs/tellable.ts'

const tellable = tellableOf(['instance-secret'])

it('is one line without secrets', () => {
  const said = 'clone https://x-access-token:ghs_0123456789abcdefghij@github.test/a.git failed\nwith instance-secret'
  const told = tellable(said)
  expect(told).not.toMatch(/ghs_|instance-secret|\n/)
  expect(told).toContain('github.test/a.git failed')
})

it('is bounded', () => {
  expect(tellable('x'.repeat(100_000)).length).toBeLessThan(700)
  expect(tellable('short')).toBe('short')
})
