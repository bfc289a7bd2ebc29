import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { NotReady } from '../../../src/domain/errors.ts'
import { keyText } from '../../../src/domain/key.ts'
import { parseMemo } from '../../../src/domain/memo.ts'
import { COMMITTED, type Connected, connected, FAILED, forever, REPO, reportFor } from './connected.ts'

describe('what a pull request is told', () => {
  let world: Connected
  beforeEach(async () => {
    world = await connected()
  })
  afterEach(() => world.github.close())

  const writes = () => world.asked().filter((request) => !request.startsWith('GET'))
  const checksAt = (sha: string) => world.github.checkRuns(REPO, sha)
  const deployments = () => world.github.deployments(REPO)

  it('is one Deployment and one Check run of a revision, from queued to live', async () => {
    const pull = await world.read()
    await world.report({ kind: 'queued' }, pull)
    await world.report({ kind: 'preparing' }, pull)
    await world.report({ kind: 'live', ...COMMITTED }, pull)

    expect(deployments()).toHaveLength(1)
    expect(deployments()[0]).toMatchObject({
      sha: pull.head,
      ref: pull.head,
      environment: world.environment,
      isTransient: true,
      isProduction: false,
    })
    const statuses = deployments()[0]?.statuses ?? []
    expect(statuses.map(({ state }) => state)).toEqual(['queued', 'in_progress', 'success'])
    expect(statuses.at(-1)).toMatchObject({
      environmentUrl: 'https://feature-shop.example',
      logUrl: 'https://westage.example/runs/run-1',
    })
    expect(checksAt(pull.head)).toHaveLength(1)
    expect(checksAt(pull.head)[0]).toMatchObject({
      name: 'westage / shop',
      externalId: keyText(world.key),
      status: 'completed',
      conclusion: 'success',
      detailsUrl: 'https://westage.example/runs/run-1',
    })
  })

  it('is written once, however often it is said and by whichever process', async () => {
    const pull = await world.read()
    await world.report({ kind: 'live', ...COMMITTED }, pull)
    writes()
    await world.report({ kind: 'live', ...COMMITTED }, pull)
    await world.again().pulls.report(pull, reportFor({ kind: 'live', ...COMMITTED }, world.key, pull.head), forever)
    expect(writes()).toEqual([])
  })

  it('costs nothing of the rate limit where it stands there already', async () => {
    const pull = await world.read()
    await world.report({ kind: 'preparing' }, pull)
    await world.report({ kind: 'preparing' }, pull)
    const left = world.github.remaining('acme')
    await world.report({ kind: 'preparing' }, pull)
    expect(world.github.remaining('acme')).toBe(left)
  })

  it('is completed where a killed process left it undone', async () => {
    const pull = await world.read()
    world.github.fail({ method: 'POST', path: /check-runs$/ }, { kind: 'cut', when: 'before' })
    await expect(world.report({ kind: 'preparing' }, pull)).rejects.toThrow(/check-runs/)
    expect(checksAt(pull.head)).toEqual([])
    const after = world.again()
    await after.pulls.report(pull, reportFor({ kind: 'preparing' }, world.key, pull.head), forever)
    expect(checksAt(pull.head)).toHaveLength(1)
    expect(deployments()).toHaveLength(1)
  })

  it.each(['check-runs', 'deployments'])('is not doubled where the answer to a POST of %s was lost', async (path) => {
    const pull = await world.read()
    world.github.fail({ method: 'POST', path: `/repos/${REPO}/${path}` }, { kind: 'cut', when: 'after' })
    await expect(world.report({ kind: 'preparing' }, pull)).rejects.toThrow(path)
    await world.report({ kind: 'preparing' }, pull)
    expect(checksAt(pull.head)).toHaveLength(1)
    expect(deployments()).toHaveLength(1)
  })

  it('turns a Deployment that was inactive to in progress again', async () => {
    const pull = await world.read()
    await world.report({ kind: 'removed', because: 'unlabelled' }, pull)
    await world.report({ kind: 'preparing' }, pull)
    expect(deployments()).toHaveLength(1)
    expect(deployments()[0]?.statuses.map(({ state }) => state)).toEqual(['inactive', 'in_progress'])
    expect(checksAt(pull.head)[0]).toMatchObject({ status: 'in_progress', conclusion: null })
  })

  it('has no Deployment where none is wanted', async () => {
    const pull = await world.read()
    await world.report({ kind: 'refused', reason: 'a fork' }, pull)
    expect(deployments()).toEqual([])
    expect(checksAt(pull.head)[0]).toMatchObject({ conclusion: 'neutral' })
  })

  it('leaves the Checks of other Apps and of other pull requests of the same commit alone', async () => {
    const pull = await world.read()
    world.github.addForeignCheckRun(REPO, pull.head, { name: 'westage / shop', external_id: keyText(world.key) })
    const other = { ...world.key, pull: world.github.openPull(REPO, { branch: 'feature', files: {} }) }
    await world.connection.pulls.report(pull, reportFor({ kind: 'preparing' }, other, pull.head), forever)
    await world.report({ kind: 'live', ...COMMITTED }, pull)
    expect(checksAt(pull.head).map(({ externalId, status }) => `${externalId} ${status}`)).toEqual([
      `${keyText(world.key)} queued`,
      `${keyText(other)} in_progress`,
      `${keyText(world.key)} completed`,
    ])
  })

  it('fits what GitHub takes, and keeps its memo', async () => {
    const pull = await world.read()
    const report = reportFor({ ...FAILED, tail: ['ä'.repeat(70_000)] }, world.key, pull.head)
    const long = { ...report, check: { ...report.check, summary: `${'ö'.repeat(60_000)}\n\n${report.check.summary}` } }
    await world.connection.pulls.report(pull, long, forever)
    const { output } = checksAt(pull.head)[0] ?? {}
    expect(parseMemo(output?.summary ?? '')).toMatchObject({ state: 'failed' })
    expect(output?.text).toMatch(/cut here/)
    writes()
    await world.connection.pulls.report(pull, long, forever)
    expect(writes()).toEqual([])
  })

  it('follows a repo that was renamed since it was read', async () => {
    const pull = await world.read()
    world.github.renameRepository(REPO, 'acme/store')
    await world.report({ kind: 'preparing' }, pull)
    expect(world.github.checkRuns('acme/store', pull.head)).toHaveLength(1)
    expect(world.github.deployments('acme/store')).toHaveLength(1)
  })

  it.each([
    ['checks', /check-runs.*checks: write/],
    ['deployments', /deployments.*deployments: write/],
  ])('names the permission %s where it is missing', async (permission, message) => {
    const pull = await world.read()
    world.github.setPermissions('acme', { [permission]: 'read' })
    await expect(world.report({ kind: 'preparing' }, pull)).rejects.toMatchObject({
      name: 'Terminal',
      whose: 'operator',
      message: expect.stringMatching(message),
    })
  })

  it('goes on after a token was revoked before its time', async () => {
    const pull = await world.read()
    world.github.fail({ path: /\/deployments$/ }, { kind: 'status', status: 401, message: 'Bad credentials' })
    await world.report({ kind: 'preparing' }, pull)
    expect(checksAt(pull.head)).toHaveLength(1)
  })

  it('is one Deployment again where somebody deleted the first', async () => {
    const pull = await world.read()
    await world.report({ kind: 'preparing' }, pull)
    world.github.deleteDeployment(REPO, deployments()[0]?.id ?? 0)
    await world.report({ kind: 'live', ...COMMITTED }, pull)
    expect(deployments().map(({ statuses }) => statuses.map(({ state }) => state))).toEqual([['success']])
    expect(checksAt(pull.head)).toMatchObject([{ conclusion: 'success' }])
  })

  it('says that the archived repo takes no writes, in GitHub’s words', async () => {
    const pull = await world.read()
    const message = 'Repository was archived so is read-only.'
    world.github.fail({ method: 'POST' }, { kind: 'status', status: 403, message })
    await expect(world.report({ kind: 'preparing' }, pull)).rejects.toMatchObject({
      whose: 'operator',
      message: expect.stringContaining(message),
    })
  })

  it('waits for the next minute rather than write more than is allowed', async () => {
    const pull = await world.read()
    const frugal = world.again({ writesPerMinute: 3 })
    const report = (kind: 'queued' | 'preparing') =>
      frugal.pulls.report(pull, reportFor({ kind }, world.key, pull.head), forever)
    await report('queued')
    const refused = await report('preparing').catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(NotReady)
    expect(refused).toMatchObject({ afterMs: expect.closeTo(60_000, -4) })
  })
})
