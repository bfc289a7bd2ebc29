import { describe, expect, it } from 'vitest'
import { type World, worldOf } from '../fakes/world.ts'
import { A, B, checkOf, FOLDER, folderOf, heard, live, restart } from './one-pull.ts'

const [SECOND, HOUR] = [1_000, 3_600_000]

type Ending = (here: World) => void
const close: Ending = ({ github }) => github.close(7)
const unlabel: Ending = ({ github }) => github.unlabel(7)

async function ended(end: Ending): Promise<World> {
  const here = await live()
  end(here)
  await heard(here)
  expect(checkOf(here, A)).toEqual({ check: 'removed', deployment: 'inactive' })
  return here
}

describe.each<[string, Ending]>([
  ['closed', close],
  ['unlabelled', unlabel],
])('the preview of a pull request that was %s, once a person reverts its removal,', (_, end) => {
  it('is back with the images it had, without a build, and its pull request is told by whom and until when', async () => {
    const here = await ended(end)
    const prepared = here.prepared.length
    here.gitops.revert(FOLDER)
    here.webhook(7)
    await here.clock.advance(200)
    expect(here.github.titleOf(7, A)).toBe('Brought back; waiting for Argo CD')
    expect(checkOf(here, A).deployment).toBe('in_progress')
    await here.settle()
    expect(checkOf(here, A)).toEqual({ check: 'live', deployment: 'success' })
    expect(here.github.titleOf(7, A)).toMatch(/^Brought back at https?:\S+, until 2026-01-02 \d\d:\d\d UTC$/)
    expect(here.github.summaryOf(7, A)).toContain('**Olga Operator** changed this preview')
    expect(here.github.summaryOf(7, A)).toContain('Revert "shop \\#7: remove preview"')
    expect(here.prepared).toHaveLength(prepared)
    expect(here.views()).toMatchObject([{ state: 'live', reason: expect.stringContaining('by Olga Operator') }])
  })

  it('is heard of by the next pass where no webhook tells', async () => {
    const here = await ended(end)
    here.gitops.revert(FOLDER)
    await here.settle()
    expect(checkOf(here, A)).toEqual({ check: 'live', deployment: 'success' })
  })

  it('is back as well where no process was there to see', async () => {
    const here = await ended(end)
    here.killAfter(0)
    here.gitops.revert(FOLDER)
    here.start()
    await here.settle()
    expect(checkOf(here, A)).toEqual({ check: 'live', deployment: 'success' })
    expect(here.github.titleOf(7, A)).toContain('Brought back')
  })

  it('is told once', async () => {
    const here = await ended(end)
    here.gitops.revert(FOLDER)
    await heard(here)
    const counts = () => [here.gitops.commits().length, here.github.writes()]
    const before = counts()
    for (const next of [() => {}, () => here.webhook(7), () => restart(here)]) {
      next()
      await here.settle()
    }
    expect(counts()).toEqual(before)
  })

  it.each<[string, (here: World) => void]>([
    ['by the process that told it', () => {}],
    ['by one that came after', restart],
  ])('is removed %s after a day, and the pull request and the commit say why', async (_who, then) => {
    const here = await ended(end)
    here.gitops.revert(FOLDER)
    here.webhook(7)
    await here.clock.advance(HOUR)
    then(here)
    await here.clock.advance(23 * HOUR - 60 * SECOND)
    expect(here.gitops.tip().has(FOLDER)).toBe(true)
    await here.clock.advance(10 * 60 * SECOND)
    expect(here.gitops.tip().has(FOLDER)).toBe(false)
    expect(checkOf(here, A)).toEqual({ check: 'removed', deployment: 'inactive' })
    expect(here.github.summaryOf(7, A)).toContain('the time is over for which it was kept')
    expect(here.gitops.commits().at(-1)?.message).toContain('Reason: the time is over for which it was kept')
    expect(here.logged.filter((line) => line.includes('not touched'))).toEqual([])
  })

  it('can be brought back once more when its time is over, even at once', async () => {
    const here = await ended(end)
    here.gitops.revert(FOLDER)
    await heard(here)
    here.gitops.onPush(() => {
      // The very moment at which WeStage removes it, and before anybody was told.
      if (!here.gitops.tip().has(FOLDER)) here.gitops.revert(FOLDER)
    })
    await here.clock.advance(25 * HOUR)
    expect(here.gitops.tip().has(FOLDER)).toBe(true)
    expect(here.github.titleOf(7, A)).toMatch(/^Brought back.*until 2026-01-03/)
  })

  it('is told as removed once people remove it again', async () => {
    const here = await ended(end)
    here.gitops.revert(FOLDER)
    await heard(here)
    here.gitops.remove(FOLDER)
    await heard(here)
    expect(checkOf(here, A)).toEqual({ check: 'removed', deployment: 'inactive' })
    expect(here.argocd.all()).toEqual([])
  })

  it('is told anew where people change it once more, and kept no longer for it', async () => {
    const here = await ended(end)
    here.gitops.revert(FOLDER)
    await heard(here)
    const until = /until .*/.exec(here.github.titleOf(7, A))?.[0]
    here.gitops.person = 'Ivo Intern'
    here.gitops.edit(FOLDER, 'note.txt', 'by hand')
    await heard(here)
    expect(here.github.summaryOf(7, A)).toContain('**Ivo Intern**')
    expect(/until .*/.exec(here.github.titleOf(7, A))?.[0]).toBe(until)
  })

  it('that can’t be read any more is told with the reason, and removed in time', async () => {
    const here = await ended(end)
    here.gitops.merge(new Map([[FOLDER, new Map([['preview.yaml', 'app: [']])]]))
    await heard(here)
    expect(here.github.titleOf(7, A)).toContain("preview.yaml can't be read")
    await here.clock.advance(25 * HOUR)
    expect(here.gitops.tip().has(FOLDER)).toBe(false)
  })

  it('that fails in the cluster is told so, and removed in time', async () => {
    const here = await ended(end)
    here.argocd.crashing.add(A)
    here.gitops.revert(FOLDER)
    here.webhook(7)
    await here.clock.advance(60 * SECOND)
    expect(checkOf(here, A)).toEqual({ check: 'failed', deployment: 'failure' })
    expect(here.github.summaryOf(7, A)).toContain('It is kept until')
    here.argocd.ail(FOLDER)
    here.webhook(7)
    await here.clock.advance(60 * SECOND)
    await here.clock.advance(25 * HOUR)
    expect(here.gitops.tip().has(FOLDER)).toBe(false)
  })
})

describe('what a person brings back', () => {
  it('in the moment of its removal, before anybody was told, stays', async () => {
    const here = await live()
    here.github.close(7)
    here.webhook(7)
    await here.clock.advance(30)
    expect(here.gitops.tip().has(FOLDER)).toBe(false)
    expect(checkOf(here, A).check).toBe('live')
    here.gitops.revert(FOLDER)
    await heard(here)
    expect(here.gitops.tip().has(FOLDER)).toBe(true)
    expect(here.github.titleOf(7, A)).toContain('Brought back')
  })

  it.each<[string, Ending, Ending]>([
    ['reopened', close, ({ github }) => github.reopen(7)],
    ['labelled again', unlabel, ({ github }) => github.label(7)],
  ])('is an ordinary preview again, without a build, once its pull request is %s', async (_, end, again) => {
    const here = await ended(end)
    here.gitops.revert(FOLDER)
    await heard(here)
    const counts = () => [here.prepared.length, here.gitops.commits().length]
    const before = counts()
    again(here)
    await heard(here)
    expect(here.github.titleOf(7, A)).toMatch(/^Live at/)
    expect(checkOf(here, A)).toEqual({ check: 'live', deployment: 'success' })
    await here.clock.advance(25 * HOUR)
    expect(here.gitops.tip().has(FOLDER)).toBe(true)
    expect(counts()).toEqual(before)
  })

  it('is told of at its own revision where the pull request has moved on, by a process that comes after too', async () => {
    const here = await ended(unlabel)
    here.gitops.revert(FOLDER)
    await heard(here)
    here.github.push(7, B)
    await heard(here)
    restart(here)
    await here.settle()
    expect(here.gitops.tip().has(FOLDER)).toBe(true)
    expect(checkOf(here, A)).toEqual({ check: 'live', deployment: 'success' })
    await here.clock.advance(25 * HOUR)
    expect(here.gitops.tip().has(FOLDER)).toBe(false)
    expect(checkOf(here, A).deployment).toBe('inactive')
    here.github.label(7)
    await heard(here)
    expect(checkOf(here, B)).toEqual({ check: 'live', deployment: 'success' })
  })

  it('in one commit with several others stays with all of them, until their day is over', async () => {
    const pulls = [1, 2, 3, 4, 5, 6]
    const here = await worldOf(8, A)
    for (const pull of pulls) {
      here.github.close(pull)
      here.webhook(pull)
    }
    await here.settle()
    here.gitops.revert(...pulls.map(folderOf))
    await here.settle()
    const worries = () => here.logged.filter((line) => line.includes('not touched')).length
    const before = worries()
    await here.settle()
    expect(worries()).toBe(before)
    restart(here)
    await here.settle()
    for (const pull of pulls) expect(checkOf(here, A, pull)).toEqual({ check: 'live', deployment: 'success' })
    await here.clock.advance(25 * HOUR)
    expect([...here.gitops.tip().keys()].sort()).toEqual([folderOf(7), folderOf(8)])
    for (const pull of pulls) expect(checkOf(here, A, pull)).toEqual({ check: 'removed', deployment: 'inactive' })
  })
})
