/** The whole loop against real servers: git over http-backend, kustomize, GitHub's double, the stand-in for Argo CD. */
import { afterEach, describe, expect, it } from 'vitest'
import { git } from '../servers/git-cli.ts'
import { askPreview } from './ask-preview.ts'
import { type Given, givenInstanceWithWorkers as givenInstance, REPO } from './given.ts'

let here: Given
afterEach(async () => {
  await here.close()
})

const MANIFESTS = 'previews/shop/pr-1/manifests'

describe('a labelled pull request', () => {
  it('goes live, is updated, fails on broken manifests with the reason, recovers and is gone after close', async () => {
    here = await givenInstance()
    const pull = here.openPull('feat/pay')
    await here.live(pull)
    const first = here.headOf(pull)
    expect(here.statesOf(first)).toEqual(['in_progress', 'success'])
    const live = here.lastStatusOf(first)
    expect(live?.environmentUrl).toMatch(/^http:\/\/feat-pay-shop\.localhost:/)
    expect((await askPreview(live?.environmentUrl ?? '')).body).toContain(first)
    const check = here.checkOf(pull)
    expect(check).toMatchObject({ name: 'westage / shop', detailsUrl: live?.logUrl })
    for (const step of ['fetch', 'build', 'render', 'transform', 'commit', 'sync', 'resolve']) {
      expect(check?.output.text).toContain(`| ${step} |`)
    }

    const second = here.github.push(REPO, pull, { 'site/index.html': 'more' })
    await here.live(pull)
    expect(here.lastStatusOf(first)?.state).toBe('inactive')
    expect((await askPreview(live?.environmentUrl ?? '')).body).toContain(second)

    const broken = here.github.push(REPO, pull, {
      'k8s/overlays/preview/kustomization.yaml': 'resources: [nothing.yaml]\n',
    })
    await here.concluded(pull, 'failure')
    expect(here.checkOf(pull)?.output.summary).toContain('nothing.yaml')
    expect(here.checkOf(pull)?.output.summary).toContain(`${second.slice(0, 7)} is still up`)
    expect(here.lastStatusOf(broken)).toMatchObject({ state: 'failure' })
    expect(here.lastStatusOf(broken)?.description).toContain('render')
    expect(here.lastStatusOf(second)?.state).toBe('success')
    expect((await askPreview(live?.environmentUrl ?? '')).body).toContain(second)

    const mended = here.github.push(REPO, pull, {
      'k8s/overlays/preview/kustomization.yaml': 'resources: [../../base]\n',
    })
    await here.live(pull)
    expect((await askPreview(live?.environmentUrl ?? '')).body).toContain(mended)

    here.github.closePull(REPO, pull)
    await here.until(() => expect(here.lastStatusOf(mended)?.state).toBe('inactive'))
    expect(here.argocd.applications()).toEqual([])
    expect(await here.file('previews/shop/pr-1/preview.yaml')).toBeNull()
    await here.until(() => expect(here.checkOf(pull)?.output.title).toBe('Preview removed'))
    expect(here.github.deployments(REPO).map(({ statuses }) => statuses.at(-1)?.state)).toEqual(
      Array(4).fill('inactive'),
    )
  })

  it('is worked on while GitHub takes its time to note what it is told', async () => {
    here = await givenInstance()
    const cancel = here.github.fail({ method: 'POST', path: /\/deployments$/ }, { kind: 'delay', ms: 10_000 })
    here.openPull('feat/slow')
    await here.until(() => expect(here.github.requests.some(({ path }) => path.startsWith('/codeload/'))).toBe(true))
    expect(here.github.deployments(REPO)).toEqual([])
    cancel()
  })

  it('that waits for its turn is told so', async () => {
    here = await givenInstance({ settings: { concurrency: { prepares: 1 } } })
    const pulls = [here.openPull('feat/first'), here.openPull('feat/second')]
    for (const pull of pulls) await here.live(pull)
    const states = pulls.map((pull) => here.statesOf(here.headOf(pull))).toSorted((a, b) => a.length - b.length)
    expect(states).toEqual([
      ['in_progress', 'success'],
      ['queued', 'in_progress', 'success'],
    ])
  })

  it('is committed in one commit that reads well, with every object in its namespace and the variables in every container', async () => {
    here = await givenInstance()
    const pull = here.openPull('feat/pay')
    await here.live(pull)
    const [commit, ...before] = await here.commits()
    expect(before).toHaveLength(1)
    const sha = here.headOf(pull)
    expect(commit?.message).toMatch(new RegExp(`^shop #1: preview ${sha.slice(0, 7)}\n`))
    expect(commit?.message).toMatch(/^WeStage-Preview: \d+\/1\/shop$/m)
    expect(commit?.message).toMatch(/^WeStage-Run: http.*\/runs\/\w+$/m)
    expect(commit?.message).toContain(`Head-SHA: ${sha}`)
    expect(commit?.message).toContain('Pull-Request: https://github.com/acme/shop/pull/1')
    for (const [name, kind] of [
      ['deployment-shop', 'Deployment'],
      ['cronjob-tidy', 'CronJob'],
      ['service-shop', 'Service'],
    ]) {
      const text = await here.file(`${MANIFESTS}/${name}.yaml`)
      expect(text).toContain(`kind: ${kind}`)
      expect(text).toContain('namespace: westage-shop-feat-pay')
    }
    const [deployment, cronJob] = [
      await here.file(`${MANIFESTS}/deployment-shop.yaml`),
      await here.file(`${MANIFESTS}/cronjob-tidy.yaml`),
    ]
    for (const name of [
      'WESTAGE',
      'WESTAGE_URL',
      'WESTAGE_HOST',
      'WESTAGE_APP',
      'WESTAGE_BRANCH',
      'WESTAGE_PR',
      'WESTAGE_SHA',
      'WESTAGE_NAMESPACE',
    ]) {
      expect(deployment).toContain(`name: ${name}\n`)
      expect(cronJob).toContain(`name: ${name}\n`)
    }
    expect(await git(['fsck', '--full', '--strict'], { cwd: here.git.dir('gitops') })).not.toContain('error')
  })

  it('gets back what it had when it is reopened', async () => {
    here = await givenInstance()
    const pull = here.openPull('feat/pay')
    await here.live(pull)
    const before = await here.file('previews/shop/pr-1/preview.yaml')
    here.github.closePull(REPO, pull)
    await here.until(() => expect(here.checkOf(pull)?.output.title).toBe('Preview removed'))
    here.github.reopenPull(REPO, pull)
    await here.live(pull)
    expect(await here.file('previews/shop/pr-1/preview.yaml')).toBe(before)
  })

  it('shares nothing with another one whose branch comes to the same name', async () => {
    here = await givenInstance()
    const pulls = [here.openPull('feat/a'), here.openPull('feat-a')]
    for (const pull of pulls) await here.live(pull)
    const urls = pulls.map((pull) => here.lastStatusOf(here.headOf(pull))?.environmentUrl)
    expect(new Set(urls).size).toBe(2)
  })

  it('from a fork is not built, and its Check says so', async () => {
    here = await givenInstance()
    const pull = here.github.openPull(REPO, {
      branch: 'x',
      files: { a: 'b' },
      fromFork: 'stranger',
      labels: ['westage'],
    })
    await here.concluded(pull, 'neutral')
    expect(here.checkOf(pull)?.output.summary).toContain('fork')
    expect(here.github.requests.filter(({ path }) => path.includes('tarball'))).toEqual([])
    expect(here.github.deployments(REPO)).toEqual([])
  })

  it('that a person reverted in the GitOps repo is held, and is deployed again when the label is put on again', async () => {
    here = await givenInstance({ settings: { resync: '500ms' } })
    const pull = here.openPull('feat/pay')
    await here.live(pull)
    const clone = `${here.git.dir('gitops')}-clone`
    await git(['clone', '-q', here.git.dir('gitops'), clone], { cwd: here.git.dir('gitops') })
    await git(['revert', '--no-edit', 'HEAD'], { cwd: clone })
    await git(['push', '-q', 'origin', 'HEAD:main'], { cwd: clone })
    await here.concluded(pull, 'neutral')
    expect(here.checkOf(pull)?.output.title).toContain('Held')
    here.github.unlabel(REPO, pull, 'westage')
    here.github.label(REPO, pull, 'westage')
    await here.live(pull)
  })

  it('is answered by the API with its state, address and commit, to who has the token', async () => {
    here = await givenInstance()
    const pull = here.openPull('feat/pay')
    await here.live(pull)
    expect((await fetch(`${here.url}/api/previews`)).status).toBe(401)
    await here.until(async () => {
      const answer = await fetch(`${here.url}/api/previews`, { headers: { authorization: `Bearer ${here.apiToken}` } })
      expect(await answer.json()).toMatchObject({
        previews: [{ app: 'shop', slug: 'feat-pay', state: 'live', sha: here.headOf(pull), callbacks: [] }],
      })
    })
  })

  it('has a page for its run with the log, and no secret in either', async () => {
    here = await givenInstance()
    const pull = here.openPull('feat/pay')
    await here.live(pull)
    const run = here.lastStatusOf(here.headOf(pull))?.logUrl ?? ''
    const page = await (await fetch(run)).text()
    expect(page).toContain('k8s/overlays/preview')
    for (const text of [page, here.logged.join('\n')]) {
      expect(text).not.toMatch(/gh[sp]_\w+|PRIVATE KEY|gitops-token/)
      expect(text).not.toContain(here.github.webhookSecret)
    }
  })
})

describe('lost and repeated webhooks', () => {
  it('cost time, never a preview', async () => {
    here = await givenInstance({ settings: { resync: '300ms' } })
    here.github.onDelivery(() => 'lose')
    const pull = here.openPull('feat/pay')
    await here.live(pull)
    here.github.push(REPO, pull, { 'site/index.html': 'more' })
    await here.live(pull)
    here.github.closePull(REPO, pull)
    await here.until(() => expect(here.checkOf(pull)?.output.title).toBe('Preview removed'))
  })

  it('make no second commit, Check run or Deployment', async () => {
    here = await givenInstance()
    here.github.onDelivery(() => 'twice')
    const pull = here.openPull('feat/pay')
    await here.live(pull)
    for (const { id } of here.github.deliveries) here.github.redeliver(id)
    await here.github.delivered()
    await here.live(pull)
    expect(here.github.checkRuns(REPO, here.headOf(pull))).toHaveLength(1)
    expect(here.github.deployments(REPO)).toHaveLength(1)
    expect(await here.commits()).toHaveLength(2)
  })
})

describe('the periodic pass', () => {
  it('costs nothing of the rate limit where nothing changed, and makes no request per pull request', async () => {
    here = await givenInstance({ settings: { resync: '200ms' } })
    const pulls = Array.from({ length: 6 }, (_, nth) => here.openPull(`branch-${nth}`))
    for (const pull of pulls) await here.live(pull)
    const passes = () => here.logged.filter((line) => line.startsWith('info resync')).length
    const settled = passes()
    await here.until(() => expect(passes()).toBeGreaterThan(settled + 2))
    const [remaining, from, at] = [here.github.remaining('acme'), here.github.requests.length, passes()]
    await here.until(() => expect(passes()).toBeGreaterThan(at + 4))
    const requests = here.github.requests.slice(from)
    expect(here.github.remaining('acme')).toBe(remaining)
    expect(requests.every(({ status }) => status === 304)).toBe(true)
    expect(requests.filter(({ path }) => /\/pulls\/\d+/.test(path))).toEqual([])
    expect(here.logged.findLast((line) => line.startsWith('info resync'))).toContain('"remaining"')
  })
})
