import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { NOTHING_TOLD } from '../../../src/domain/memo.ts'
import type { Pull } from '../../../src/domain/pull.ts'
import type { Told } from '../../../src/domain/report.ts'
import { COMMITTED, type Connected, connected, FAILED, forever, HELD, REPO, reportFor } from './connected.ts'

const UNTIL_NOW = { ...NOTHING_TOLD, committed: COMMITTED, run: 'run-1', isAskedAgain: false }

describe('what a pull request was told last', () => {
  let world: Connected
  let pull: Pull
  let nowMs = Date.parse('2030-01-01T00:00:00Z')
  beforeEach(async () => {
    world = await connected()
    pull = await world.read()
  })
  afterEach(() => world.github.close())

  const told = async (): Promise<Told> =>
    world.again().pulls.told(world.key, await world.read(), world.environment, forever)

  it('is nothing before anything was told', async () => {
    expect(await told()).toEqual({ ...NOTHING_TOLD, isAskedAgain: false })
  })

  it('is read back from the Check run of the head', async () => {
    await world.report({ kind: 'syncing', ...COMMITTED, waitingFor: 'Argo CD' }, pull)
    expect(await told()).toEqual({ ...UNTIL_NOW, state: 'running' })
    await world.report({ kind: 'live', ...COMMITTED }, pull)
    expect(await told()).toEqual({ ...UNTIL_NOW, state: 'live' })
    world.github.push(REPO, pull.number, { a: '2' })
    expect(await told()).toMatchObject({ state: 'none' })
  })

  it('is running where its Check run is not finished and says nothing that can be read', async () => {
    const report = reportFor({ kind: 'preparing' }, world.key, pull.head)
    const edited = { ...report, check: { ...report.check, summary: 'no memo' } }
    await world.connection.pulls.report(pull, edited, forever)
    expect(await told()).toMatchObject({ state: 'running' })
  })

  it('is asked again after a rerun was requested, until the run has begun', async () => {
    await world.report(FAILED, pull)
    expect(await told()).toMatchObject({ state: 'failed', isAskedAgain: false })
    world.github.rerunCheck(world.github.checkRuns(REPO, pull.head)[0]?.id ?? 0)
    expect(await told()).toMatchObject({ state: 'failed', isAskedAgain: true })
    await world.report({ kind: 'preparing' }, pull)
    expect(await told()).toMatchObject({ state: 'running', isAskedAgain: false })
    await world.report(FAILED, pull)
    expect(await told()).toMatchObject({ state: 'failed', isAskedAgain: false })
  })

  it('is asked again where the rerun of a live one was requested', async () => {
    await world.report({ kind: 'live', ...COMMITTED }, pull)
    world.github.rerunCheck(world.github.checkRuns(REPO, pull.head)[0]?.id ?? 0)
    expect(await told()).toMatchObject({ state: 'live', isAskedAgain: true })
    await world.report({ kind: 'preparing' }, pull)
    expect(await told()).toMatchObject({ state: 'running', isAskedAgain: false })
    await world.report({ kind: 'live', ...COMMITTED }, pull)
    expect(await told()).toMatchObject({ state: 'live', isAskedAgain: false })
  })

  it('is asked again after all checks of the commit were', async () => {
    await world.report(HELD, pull)
    expect(await told()).toMatchObject({ state: 'held', isAskedAgain: false })
    world.github.rerunSuite(REPO, pull.head)
    expect(await told()).toMatchObject({ state: 'held', isAskedAgain: true })
  })

  it('is not asked again by another app whose Check waits at the same commit', async () => {
    await world.report(FAILED, pull)
    const other = reportFor({ kind: 'preparing' }, { ...world.key, app: 'docs' }, pull.head)
    const queued = { ...other, check: { ...other.check, status: 'queued' as const } }
    await world.connection.pulls.report(pull, queued, forever)
    expect(await told()).toMatchObject({ state: 'failed', isAskedAgain: false })
  })

  it('costs two requests where it is live: the Check runs, and whether a rerun was requested', async () => {
    await world.report({ kind: 'live', ...COMMITTED }, pull)
    const again = world.again()
    await again.pulls.read(world.key, forever)
    world.asked()
    await again.pulls.told(world.key, pull, world.environment, forever)
    expect(world.asked()).toHaveLength(2)
  })

  describe('after the pull request has ended', () => {
    it('is nothing where there was no preview', async () => {
      world.github.closePull(REPO, pull.number)
      expect(await told()).toMatchObject({ state: 'none' })
    })

    it('is what its Check run says', async () => {
      await world.report({ kind: 'live', ...COMMITTED }, pull)
      world.github.closePull(REPO, pull.number)
      expect(await told()).toMatchObject({ state: 'live' })
      await world.report({ kind: 'removed', because: 'closed' }, pull)
      expect(await told()).toMatchObject({ state: 'removed' })
    })

    it('is how far it is that a person brought back, and until when that is kept', async () => {
      await world.report({ kind: 'removed', because: 'closed' }, pull)
      world.github.closePull(REPO, pull.number)
      const back = { because: 'closed', keptUntilMs: 1_700_000_000_000, change: null } as const
      await world.report({ kind: 'live', ...COMMITTED, back }, await world.read())
      expect(await told()).toEqual({ ...UNTIL_NOW, state: 'live', keptUntilMs: 1_700_000_000_000 })
      await world.report({ kind: 'removed', because: 'expired' }, await world.read())
      expect(await told()).toMatchObject({ state: 'removed', keptUntilMs: null })
    })

    it('is running while a Deployment of any revision is left', async () => {
      await world.report({ kind: 'live', ...COMMITTED }, pull)
      world.github.push(REPO, pull.number, { a: '2' })
      world.github.closePull(REPO, pull.number)
      expect(await told()).toMatchObject({ state: 'running' })
      const closed = await world.read()
      await world.report({ kind: 'removed', because: 'closed' }, closed)
      expect(await told()).toMatchObject({ state: 'running' })
      const closing = reportFor({ kind: 'removed', because: 'closed' }, world.key, closed.head)
      await world.connection.pulls.settle(closed, closing, 'deployments', forever)
      await world.connection.pulls.report(closed, closing, forever)
      expect(await told()).toMatchObject({ state: 'removed' })
    })
  })

  describe('on a clock that people wait by', () => {
    beforeEach(async () => {
      await world.github.close()
      nowMs = Date.now()
      world = await connected({ now: () => nowMs })
      pull = await world.read()
    })

    it('is asked again after the label was put on again', async () => {
      nowMs += 5_000
      await world.report(FAILED, pull)
      nowMs += 5_000
      world.github.editPull(REPO, pull.number, 'Another title')
      expect(await told()).toMatchObject({ isAskedAgain: false })
      world.github.unlabel(REPO, pull.number, 'westage')
      world.github.label(REPO, pull.number, 'westage')
      expect(await told()).toMatchObject({ state: 'failed', isAskedAgain: true })
    })

    it('finds the label among many events', async () => {
      nowMs += 5_000
      await world.report(FAILED, pull)
      nowMs += 5_000
      for (let nth = 0; nth < 120; nth++) world.github.editPull(REPO, pull.number, `Title ${nth}`)
      expect(await told()).toMatchObject({ isAskedAgain: false })
      world.github.unlabel(REPO, pull.number, 'westage')
      world.github.label(REPO, pull.number, 'westage')
      expect(await told()).toMatchObject({ isAskedAgain: true })
    })

    it('asks for no events where the pull request has not moved since', async () => {
      nowMs += 5_000
      await world.report(FAILED, pull)
      world.asked()
      await told()
      expect(world.asked().filter((request) => request.includes('/events'))).toEqual([])
    })
  })
})
