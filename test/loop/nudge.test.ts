/** The service with an Argo CD that looks only when it is nudged. */
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type ArgoCdStandIn, startArgoCdStandIn } from '../servers/argocd-standin/start-argocd-standin.ts'
import { type Instance, startInstanceOn } from '../servers/instance.ts'
import { SAMPLE } from './sample.ts'

const REPO = 'acme/shop'
let here: Instance<ArgoCdStandIn>
afterEach(async () => {
  await here.close()
})

const SETTINGS = {
  webhook: ({ webhooks: { server, applicationSet } }: ArgoCdStandIn) => ({ via: 'webhook', server, applicationSet }),
  annotations: () => ({ via: 'annotations' }),
} as const

const startNudging = (via: keyof typeof SETTINGS) =>
  startInstanceOn(async (gitops) => {
    const standIn = await startArgoCdStandIn({
      ...gitops,
      pollMs: 3_600_000,
      delays: { compareMs: 1, syncMs: 1, startMs: 1, removeMs: 1 },
    })
    const settings = { argocd: { nudge: SETTINGS[via](standIn) } }
    const secrets = via === 'webhook' ? { WESTAGE_ARGOCD_WEBHOOK_SECRET: standIn.webhooks.secret } : {}
    return { ...standIn, settings, secrets }
  })

const until = (check: () => void) => vi.waitFor(check, { timeout: 25_000, interval: 20 })
const checkOf = (pull: number) => here.github.checkRuns(REPO, here.github.headOf(REPO, pull)).at(-1)

describe.each(['webhook', 'annotations'] as const)('an instance that nudges by %s', (via) => {
  it('brings a pull request live, updates it and takes it away, without a poll of Argo CD', async () => {
    here = await startNudging(via)
    here.github.addRepository(REPO, SAMPLE)
    const files = { 'site/index.html': 'one' }
    const pull = here.github.openPull(REPO, { branch: 'feat', title: 'feat', files, labels: ['westage'] })
    await until(() => expect(checkOf(pull)).toMatchObject({ status: 'completed', conclusion: 'success' }))
    here.github.push(REPO, pull, { 'site/index.html': 'two' })
    await until(() => expect(checkOf(pull)).toMatchObject({ status: 'completed', conclusion: 'success' }))
    here.github.closePull(REPO, pull)
    await until(() => expect(checkOf(pull)?.output.title).toBe('Preview removed'))
    expect(here.argocd.applications()).toEqual([])
    expect(here.logged.filter((line) => line.startsWith('warn'))).toEqual([])
    expect(here.logged.join('\n')).not.toContain(here.argocd.webhooks.secret)
  })

  it('brings it live all the same where the nudges are refused at first', async () => {
    here = await startNudging(via)
    here.github.addRepository(REPO, SAMPLE)
    here.argocd.pause()
    here.argocd.api.turn('read-only')
    const files = { 'site/index.html': 'one' }
    const pull = here.github.openPull(REPO, { branch: 'feat', title: 'feat', files, labels: ['westage'] })
    await until(() => expect(here.logged.join('\n')).toContain("can't nudge the ApplicationSet"))
    here.argocd.resume()
    here.argocd.api.turn('up')
    await until(() => expect(checkOf(pull)).toMatchObject({ status: 'completed', conclusion: 'success' }))
  })
})
