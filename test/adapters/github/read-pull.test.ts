import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { NotReady } from '../../../src/domain/errors.ts'
import { type Connected, connected, forever, REPO } from './connected.ts'

describe('reading a pull request', () => {
  let world: Connected
  beforeEach(async () => {
    world = await connected()
  })
  afterEach(async () => {
    vi.useRealTimers()
    await world.github.close()
  })

  it('gives what the pull request says now', async () => {
    const { github, key } = world
    expect(await world.read()).toEqual({
      repository: { id: key.repositoryId, name: REPO },
      number: key.pull,
      url: `https://github.com/${REPO}/pull/${key.pull}`,
      branch: 'feature',
      author: 'ada',
      head: github.headOf(REPO, key.pull),
      isFork: false,
      ended: null,
    })
    const sha = github.push(REPO, key.pull, { a: '2' })
    expect(await world.read()).toMatchObject({ head: sha })
  })

  it('says why a preview has no right to exist any more', async () => {
    const { github, key } = world
    github.unlabel(REPO, key.pull, 'westage')
    expect(await world.read()).toMatchObject({ ended: 'unlabelled' })
    github.label(REPO, key.pull, 'westage')
    expect(await world.read()).toMatchObject({ ended: null })
    github.closePull(REPO, key.pull)
    expect(await world.read()).toMatchObject({ ended: 'closed' })
    github.reopenPull(REPO, key.pull)
    github.mergePull(REPO, key.pull)
    expect(await world.read()).toMatchObject({ ended: 'merged' })
  })

  it('knows a fork', async () => {
    const { github, key, connection } = world
    const pull = github.openPull(REPO, { branch: 'theirs', files: { b: '1' }, fromFork: 'bob', labels: ['westage'] })
    expect(await connection.pulls.read({ ...key, pull }, forever)).toMatchObject({ isFork: true, ended: null })
  })

  it('follows a repo that is renamed, and one that is transferred', async () => {
    const { github } = world
    await world.read()
    github.renameRepository(REPO, 'acme/store')
    expect(await world.read()).toMatchObject({ repository: { name: 'acme/store' }, ended: null })
    github.transferRepository('acme/store', 'globex', { isInstalled: true })
    expect(await world.read()).toMatchObject({ repository: { name: 'globex/store' }, ended: null })
  })

  it('does not take another repo for it that took the former name', async () => {
    const { github, key } = world
    await world.read()
    github.renameRepository(REPO, 'acme/store')
    github.addRepository(REPO, { 'README.md': 'another' })
    github.openPull(REPO, { branch: 'other', files: { c: '1' } })
    expect(await world.read()).toMatchObject({ repository: { id: key.repositoryId, name: 'acme/store' } })
  })

  it.each([
    ['the repo is deleted', ({ github }: Connected) => github.deleteRepository(REPO)],
    ['the App is taken off the repo', ({ github }: Connected) => github.removeFromInstallation(REPO)],
    ['the App is uninstalled', ({ github }: Connected) => github.uninstall('acme')],
    [
      'the repo is transferred to where the App is not',
      ({ github }: Connected) => github.transferRepository(REPO, 'globex', { isInstalled: false }),
    ],
  ])('says that it is gone where %s', async (_, change) => {
    await world.read()
    change(world)
    // octokit waits for a token that was just made, in case that not all of GitHub knows it yet.
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 10_000 })
    expect(await world.read()).toMatchObject({ ended: 'gone', head: '' })
    expect(await world.again().pulls.read(world.key, forever)).toMatchObject({ ended: 'gone' })
  })

  it('says that it is gone where the repo has no such pull request', async () => {
    const pull = await world.connection.pulls.read({ ...world.key, pull: 99 }, forever)
    expect(pull).toMatchObject({ repository: { name: REPO }, ended: 'gone' })
  })

  it('never takes a suspended installation for gone, and says so', async () => {
    await world.read()
    world.github.suspend('acme')
    await expect(world.read()).rejects.toThrow(/suspended/)
    await expect(world.again().pulls.read(world.key, forever)).rejects.toThrow(/acme is suspended/)
    world.github.unsuspend('acme')
    expect(await world.read()).toMatchObject({ ended: null })
  })

  it.each([
    ['the pull request', new RegExp(`^/repos/${REPO}/pulls/`)],
    ['the installations', '/app/installations'],
    ['the repos of an installation', '/installation/repositories'],
  ])('never takes a failure to read %s for gone', async (_, path) => {
    const end = world.github.fail({ path, times: Number.POSITIVE_INFINITY }, { kind: 'status', status: 502 })
    await expect(world.read()).rejects.toThrow(/502/)
    end()
    expect(await world.read()).toMatchObject({ ended: null })
  })

  it('never takes an answer that was cut for an answer', async () => {
    await world.read()
    world.github.removeFromInstallation(REPO)
    world.github.fail({ path: '/app/installations', times: 3 }, { kind: 'cut', when: 'midway' })
    await expect(world.read()).rejects.toThrow(/installations/)
    expect(await world.read()).toMatchObject({ ended: 'gone' })
  })

  it('tries again by itself where GitHub fails for a moment', async () => {
    world.github.fail({ path: /\/pulls\//, times: 2 }, { kind: 'status', status: 502 })
    expect(await world.read()).toMatchObject({ ended: null })
  })

  it('comes back when the rate limit is over, and asks nothing until then', async () => {
    await world.read()
    world.github.fail({ path: /\/pulls\// }, { kind: 'primary', resetAfterSeconds: 40 })
    const refused = await world.read().catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(NotReady)
    expect(refused).toMatchObject({ afterMs: expect.closeTo(41_000, -4) })
    world.asked()
    await expect(world.read()).rejects.toBeInstanceOf(NotReady)
    expect(world.asked()).toEqual([])
  })

  it('comes back after the time that a secondary rate limit asks for', async () => {
    world.github.fail({ path: /\/pulls\// }, { kind: 'secondary', retryAfterSeconds: 7 })
    await expect(world.read()).rejects.toMatchObject({ name: 'NotReady', afterMs: 7_000 })
  })

  it.each([
    ['a request', /\/pulls\//],
    ['a token', /\/access_tokens$/],
    ['the installations', '/app/installations'],
  ])('shows no credentials where asking for %s fails', async (_, path) => {
    world.github.fail({ path, times: 9 }, { kind: 'status', status: 502 })
    const error: unknown = await world.read().catch((thrown: unknown) => thrown)
    const shown = inspect(error, { depth: null })
    expect(shown).toMatch(/502/)
    expect(shown).not.toMatch(/ghs_\w|eyJ\w/)
  })

  it('costs nothing of the rate limit where nothing changed', async () => {
    await world.read()
    const left = world.github.remaining('acme')
    await world.read()
    await world.read()
    expect(world.github.remaining('acme')).toBe(left)
  })

  it('names the permission that is missing', async () => {
    world.github.setPermissions('acme', { pull_requests: null })
    await expect(world.read()).rejects.toMatchObject({
      name: 'Terminal',
      whose: 'operator',
      message: expect.stringMatching(/pulls\/1.*pull_requests: read/),
    })
  })

  it.each([
    ['the pull request', /\/pulls\//],
    ['the installations', '/app/installations'],
    ['the token', /\/access_tokens$/],
  ])('ends within a second of an abort while it waits for %s', async (_, path) => {
    world.github.fail({ path }, { kind: 'delay', ms: 1_500 })
    const stop = new AbortController()
    const reading = world.connection.pulls.read(world.key, stop.signal)
    const reason = new Error('superseded')
    setTimeout(() => stop.abort(reason), 100)
    const startedAtMs = performance.now()
    await expect(reading).rejects.toBe(reason)
    expect(performance.now() - startedAtMs).toBeLessThan(1_000)
    expect(await world.read()).toMatchObject({ ended: null })
  })
})
