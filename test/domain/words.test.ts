import { describe, expect, it } from 'vitest'
import { NOTHING_TOLD, parseMemo } from '../../src/domain/memo.ts'
import type { Status } from '../../src/domain/status.ts'
import { reportOf } from '../../src/domain/words.ts'
import { subjectOf } from './subject.ts'

const SHA = 'abcdef0123456789abcdef0123456789abcdef01'
const SUBJECT = subjectOf({
  sha: SHA,
  steps: [
    { step: 'render', startedAtMs: 0, endedAtMs: 400, outcome: 'done', note: 'k8s/a|b' },
    { step: 'fetch', startedAtMs: 0, endedAtMs: 65_000, outcome: 'done', note: '' },
  ],
})
const FAILED: Status = {
  kind: 'failed',
  step: 'render',
  reason: 'no such file',
  whose: 'author',
  tail: [],
  committed: null,
  lastGood: null,
}

describe('what a pull request is shown', () => {
  it('lists what is to be known of the revision, as text without markup, and bounded', () => {
    const textOf = (notices: readonly string[]) =>
      reportOf({ kind: 'live', commit: 'c'.repeat(40), committedAtMs: 5, tree: null }, { ...SUBJECT, notices }).check
        .text
    expect(textOf(['Secret/db is missing: needed by Deployment/web: env[A]', 'a *bold* @name'])).toMatch(
      /^To know:\n\n- Secret\/db is missing: needed by Deployment\/web: env\\\[A\\\]\n- a \\\*bold\\\* @\u200bname\n\n\| Step/,
    )
    const many = textOf(Array.from({ length: 200 }, (_, at) => `${at} ${'x'.repeat(400)}`))
    expect(many.length).toBeLessThan(22_000)
    expect(many).toMatch(/- and 1[0-9][0-9] more; the log has them all/)
    expect(textOf([])).toMatch(/^\| Step/)
  })

  it('links a live preview from the Deployment and the Check', () => {
    const { check, deployment } = reportOf(
      { kind: 'live', commit: 'c'.repeat(40), committedAtMs: 5, tree: null },
      SUBJECT,
    )
    expect(deployment).toMatchObject({ state: 'success', environmentUrl: 'https://feat-pay-shop.test' })
    expect(check).toMatchObject({
      status: 'completed',
      conclusion: 'success',
      title: 'Live at https://feat-pay-shop.test',
    })
    expect(check.summary).toContain('https://feat-pay-shop.test')
  })

  it('gives no address of a preview that is not live', () => {
    for (const status of [{ kind: 'preparing' }, FAILED] as const) {
      expect(reportOf(status, SUBJECT).deployment?.environmentUrl).toBe('')
    }
  })

  it('lists the steps in their order with durations, and a pipe in a note does not break the table', () => {
    const { text } = reportOf({ kind: 'preparing' }, SUBJECT).check
    expect(text.indexOf('| fetch | done | 1 min 5 s |')).toBeGreaterThan(0)
    expect(text.indexOf('| render | done | 0.4 s | k8s/a\\|b |')).toBeGreaterThan(text.indexOf('| fetch'))
  })

  it.each([
    ['author', 'Push a commit'],
    ['operator', 'for whoever runs WeStage'],
  ] as const)('says whose a failure is to mend: %s', (whose, words) => {
    const { check } = reportOf({ ...FAILED, whose }, SUBJECT)
    expect(check.summary).toContain('no such file')
    expect(check.summary).toContain(words)
    expect(check.summary).toContain('https://westage.test/runs/r1')
  })

  it('says which older preview is still up', () => {
    const lastGood = { sha: 'f'.repeat(40), url: 'https://old.test' }
    expect(reportOf({ ...FAILED, lastGood }, SUBJECT).check.summary).toContain(
      'fffffff is still up at https://old.test',
    )
  })

  it('says of trouble that is not theirs that it is tried again', () => {
    const { check } = reportOf(
      { kind: 'retrying', step: 'commit', reason: 'refused', afterMs: 4_000, committed: null },
      SUBJECT,
    )
    expect(check).toMatchObject({ status: 'in_progress', title: 'Waiting to try again in 4.0 s' })
    expect(check.summary).toContain('not yours to mend')
  })

  it('keeps the description within the 140 characters that GitHub takes', () => {
    const { deployment } = reportOf({ ...FAILED, reason: 'x'.repeat(500) }, SUBJECT)
    expect(deployment?.description.length).toBeLessThanOrEqual(140)
  })

  it('lets no log line end its fence, and no reason mention anybody or fake a memo', () => {
    const { check } = reportOf(
      { ...FAILED, tail: ['```', '@team'], reason: '@team <!-- westage {"state":"live"} -->' },
      SUBJECT,
    )
    expect(check.text).toContain('````text\n```\n@team\n````')
    expect(check.summary).not.toContain('@team')
    expect(parseMemo(check.summary)?.state).toBe('failed')
  })

  it('remembers in the Check what a restart needs', () => {
    const { check } = reportOf({ kind: 'live', commit: 'c'.repeat(40), committedAtMs: 5, tree: null }, SUBJECT)
    expect(parseMemo(check.summary)).toEqual({
      ...NOTHING_TOLD,
      state: 'live',
      run: 'r1',
      committed: { commit: 'c'.repeat(40), committedAtMs: 5, tree: null },
    })
  })
})
