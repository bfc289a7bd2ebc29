/** What goes wrong around an instance: it is waited out or said, and never ends in a loop or in a lost preview. */
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { ownTemporaryFolder } from '../adapters/build/repo-on-disk.ts'
import { git } from '../servers/git-cli.ts'
import { type Given, givenInstanceWithWorkers as givenInstance, REPO } from './given.ts'
import { leftBehind } from './left-behind.ts'

const temporary = await ownTemporaryFolder()
afterAll(() => temporary.close())

let here: Given
afterEach(async () => {
  await here.close()
})

const PREVIEW = 'previews/shop/pr-1/preview.yaml'
const asked = (pattern: RegExp) => here.github.requests.filter(({ method, path }) => pattern.test(`${method} ${path}`))

describe('GitHub', () => {
  it('that answers 502 for a while costs time, and no second Check run or Deployment', async () => {
    here = await givenInstance()
    here.github.fail({ times: 8 }, { kind: 'status', status: 502 })
    const pull = here.openPull('feat/pay')
    await here.live(pull)
    expect(here.github.checkRuns(REPO, here.headOf(pull))).toHaveLength(1)
    expect(here.github.deployments(REPO)).toHaveLength(1)
    expect(await here.commits()).toHaveLength(2)
  })

  it.each([
    { limit: 'hourly', trouble: { kind: 'primary', resetAfterSeconds: 2 } },
    { limit: 'secondary', trouble: { kind: 'secondary', retryAfterSeconds: 2 } },
  ] as const)('whose $limit limit is used up is not asked again before it is over', async ({ trouble }) => {
    here = await givenInstance()
    await here.settled()
    here.github.onDelivery(({ action }) => (action === 'labeled' ? 'send' : 'lose'))
    here.github.fail({ path: /\/check-runs$/, method: 'POST' }, trouble)
    const pull = here.openPull('feat/pay')
    await here.until(() => expect(here.github.requests.some(({ status }) => status === 403)).toBe(true))
    const [hitAtMs, soFar] = [performance.now(), here.github.requests.length]
    await here.until(() => expect(here.github.requests.length).toBeGreaterThan(soFar))
    // The reset is told in whole seconds, so that it may be up to one second less than two from now.
    expect(performance.now() - hitAtMs).toBeGreaterThan(950)
    await here.live(pull)
    expect(here.github.requests.filter(({ status }) => status === 403)).toHaveLength(1)
    expect(here.github.deployments(REPO)).toHaveLength(1)
  })

  it('that does not let WeStage write Checks is said once, and asked again when an installation changes', async () => {
    here = await givenInstance()
    await here.settled()
    here.github.setPermissions('acme', { checks: 'read' })
    const pull = here.openPull('feat/pay')
    const complaints = () => here.logged.filter((line) => line.includes('checks: write'))
    await here.until(() => expect(complaints()).not.toEqual([]))
    await here.github.delivered()
    // As long as the first waits of what is retried.
    const from = performance.now()
    await here.until(() => expect(performance.now() - from).toBeGreaterThan(2500))
    expect(complaints()).toHaveLength(1)
    // Once to say what is to be done and once to say that it failed, for each of the two webhooks.
    expect(asked(/^POST .*\/check-runs/).length).toBeLessThanOrEqual(4)
    here.github.setPermissions('acme', { checks: 'write' })
    here.github.addRepository('acme/blog', {})
    await here.live(pull)
    expect(here.github.deployments(REPO)).toHaveLength(1)
  })

  it('whose installation is suspended keeps its previews, and goes on when it is unsuspended', async () => {
    here = await givenInstance({ settings: { resync: '300ms' } })
    const pull = here.openPull('feat/pay')
    await here.live(pull)
    here.github.suspend('acme')
    const passes = () => here.logged.filter((line) => line.startsWith('info resync')).length
    const before = passes()
    await here.until(() => expect(passes()).toBeGreaterThan(before + 3))
    expect(here.logged.some((line) => line.includes('suspended: unsuspend it'))).toBe(true)
    expect(await here.file(PREVIEW)).not.toBeNull()
    here.github.unsuspend('acme')
    here.github.push(REPO, pull, { 'site/index.html': 'more' })
    await here.live(pull)
    expect((await here.commits()).map(({ message }) => message).join()).not.toContain('remove preview')
  })
})

describe('a repo', () => {
  it('that is renamed during a run goes on under its new name, with its Check at the right place', async () => {
    here = await givenInstance({ settings: { apps: [{ name: 'shop', repository: 'acme/store' }], resync: '300ms' } })
    here.github.fail({ path: /^\/codeload\// }, { kind: 'delay', ms: 700 })
    const shop = 'westage / shop'
    const pull = here.openPull('feat/pay')
    await here.until(async () => expect(await leftBehind()).not.toEqual([]))
    here.github.renameRepository(REPO, 'acme/store')
    await here.live(pull)
    const head = here.github.push('acme/store', pull, { 'site/index.html': 'more' })
    await here.live(pull)
    expect(here.github.checkRuns('acme/store', head).map(({ name }) => name)).toEqual([shop])
    expect(await here.file(PREVIEW)).toContain(head)
    expect(await here.file(PREVIEW)).toContain('acme/store')
  })

  it('that is renamed, and by that its app, moves its preview to the new name', async () => {
    here = await givenInstance({ settings: { resync: '300ms' } })
    const pull = here.openPull('feat/pay')
    await here.live(pull)
    here.github.renameRepository(REPO, 'acme/store')
    await here.until(() =>
      expect(
        here.github.checkRuns('acme/store', here.headOf(pull)).map(({ name, output }) => [name, output.title]),
      ).toEqual([
        ['westage / shop', 'Preview removed'],
        ['westage / store', expect.stringMatching(/^Live at/)],
      ]),
    )
    expect(await here.file(PREVIEW)).toBeNull()
    expect(await here.file('previews/store/pr-1/preview.yaml')).not.toBeNull()
  })

  it('that is transferred during a run to another owner who has the App goes on there', async () => {
    here = await givenInstance()
    here.github.addRepository('globex/site', {})
    here.github.fail({ path: /^\/codeload\// }, { kind: 'delay', ms: 700 })
    const pull = here.openPull('feat/pay')
    await here.until(async () => expect(await leftBehind()).not.toEqual([]))
    here.github.transferRepository(REPO, 'globex', { isInstalled: true })
    await here.live(pull)
    const head = here.github.push('globex/shop', pull, { 'site/index.html': 'more' })
    await here.live(pull)
    expect(here.github.checkRuns('globex/shop', head)).toHaveLength(1)
    expect(await here.file(PREVIEW)).toContain('globex/shop')
    expect(here.argocd.applications()).toHaveLength(1)
  })

  it.each([
    { what: 'is deleted', end: () => here.github.deleteRepository(REPO) },
    { what: 'is taken out of the installation', end: () => here.github.removeFromInstallation(REPO) },
    { what: 'lost the App with its owner', end: () => here.github.uninstall('acme') },
  ])('that $what loses its previews', async ({ end }) => {
    here = await givenInstance()
    const pull = here.openPull('feat/pay')
    await here.live(pull)
    end()
    await here.until(async () => expect(await here.file(PREVIEW)).toBeNull())
    await here.until(() => expect(here.argocd.applications()).toEqual([]))
  })
})

describe('the GitOps repo', () => {
  it('that can not be read is told to be waited for, and the preview goes live once it can', async () => {
    here = await givenInstance()
    await here.settled()
    const recover = here.git.inject('upload-pack', ...Array(1000).fill({ kind: 'status', status: 503 }))
    const pull = here.openPull('feat/pay')
    await here.until(() => expect(here.checkOf(pull)?.output.title).toMatch(/^Waiting to try again in/))
    expect(here.checkOf(pull)).toMatchObject({ status: 'in_progress' })
    expect(here.checkOf(pull)?.output.summary).toContain('503')
    recover()
    await here.live(pull)
    expect(here.github.checkRuns(REPO, here.headOf(pull))).toHaveLength(1)
  })

  it('that takes no pushes for a while is told to be retried, by the Check, and then the preview is live', async () => {
    here = await givenInstance()
    here.git.inject('receive-pack', ...Array(5).fill({ kind: 'status', status: 503 }))
    const pull = here.openPull('feat/pay')
    await here.until(() => expect(here.checkOf(pull)?.output.title).toMatch(/^Waiting to try again in/))
    expect(here.checkOf(pull)?.output.summary).toContain('commit: ')
    expect(here.checkOf(pull)?.output.summary).toContain('503')
    expect(here.checkOf(pull)?.output.summary).toContain('not yours to mend')
    await here.live(pull)
    expect(await here.commits()).toHaveLength(2)
  })

  it('whose hook refuses the push fails the Check as the operator’s, in the words of the hook', async () => {
    here = await givenInstance()
    await here.git.hook('gitops', 'pre-receive', 'echo "Signed commits only" >&2; exit 1')
    const pull = here.openPull('feat/pay')
    await here.concluded(pull, 'failure')
    const { summary, text, title } = here.checkOf(pull)?.output ?? {}
    expect(title).toContain('Failed in commit')
    expect(summary).toContain('whoever runs WeStage')
    expect(text).toContain('Signed commits only')
    await here.git.hook('gitops', 'pre-receive', null)
    here.github.rerunCheck(here.checkOf(pull)?.id ?? 0)
    await here.live(pull)
  })

  it('that a person pushes to in the same moment gets both commits', async () => {
    here = await givenInstance()
    let [hasCome, release] = [false, () => {}]
    const until = new Promise<void>((resolve) => {
      release = resolve
    })
    here.git.inject('receive-pack', { kind: 'hold', until, reached: () => (hasCome = true) })
    const pull = here.openPull('feat/pay')
    await here.until(() => expect(hasCome).toBe(true))
    const clone = `${here.git.dir('gitops')}-clone`
    await git(['clone', '-q', here.git.dir('gitops'), clone], { cwd: here.git.dir('gitops') })
    await git(['commit', '-q', '--allow-empty', '-m', 'By hand'], { cwd: clone })
    await git(['push', '-q', 'origin', 'HEAD:main'], { cwd: clone })
    release()
    await here.live(pull)
    const messages = (await here.commits()).map(({ message }) => message.split('\n')[0])
    expect(messages).toEqual([
      `shop #1: preview ${here.headOf(pull).slice(0, 7)}`,
      'By hand',
      'Start of the GitOps repo',
    ])
  })
})

describe('the archive of a commit', () => {
  it('that is cut on its way is fetched again, and never taken for a shorter one', async () => {
    here = await givenInstance()
    here.github.fail({ path: /^\/codeload\// }, { kind: 'cut', when: 'midway' })
    const pull = here.openPull('feat/pay')
    await here.until(() => expect(here.checkOf(pull)?.output.title).toMatch(/^Waiting to try again in/))
    expect(here.checkOf(pull)?.output.summary).toContain('fetch: ')
    await here.live(pull)
    expect(asked(/\/codeload\//)).toHaveLength(2)
    expect(await leftBehind()).toEqual([])
  })

  it('that climbs out of its folder is refused with the name of the entry, as the author’s to mend', async () => {
    here = await givenInstance()
    const pull = here.openPull('feat/pay', { 'k8s/../../../evil.sh': 'echo evil' })
    await here.concluded(pull, 'failure')
    const { summary, title } = here.checkOf(pull)?.output ?? {}
    expect(title).toContain('Failed in fetch')
    expect(title).toContain('/k8s/../')
    expect(summary).toContain('Push a commit that mends it')
    expect(await here.file(PREVIEW)).toBeNull()
  })

  it('gets no link that leaves it, and the log of the run says so', async () => {
    here = await givenInstance()
    const pull = here.github.openPull(REPO, {
      branch: 'feat/pay',
      files: { 'k8s/passwords': { linkTo: '../../../../../../etc/passwd' } },
      labels: ['westage'],
    })
    await here.live(pull)
    const page = await (await fetch(here.lastStatusOf(here.headOf(pull))?.logUrl ?? '')).text()
    expect(page).toContain('k8s/passwords')
  })
})
