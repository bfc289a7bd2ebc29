/** WeHook by `argocd/wehook` in pods: by Services, within NetworkPolicies, and over the end of its process and its pod. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { wordsOf } from '../wehook/page-words.ts'
import { givenWeHookWorld, type WeHookWorld } from './given-wehook.ts'
import { jobCluster, NO_JOB_CLUSTER } from './job-cluster.ts'

const isSkipped = jobCluster() === null
const UNTIL = { timeout: 90_000, interval: 200 }
const SLOWLY = { timeout: 180_000 }
const BODY = Buffer.from([0x7b, 0x7d, 0x0d, 0x0a, 0x00, 0xff, 0xfe, 0x80])
const SENDERS = 8
const CALLBACKS = 200

describe.skipIf(isSkipped)(`WeHook in a cluster${isSkipped ? ` (skipped: ${NO_JOB_CLUSTER})` : ''}`, SLOWLY, () => {
  let world: WeHookWorld
  beforeAll(async () => {
    world = await givenWeHookWorld()
  }, 480_000)
  afterAll(async () => await world?.close(), 60_000)

  const connectsTo = (names: readonly string[]) =>
    vi.waitFor(async () => expect(await world.connectsTo(await world.places())).toEqual(names), UNTIL)

  it('connects to WeStage and to previews that let it in, and to nothing else of the cluster', async () => {
    const names = Object.keys(await world.places())
    await connectsTo(names.filter((name) => name !== 'a preview that does not let it in'))
    await world.applyPolicies()
    await connectsTo(['WeStage', 'a preview'])
  })

  it("hands a callback to the previews' Services byte for byte, and waits with it where it is not let in", async () => {
    const { status, signature } = await world.pay(BODY)
    expect(status).toBe(200)
    const [first, second, closed] = world.pulls
    for (const pull of [first, second]) {
      await vi.waitFor(async () => expect(await world.reached(pull)).toHaveLength(1), UNTIL)
      const [one] = await world.reached(pull)
      expect(one).toMatchObject({ path: '/webhooks/stripe', signature, body: BODY, host: await world.hostOf(pull) })
    }
    await vi.waitFor(async () => {
      const states = wordsOf(await world.page('/')).matchAll(/shop\/pr-(\d+) (delivered|waiting) /g)
      expect([...states].map(([, pull, state]) => `${pull} ${state}`).toSorted()).toEqual(
        [`${first} delivered`, `${second} delivered`, `${closed} waiting`].toSorted(),
      )
    }, UNTIL)
    expect(await world.reached(closed)).toEqual([])
  })

  it('hands on all that it took, though its process was killed and its pod deleted under load', async () => {
    const bodies = Array.from({ length: CALLBACKS }, (_, nth) => `{"id":"evt_${nth}"}`)
    const waiting = [...bodies]
    let taken = 0
    let refused = 0
    /** As a provider does: what is not taken comes again, signed anew. */
    const send = async () => {
      for (let body = waiting.shift(); body !== undefined; body = waiting.shift()) {
        const payload = Buffer.from(body)
        await vi.waitFor(async () => {
          const { status } = await world.pay(payload)
          if (status !== 200) refused += 1
          expect(status).toBe(200)
        }, UNTIL)
        taken += 1
      }
    }
    const sending = Promise.all(Array.from({ length: SENDERS }, send))
    const took = (count: number) => vi.waitFor(() => expect(taken).toBeGreaterThanOrEqual(count), UNTIL)
    await took(CALLBACKS / 4)
    await world.killProcess()
    await took(CALLBACKS / 2)
    await world.deletePod()
    await sending
    expect(refused).toBeGreaterThan(0)
    for (const pull of world.pulls.slice(0, 2)) {
      await vi.waitFor(async () => {
        const had = new Set((await world.reached(pull)).map(({ body }) => body.toString()))
        expect(bodies.filter((body) => !had.has(body))).toEqual([])
      }, UNTIL)
    }
  })
})
