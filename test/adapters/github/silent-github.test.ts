import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { githubClient } from '../../../src/adapters/github/client.ts'
import { type Connected, connected, forever, reportFor } from './connected.ts'

const OPENING = /^\/app\/installations\/\d+$/
const TOKEN = /\/access_tokens$/
const Ids = z.array(z.object({ id: z.number() })).transform((all) => all.map(({ id }) => id))
const Total = z.object({ total_count: z.number() }).transform(({ total_count }) => total_count)

describe('what comes before the first request as an installation', () => {
  let world: Connected
  beforeEach(async () => {
    world = await connected()
  })
  afterEach(() => world.github.close())

  /** Asks as the one installation how many repos it has: the first request as such of a client of its own. */
  async function totals() {
    const client = githubClient({
      apiUrl: world.github.apiUrl,
      appId: world.github.appId,
      privateKey: world.github.privateKey,
      userAgent: 'WeStage',
      writesPerMinute: 180,
      etagCacheBytes: 0,
      retryBaseMs: 5,
      answerTimeoutMs: 30_000,
      log: () => undefined,
      now: Date.now,
    })
    const [id = 0] = await client.as('app', forever).get('GET /app/installations', {}, Ids)
    return (signal: AbortSignal) => client.as(id, signal).get('GET /installation/repositories', {}, Total)
  }

  it.each([
    ['the look at the installation', OPENING],
    ['the request for a token', TOKEN],
  ])('is given up with those who wait for it: %s', async (_, path) => {
    const total = await totals()
    const stop = new AbortController()
    const reached = new Promise<void>((resolve) => {
      world.github.fail({ path }, { kind: 'silence', reached: resolve })
    })
    const asked = total(stop.signal).catch((error: unknown) => error)
    await reached
    stop.abort(new Error('shutting down'))
    expect(await asked).toEqual(new Error('shutting down'))
  })

  it.each([
    ['the look at the installation', OPENING],
    ['the request for a token', TOKEN],
  ])('is tried again where no answer comes for too long: %s', async (_, path) => {
    const impatient = world.again({ answerTimeoutMs: 1500 })
    world.github.fail({ path }, { kind: 'silence' })
    expect(await impatient.pulls.read(world.key, forever)).toMatchObject({ number: world.key.pull })
  })

  it('is not lost to the others where the first who asked gives up', async () => {
    const total = await totals()
    const stop = new AbortController()
    const reached = new Promise<void>((resolve) => {
      world.github.fail({ path: OPENING }, { kind: 'silence', reached: resolve })
    })
    const first = total(stop.signal).catch((error: unknown) => error)
    await reached
    const second = total(forever)
    stop.abort(new Error('not mine any more'))
    expect(await first).toEqual(new Error('not mine any more'))
    expect(await second).toBe(1)
  })

  it('is asked once, by however many', async () => {
    const total = await totals()
    expect(await Promise.all(Array.from({ length: 5 }, () => total(forever)))).toEqual([1, 1, 1, 1, 1])
    expect(world.asked().filter((request) => OPENING.test(request.slice('GET '.length)))).toHaveLength(1)
  })

  it('is told as the limit that it is, and not asked again before that is over', async () => {
    const pull = await world.read()
    const again = world.again()
    world.github.fail({ path: OPENING }, { kind: 'secondary', retryAfterSeconds: 120 })
    const report = () => again.pulls.report(pull, reportFor({ kind: 'preparing' }, world.key, pull.head), forever)
    await expect(report()).rejects.toMatchObject({ name: 'NotReady', afterMs: 120_000 })
    world.asked()
    await expect(report()).rejects.toMatchObject({ name: 'NotReady' })
    expect(world.asked()).toEqual([])
  })

  it('names the installation that is gone', async () => {
    world.github.fail({ path: OPENING, times: Number.POSITIVE_INFINITY }, { kind: 'status', status: 404 })
    await expect(world.read()).rejects.toMatchObject({ name: 'RequestFailed', status: 404 })
  })
})
