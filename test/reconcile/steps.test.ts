import { describe, expect, it } from 'vitest'
import { Terminal } from '../../src/domain/errors.ts'
import { currentStepOf, stepsOf } from '../../src/reconcile/steps.ts'
import { together } from '../../src/reconcile/together.ts'
import { runsInMemory } from '../fakes/runs-in-memory.ts'
import { virtualClock } from '../fakes/virtual-clock.ts'

const aborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))

describe('two steps at once', () => {
  it('say that one failed, and that the other was aborted, whichever began first', async () => {
    for (const failing of ['build', 'render'] as const) {
      const run = await runsInMemory().start({ key: '1/1/shop', title: '', pullUrl: '', sha: '' })
      const { signal } = new AbortController()
      const step = stepsOf(run, virtualClock(), 60_000, signal)
      const begin = (name: 'build' | 'render') => (stop: AbortSignal) =>
        step<never>(
          name,
          () => (name === failing ? Promise.reject(new Terminal('line 3')) : aborted(stop)),
          undefined,
          stop,
        )
      await expect(together(signal, [begin('build'), begin('render')])).rejects.toThrow('line 3')
      const outcomes = Object.fromEntries(run.steps().map((record) => [record.step, record.outcome]))
      expect(outcomes).toEqual({ build: 'aborted', render: 'aborted', [failing]: 'failed' })
      expect(currentStepOf(run)).toBe(failing)
    }
  })
})

it('the step of an error is the latest, though an earlier attempt failed in a later one', async () => {
  const run = await runsInMemory().start({ key: '1/1/shop', title: '', pullUrl: '', sha: '' })
  run.begin('commit', 1)
  run.end('commit', 2, 'failed', '')
  run.begin('fetch', 3)
  expect(currentStepOf(run)).toBe('fetch')
})
