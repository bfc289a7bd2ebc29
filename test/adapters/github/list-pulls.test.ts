import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Connected, connected, forever, REPO } from './connected.ts'

const DAY_MS = 86_400_000

describe('listing pull requests', () => {
  let world: Connected
  beforeEach(async () => {
    world = await connected()
  })
  afterEach(() => world.github.close())

  const list = (sinceMs = Date.now()) => world.connection.pulls.list(sinceMs, forever)

  it('gives the open ones of every installation, labelled or not', async () => {
    const { github, key } = world
    github.addRepository('globex/site', { 'README.md': 'site' })
    github.openPull('globex/site', { branch: 'b', files: { b: '1' } })
    const closed = github.openPull(REPO, { branch: 'c', files: { c: '1' } })
    github.closePull(REPO, closed)
    const { pulls, unread } = await list()
    expect(unread).toEqual([])
    expect(pulls).toEqual([
      {
        repository: { id: key.repositoryId, name: REPO },
        number: key.pull,
        head: github.headOf(REPO, key.pull),
        isOpen: true,
        isLabelled: true,
        updatedAtMs: expect.closeTo(Date.now(), -5),
      },
      expect.objectContaining({
        repository: { id: expect.any(Number), name: 'globex/site' },
        isOpen: true,
        isLabelled: false,
      }),
    ])
  })

  it('gives those that ended lately as well, where it is asked for them', async () => {
    const { github, key } = world
    github.closePull(REPO, key.pull)
    expect((await list()).pulls).toEqual([])
    expect((await list(Date.now() - DAY_MS)).pulls).toMatchObject([{ number: key.pull, isOpen: false }])
    expect((await list(Date.now() - 60_000)).pulls).toHaveLength(1)
  })

  it('gives more than a page holds', async () => {
    for (let nth = 0; nth < 120; nth++) world.github.openPull(REPO, { branch: `b${nth}`, files: { b: `${nth}` } })
    const { pulls } = await list(Date.now() - DAY_MS)
    expect(new Set(pulls.map(({ number }) => number)).size).toBe(121)
    expect(pulls).toHaveLength(121)
  })

  it('costs one request a repo, and nothing of the rate limit where nothing changed', async () => {
    for (let nth = 0; nth < 20; nth++) {
      const name = `acme/repo-${nth}`
      world.github.addRepository(name, { 'README.md': name })
      for (const branch of ['a', 'b', 'c']) world.github.openPull(name, { branch, files: { [branch]: '1' } })
    }
    const first = await list()
    expect(first.pulls).toHaveLength(61)
    const left = world.github.remaining('acme')
    expect(first.cost).toMatchObject({ notModified: 0, remaining: left })
    world.asked()
    const second = await list()
    expect(second.pulls).toEqual(first.pulls)
    expect(world.asked()).toHaveLength(21 + 2)
    expect(second.cost).toEqual({ requests: 23, notModified: 23, remaining: left })
    expect(world.github.remaining('acme')).toBe(left)
  })

  it('sees what changed after an answer that was kept', async () => {
    await list()
    const sha = world.github.push(REPO, world.key.pull, { a: '2' })
    expect((await list()).pulls).toMatchObject([{ head: sha }])
    world.github.openPull(REPO, { branch: 'new', files: { n: '1' } })
    expect((await list()).pulls).toHaveLength(2)
  })

  it('names what could not be read, and gives the rest', async () => {
    const { github } = world
    github.addRepository('acme/site', { 'README.md': 'site' })
    github.openPull('acme/site', { branch: 'b', files: { b: '1' } })
    github.addRepository('globex/api', { 'README.md': 'api' })
    github.suspend('globex')
    github.fail(
      { path: `/repos/${REPO}/pulls`, times: Number.POSITIVE_INFINITY },
      { kind: 'status', status: 500, message: 'Oops' },
    )
    const { pulls, unread } = await list()
    expect(pulls.map(({ repository }) => repository.name)).toEqual(['acme/site'])
    expect([...unread].sort()).toEqual([
      expect.stringMatching(/^acme\/shop: .*500 Oops/),
      expect.stringMatching(/^globex: .*suspended/),
    ])
  })

  it('fails where the installations can not be read', async () => {
    world.github.fail({ path: '/app/installations', times: 9 }, { kind: 'status', status: 500 })
    await expect(list()).rejects.toThrow(/installations/)
  })

  it('ends within a second of an abort', async () => {
    world.github.fail({ path: `/repos/${REPO}/pulls` }, { kind: 'delay', ms: 1_500 })
    const stop = new AbortController()
    const listing = world.connection.pulls.list(0, stop.signal)
    setTimeout(() => stop.abort(new Error('shutting down')), 100)
    const startedAtMs = performance.now()
    await expect(listing).rejects.toThrow('shutting down')
    expect(performance.now() - startedAtMs).toBeLessThan(1_000)
  })
})
