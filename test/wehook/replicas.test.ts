import { join } from 'node:path'
import { afterEach, expect, it, onTestFinished, vi } from 'vitest'
import { builtCommand } from '../cli/built-command.ts'
import { called, type GivenWeHook, givenWeHook, STRIPE, stripeSignature } from './given.ts'
import { openPreviewApps, openWeStageApi } from './preview-apps.ts'
import { hasRedis, redisForAll } from './redis-server.ts'
import { startWeHookProcess, weHookConfig } from './wehook-process.ts'

const { folder, redis } = await redisForAll()

let all: GivenWeHook[] = []
afterEach(async () => {
  for (const each of all) await each.close()
  all = []
  await redis?.asked('flushall')
})

const PREVIEWS = [1, 2, 3].map((pull) => ({ pull, callbacks: [STRIPE] }))
const COUNT = 60

it.skipIf(!hasRedis)(
  'hand out what came to either, each callback once, and one goes on when the other is gone',
  async () => {
    const settings = { store: redis?.url ?? '' }
    const first = await givenWeHook(PREVIEWS, settings)
    all.push(first)
    const second = await givenWeHook(PREVIEWS, { ...settings, address: first.apps.address })
    all.push(second)
    const texts = Array.from({ length: COUNT }, (_, nth) => `event ${nth}`)
    const answers = await Promise.all(texts.map((text, nth) => (nth % 2 === 0 ? first : second).pay(Buffer.from(text))))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    const had = (pull: number) => first.apps.reached(pull).map(({ body }) => body.toString())
    for (const { pull } of PREVIEWS) await first.until(() => expect(new Set(had(pull)).size).toBe(COUNT))
    for (const { pull } of PREVIEWS) expect(had(pull).toSorted()).toEqual(texts.toSorted())

    // What came to one is handed out by the other, which is not told to look in any other way.
    await second.stop()
    await first.pay(Buffer.from('the last'))
    for (const { pull } of PREVIEWS) await first.until(() => expect(had(pull)).toContain('the last'))
  },
)

it.skipIf(!hasRedis)(
  'what one was at when it was killed is handed out by the other when its lease is over, as the same delivery',
  async () => {
    const command = await builtCommand()
    const apps = await openPreviewApps()
    onTestFinished(() => apps.close())
    const westage = await openWeStageApi([{ pull: 1, callbacks: [STRIPE] }])
    onTestFinished(() => westage.close())
    const settings = { store: redis?.url ?? '', timeout: '2s' }
    const config = (name: string) => weHookConfig(join(folder, name), { westage, apps }, settings)
    const [killed, other] = await Promise.all(
      ['killed', 'other'].map(async (name) => startWeHookProcess(command, await config(name))),
    )
    if (killed === undefined || other === undefined) throw new Error('one was not started')
    const readiness = async () => (await called(killed.port, { method: 'GET', path: '/readyz' })).status
    await vi.waitFor(async () => expect(await readiness()).toBe(200), { timeout: 120_000, interval: 20 })
    // It takes nothing meanwhile.
    other.kill('SIGSTOP')
    apps.answers(1, 500)
    const body = Buffer.from('{}')
    expect((await called(killed.port, { body, headers: ['Stripe-Signature', stripeSignature(body)] })).status).toBe(200)
    const isReached = (times: number) =>
      vi.waitFor(() => expect(apps.reached(1).length).toBeGreaterThanOrEqual(times), { timeout: 120_000, interval: 5 })
    await isReached(1)
    apps.answers(1, 'never')
    const before = apps.reached(1).length
    await isReached(before + 1)
    killed.kill('SIGKILL')
    await killed.ended()
    apps.answers(1, 200)
    other.kill('SIGCONT')
    await isReached(before + 2)
    const header = (name: string) => apps.reached(1).map(({ headers }) => headers[headers.indexOf(name) + 1])
    expect(new Set(header('WeHook-Delivery')).size).toBe(1)
    const attempts = header('WeHook-Attempt').map(Number)
    expect(attempts.slice(0, before + 1)).toEqual(Array.from({ length: before + 1 }, (_, nth) => nth + 1))
    // Nobody knows what came of the one before: it is made again.
    expect(attempts.slice(before + 1)).toEqual([before + 1])
    other.kill('SIGTERM')
    expect((await other.ended()).code).toBe(0)
  },
  240_000,
)

it.skipIf(!hasRedis)(
  'with lists of different age forget no preview that is new, and hand nothing to one that is gone when both know it',
  async () => {
    const [one, two] = [1, 2].map((pull) => ({ pull, callbacks: [STRIPE] }))
    if (one === undefined || two === undefined) throw new Error('no previews')
    const settings = { store: redis?.url ?? '', timeout: '1s', every: '300ms' }
    const first = await givenWeHook([one], settings)
    all.push(first)
    const second = await givenWeHook([one], { ...settings, address: first.apps.address })
    all.push(second)
    const follows = async (pull: number) =>
      (await redis?.asked('hkeys', 'wehook:listeners'))?.includes(`shop/pr-${pull} `) === true
    const had = (pull: number) => first.apps.reached(pull).map(({ body }) => body.toString())
    /** The list comes once more, with an ETag of its own. */
    const isListed = async (at: GivenWeHook, previews: readonly (typeof one)[]) => {
      const before = at.westage.listings()
      at.westage.lists(previews)
      await at.until(() => expect(at.westage.listings()).toBeGreaterThan(before))
    }

    await isListed(first, [one, two])
    await first.until(async () => expect(await follows(2)).toBe(true))
    first.apps.answers(2, 500)
    await second.pay(Buffer.from('waits'))
    await first.until(() => expect(had(2)).toContain('waits'))
    // The older list is right for long, as far as the other is told.
    await isListed(second, [one])
    const asked = second.westage.asked()
    await second.until(() => expect(second.westage.asked()).toBeGreaterThan(asked + 5))
    first.apps.answers(2, 200)
    const before = had(2).length
    await first.until(() => expect(had(2).length).toBeGreaterThan(before))
    const attempts = first.apps.reached(2).map(({ headers }) => headers[headers.indexOf('WeHook-Attempt') + 1])
    expect(attempts).toEqual(attempts.map((_, nth) => String(nth + 1)))

    await isListed(second, [one, two])
    await isListed(first, [one])
    await isListed(second, [one])
    await first.until(async () => expect(await follows(2)).toBe(false))
  },
  240_000,
)

it.skipIf(!hasRedis)(
  'with a list that was kept hand nothing to a preview that is gone once WeStage says so',
  async () => {
    const [one, two] = [1, 2].map((pull) => ({ pull, callbacks: [STRIPE] }))
    if (one === undefined || two === undefined) throw new Error('no previews')
    const here = await givenWeHook([one, two], { store: redis?.url ?? '' })
    all.push(here)
    const listeners = async () => (await redis?.asked('hkeys', 'wehook:listeners')) ?? ''
    await here.until(async () => expect(await listeners()).toContain('shop/pr-2 '))
    here.westage.lists(null)
    await here.restart()
    await here.pay(Buffer.from('kept'))
    await here.until(() => expect(here.apps.reached(2)).toHaveLength(1))
    here.westage.lists([one])
    await here.until(async () => expect(await listeners()).not.toContain('shop/pr-2 '))
    await here.pay(Buffer.from('gone'))
    await here.until(() => expect(here.apps.reached(1)).toHaveLength(2))
    expect(here.apps.reached(2)).toHaveLength(1)
  },
  240_000,
)
