import { describe, expect, it } from 'vitest'
import type { BroughtBack, Found } from '../../src/domain/by-hand.ts'
import type { FolderTouch } from '../../src/domain/folder.ts'
import { parseMemo } from '../../src/domain/memo.ts'
import { reportOf } from '../../src/domain/words.ts'
import { subjectOf } from './subject.ts'

const COMMIT = '1234567'.repeat(6).slice(0, 40)
const WRITTEN = { commit: COMMIT, committedAtMs: 5, tree: 'a'.repeat(40) }
const SUBJECT = subjectOf()
const ADA: FolderTouch = { commit: COMMIT, by: 'person', name: 'Ada', subject: 'Revert "shop #7"', atMs: 9 }
const heldAs = (found: Found, change: FolderTouch | null = ADA) =>
  reportOf({ kind: 'held', committed: WRITTEN, tree: 'b'.repeat(40), found, change }, SUBJECT)

describe('a held preview', () => {
  it.each<[string, Found, string, string]>([
    ['a folder that is gone', { kind: 'no folder' }, 'Held: removed by hand', 'so nothing runs'],
    [
      'an earlier revision',
      { kind: 'another revision', sha: 'fedcba9'.repeat(6).slice(0, 40), urls: ['https://feat-pay-shop.test'] },
      'Held at fedcba9: changed by hand',
      'What runs now is revision `fedcba9`, at https://feat-pay-shop.test.',
    ],
    [
      'edited manifests',
      { kind: 'edited', urls: [] },
      'Held: changed by hand',
      'this revision with its files changed by hand. [What was changed](https://westage.test/runs/r1#by-hand)',
    ],
    ['a preview.yaml that is none', { kind: 'unreadable', fault: 'no *YAML*' }, 'Held', 'no \\*YAML\\*'],
  ])('says of %s who did it, in which commit, what runs now and how to go on', (_, found, title, lead) => {
    const { check, deployment } = heldAs(found)
    expect(check.title).toContain(title)
    expect(check.title).toContain('by Ada')
    expect(check.summary).toContain(`**Ada** changed this preview`)
    expect(check.summary).toContain(`[\`1234567\`](https://git.test/gitops/commit/${COMMIT}): Revert "shop \\#7"`)
    expect(check.summary).toContain(lead)
    expect(check.summary).toContain('push a commit, put the label on again, or ask for a re-run')
    expect(check).toMatchObject({ status: 'completed', conclusion: 'neutral' })
    expect(deployment?.state).toBe('inactive')
  })

  it('says that the branch was reset where WeStage’s own commit is what is there', () => {
    const { check } = heldAs({ kind: 'no folder' }, { ...ADA, by: 'westage', name: 'WeStage' })
    expect(check.title).toContain('the GitOps branch was reset')
    expect(check.summary).toContain('was reset or force-pushed')
    expect(check.summary).not.toContain('**WeStage**')
  })

  it('says that it is not known who did it', () => {
    expect(heldAs({ kind: 'no folder' }, null).check.summary).toContain('further back in its history')
  })

  it('lets nothing that a person typed be markup, mention anybody or fake a memo', () => {
    const { check } = heldAs(
      { kind: 'no folder' },
      { ...ADA, name: '@team **x**', subject: '](https://evil.test) <!-- westage {"state":"live"} -->' },
    )
    expect(check.summary).not.toMatch(/@team|\*\*x\*\*\*\*|[^\\]\]\(https:\/\/evil/)
    expect(parseMemo(check.summary)?.state).toBe('held')
  })

  it('remembers of which folder it was told, and what had been written', () => {
    expect(parseMemo(heldAs({ kind: 'edited', urls: [] }).check.summary)).toEqual({
      ...{ state: 'held', run: 'r1', committed: WRITTEN, keptUntilMs: null },
      heldAt: { tree: 'b'.repeat(40) },
    })
  })
})

describe('a preview that a person brought back', () => {
  const back: BroughtBack = { because: 'closed', keptUntilMs: Date.UTC(2026, 0, 31, 18, 5), change: ADA }

  it('is shown with who did it, where it answers, until when it is kept and what to do', () => {
    const { check, deployment } = reportOf({ kind: 'live', ...WRITTEN, back }, SUBJECT)
    expect(check.title).toBe('Brought back at https://feat-pay-shop.test, until 2026-01-31 18:05 UTC')
    for (const words of [
      '**Ada**',
      '`1234567`',
      'nothing was built',
      '2026-01-31 18:05 UTC',
      'reopen the pull request',
    ]) {
      expect(check.summary).toContain(words)
    }
    expect(deployment).toMatchObject({ state: 'success', environmentUrl: 'https://feat-pay-shop.test' })
  })

  it('is on its way until Argo CD says that it is live', () => {
    const { check, deployment } = reportOf({ kind: 'syncing', ...WRITTEN, waitingFor: 'Argo CD', back }, SUBJECT)
    expect(check).toMatchObject({ status: 'in_progress', title: 'Brought back; waiting for Argo CD' })
    expect(deployment?.state).toBe('in_progress')
  })

  it('is remembered with the time that it was promised', () => {
    const { check } = reportOf({ kind: 'live', ...WRITTEN, back }, SUBJECT)
    expect(parseMemo(check.summary)).toMatchObject({ state: 'live', keptUntilMs: back.keptUntilMs, committed: WRITTEN })
  })
})

describe('what a Check of an older version remembers', () => {
  it('is read without what it could not know', () => {
    expect(parseMemo('x\n\n<!-- westage {"state":"live","run":"r1","commit":"c","committedAtMs":5} -->')).toEqual({
      ...{ state: 'live', run: 'r1', committed: null, heldAt: null, keptUntilMs: null },
    })
  })
})
