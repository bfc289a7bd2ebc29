import { expect, it } from 'vitest'
import { follow } from '../../../src/adapters/runs/follow.ts'
import type { RunUpdate, RunView } from '../../../src/domain/run-view.ts'
import type { StepRecord } from '../../../src/domain/step.ts'

it('gives a follower what came while the log was being read', async () => {
  const build: StepRecord = { step: 'build', startedAtMs: 1, endedAtMs: 2, outcome: 'failed', note: '' }
  const followers = new Map<string, Set<(update: RunUpdate) => void>>()
  const tell = (update: RunUpdate) => {
    for (const told of followers.get('x') ?? []) told(update)
  }
  const read: RunView = {
    id: 'x',
    about: { key: '', title: '', pullUrl: '', sha: '' },
    steps: [],
    lines: [{ number: 1, text: 'read' }],
    changes: ['+read'],
  }
  const view = async () => {
    await Promise.resolve()
    tell({ kind: 'steps', steps: [build] })
    tell({ kind: 'changes', changes: ['+told'] })
    tell({ kind: 'lines', lines: [{ number: 1, text: 'read' }] })
    tell({ kind: 'lines', lines: [{ number: 2, text: 'told' }] })
    return read
  }
  const ends = new AbortController()
  const seen: RunUpdate[] = []
  for await (const update of follow({ id: 'x', from: 0, signal: ends.signal, view, followers })) {
    seen.push(update)
    if (update.kind === 'lines') ends.abort()
  }
  expect(seen).toEqual([
    { kind: 'steps', steps: [] },
    { kind: 'changes', changes: ['+read'] },
    { kind: 'steps', steps: [build] },
    { kind: 'changes', changes: ['+told'] },
    {
      kind: 'lines',
      lines: [
        { number: 1, text: 'read' },
        { number: 2, text: 'told' },
      ],
    },
  ])
  expect(followers.size).toBe(0)
})
