/** What each webhook comes to, with the real service behind it. */
import { afterEach, describe, expect, it } from 'vitest'
import { type Given, givenInstance, REPO } from './given.ts'

let here: Given
afterEach(async () => {
  await here.close()
})

const PREVIEW = 'previews/shop/pr-1/preview.yaml'
const lastAttempt = (event: string, action: string | null) =>
  here.github.deliveries.findLast((each) => each.event === event && each.action === action)?.attempts.at(-1)

/** The one pull request, failed at its head by something that is mended by now. */
async function givenFailed(): Promise<number> {
  here = await givenInstance()
  await here.git.hook('gitops', 'pre-receive', 'exit 1')
  const pull = here.openPull('feat/pay')
  await here.concluded(pull, 'failure')
  await here.git.hook('gitops', 'pre-receive', null)
  await here.github.delivered()
  return pull
}

describe('a webhook', () => {
  // The double sends from the process that answers, on a machine that others use: a slow moment gets another try.
  it('is answered in milliseconds, however long GitHub itself takes to answer', { retry: 2 }, async () => {
    here = await givenInstance()
    here.github.fail({ method: 'GET', times: Number.POSITIVE_INFINITY }, { kind: 'delay', ms: 5_000 })
    here.openPull('feat/pay')
    const id = here.github.deliveries.findLast(({ action }) => action === 'labeled')?.id ?? 0
    for (let nth = 0; nth < 50; nth++) {
      here.github.redeliver(id)
      await here.github.delivered()
    }
    const attempts = here.github.deliveries.find((delivery) => delivery.id === id)?.attempts ?? []
    expect(attempts).toHaveLength(51)
    expect(attempts.every(({ status }) => status === 202)).toBe(true)
    const times = attempts.map(({ ms }) => ms).toSorted((a, b) => a - b)
    expect(times[25]).toBeLessThan(200)
    expect(times.at(-1)).toBeLessThan(1000)
  })

  it('that is a ping is taken, and nothing comes of it', async () => {
    here = await givenInstance()
    await here.settled()
    const before = here.github.requests.length
    here.github.ping()
    await here.github.delivered()
    expect(lastAttempt('ping', null)).toMatchObject({ status: 204 })
    expect(here.github.requests.length).toBe(before)
  })

  it('of a pull request that was opened with the label on is enough', async () => {
    here = await givenInstance()
    here.github.onDelivery(({ action }) => (action === 'opened' ? 'send' : 'lose'))
    await here.live(here.openPull('feat/pay'))
  })

  it('of an edited title changes nothing', async () => {
    here = await givenInstance()
    const pull = here.openPull('feat/pay')
    await here.live(pull)
    await here.github.delivered()
    const writes = () =>
      here.github.requests.filter(({ method, path }) => method !== 'GET' && path.startsWith('/repos'))
    await here.settled()
    const [before, reads] = [writes().length, here.github.requests.length]
    here.github.editPull(REPO, pull, 'Another title')
    await here.until(() => expect(here.github.requests.length).toBeGreaterThan(reads + 1))
    expect(lastAttempt('pull_request', 'edited')).toMatchObject({ status: 202 })
    expect(writes()).toHaveLength(before)
    expect(await here.commits()).toHaveLength(2)
  })
})

describe('a failed head', () => {
  it.each([
    { what: 'its Check', ask: (pull: number) => here.github.rerunCheck(here.checkOf(pull)?.id ?? 0) },
    { what: 'all Checks of its commit', ask: (pull: number) => here.github.rerunSuite(REPO, here.headOf(pull)) },
  ])('is tried again when a re-run of $what is asked for', async ({ ask }) => {
    const pull = await givenFailed()
    ask(pull)
    await here.live(pull)
    expect(here.github.checkRuns(REPO, here.headOf(pull))).toHaveLength(1)
    expect(here.statesOf(here.headOf(pull)).at(-1)).toBe('success')
  })

  it('is tried again after a restart where the webhook that asked for it was lost', async () => {
    const pull = await givenFailed()
    here.github.onDelivery(() => 'lose')
    here.github.rerunCheck(here.checkOf(pull)?.id ?? 0)
    await here.stop()
    await here.start()
    await here.live(pull)
  })

  it('is not tried again by a webhook that asks for nothing', async () => {
    const pull = await givenFailed()
    const reads = here.github.requests.length
    here.github.editPull(REPO, pull, 'Another title')
    await here.until(() => expect(here.github.requests.length).toBeGreaterThan(reads + 1))
    await here.github.delivered()
    expect(here.checkOf(pull)).toMatchObject({ conclusion: 'failure' })
    expect(await here.commits()).toHaveLength(1)
  })
})

describe('a pull request', () => {
  it('that is reopened while its preview is being removed gets it back', async () => {
    here = await givenInstance()
    const pull = here.openPull('feat/pay')
    await here.live(pull)
    const url = here.lastStatusOf(here.headOf(pull))?.environmentUrl
    here.argocd.pause()
    here.github.closePull(REPO, pull)
    await here.until(async () => expect(await here.file(PREVIEW)).toBeNull())
    expect(here.argocd.applications()).toHaveLength(1)
    here.github.reopenPull(REPO, pull)
    await here.until(async () => expect(await here.file(PREVIEW)).not.toBeNull())
    here.argocd.resume()
    await here.until(() =>
      expect(here.lastStatusOf(here.headOf(pull))).toMatchObject({ state: 'success', environmentUrl: url }),
    )
    await here.live(pull)
    expect(await here.file(PREVIEW)).not.toBeNull()
  })

  it('whose label is taken off and put on again at once is live in the end', async () => {
    here = await givenInstance()
    const pull = here.openPull('feat/pay')
    await here.live(pull)
    here.github.onDelivery(() => 'hold')
    here.github.unlabel(REPO, pull, 'westage')
    here.github.label(REPO, pull, 'westage')
    here.github.unlabel(REPO, pull, 'westage')
    here.github.label(REPO, pull, 'westage')
    here.github.onDelivery(() => 'send')
    here.github.releaseHeld('reversed')
    await here.github.delivered()
    await here.live(pull)
    expect(await here.file(PREVIEW)).toContain(here.headOf(pull))
    expect(here.argocd.applications()).toHaveLength(1)
  })

  it.each([
    { what: 'merged', end: (pull: number) => here.github.mergePull(REPO, pull), reason: 'was merged' },
    { what: 'closed', end: (pull: number) => here.github.closePull(REPO, pull), reason: 'was closed' },
    {
      what: 'unlabelled',
      end: (pull: number) => here.github.unlabel(REPO, pull, 'westage'),
      reason: 'the label was taken off',
    },
  ])('that is $what loses its preview in one commit that says why', async ({ end, reason }) => {
    here = await givenInstance()
    const pull = here.openPull('feat/pay')
    await here.live(pull)
    end(pull)
    await here.until(() => expect(here.checkOf(pull)?.output).toMatchObject({ title: 'Preview removed' }))
    expect(here.checkOf(pull)?.output.summary).toContain(reason)
    await here.until(() => expect(here.lastStatusOf(here.headOf(pull))?.state).toBe('inactive'))
    const commits = await here.commits()
    expect(commits).toHaveLength(3)
    expect(commits[0]?.message).toMatch(/^shop #1: remove preview\n/)
    expect(commits[0]?.message).toContain(reason)
  })
})
