/**
 * Whom pods of Jobs reach, and who reaches them and the service, by the NetworkPolicies of argocd/ in a cluster that keeps
 * to them.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { ASKING, type Asking, givenNetwork, type Network } from './given-network.ts'
import { jobCluster, NO_JOB_CLUSTER } from './job-cluster.ts'

const isSkipped = jobCluster() === null
const UNTIL = { timeout: 60_000, interval: 250 }
const SLOWLY = { timeout: 90_000 }

describe.skipIf(isSkipped)(`the network of Jobs${isSkipped ? ` (skipped: ${NO_JOB_CLUSTER})` : ''}`, SLOWLY, () => {
  let network: Network
  beforeAll(async () => {
    network = await givenNetwork()
  }, 240_000)
  afterAll(async () => await network?.close(), 120_000)

  const reaches = (who: Asking, places: readonly string[]) =>
    vi.waitFor(async () => expect(await network.reachedBy(who), who).toEqual(places), UNTIL)
  const isReachedBy = (place: string, pods: readonly Asking[]) =>
    vi.waitFor(async () => {
      const reached = await Promise.all(ASKING.map(async (who) => ({ who, places: await network.reachedBy(who) })))
      expect(reached.filter(({ places }) => places.includes(place)).map(({ who }) => who)).toEqual(pods)
    }, UNTIL)

  it('is open everywhere without NetworkPolicies', async () => {
    for (const who of ASKING) await reaches(who, network.placesOf(who))
  })

  describe('with those of argocd/', () => {
    beforeAll(() => network.applyPolicies())

    it('lets a worker reach names, the port for workers, and what is public on 443', async () => {
      await reaches('worker', ['the port for workers', 'a public address, 443'])
    })

    it('lets a build reach names, webhooks and pages, and what is public', async () => {
      await reaches('build', ['webhooks and pages', 'a public address, 443', 'a public address, 80'])
    })

    it('lets WeHook reach names, webhooks and pages, previews, and what is public on 80 and 443', async () => {
      await reaches('wehook', [
        ...['webhooks and pages', 'a public address, 443', 'a public address, 80'],
        ...['a preview', 'a preview, 8080', 'a preview, 8081'],
      ])
    })

    it('lets workers alone come to the port for workers, and whoever may go there to webhooks and pages', async () => {
      await isReachedBy('the port for workers', ['worker'])
      await isReachedBy('webhooks and pages', ['build', 'wehook', 'preview', 'bystander'])
    })

    it('lets nobody come to a worker or a build', async () => {
      await isReachedBy('a worker', [])
      await isReachedBy('a build', [])
    })
  })
})
