/**
 * What people do in the GitOps repo with the git CLI, against Argo CD and a cluster. WeStage hears of it by the repo's push
 * webhook, and has Argo CD look: the next pass is minutes away.
 */
import { AppsV1Api } from '@kubernetes/client-node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { filesAt, logOf } from '../servers/git-cli.ts'
import {
  amendWithout,
  deleteFolder,
  deploymentIn,
  folderOf,
  MERGES,
  mergeExtra,
  resetTo,
  revertTogether,
  secondOver,
  TOLD,
} from '../servers/git-deeds.ts'
import { cloneAsPerson, type GitPerson } from '../servers/git-person.ts'
import { sendPushWebhooks } from '../servers/push-webhook.ts'
import { type Backend, backend } from './backend.ts'
import { adminOf, type Given, givenInstance, REPO } from './given.ts'
import { contentOf } from './sample.ts'

const target: Backend = await backend()
const isReal = target.isReal

/** Two cores run Kubernetes, Argo CD, builds and pods: a slow moment gets another try. */
const TRIES = { retry: isReal ? 1 : 0 }
/** Longer than it takes to be live again. */
const KEPT = isReal ? '20s' : '5s'

/** A preview that is live, and what it answers with. */
interface Shop {
  readonly pull: number
  readonly text: string
}

let here: Given
let person: GitPerson
/** Those that are live as nobody touched them: a machine that builds and starts pods is not waited for again and again. */
const untouched: Shop[] = []
beforeAll(async () => {
  here = await givenInstance(target.start, isReal, {
    argocd: { deadline: '3m', ...(isReal && { crashRestarts: 1 }) },
    namespace: { limits: { defaultRequest: { cpu: '10m' } } },
    gitops: { keepRestored: KEPT },
    // One that starts from TypeScript takes seconds of a busy machine.
    ...(!isReal && { worker: { run: 'inside' } }),
  })
  await sendPushWebhooks(here.git, 'gitops', { url: `${here.url}/webhook`, secret: here.github.webhookSecret })
  person = await cloneAsPerson(here.gitDir)
  spared = opened()
  untouched.push(opened(), opened())
  for (const { pull, text } of [spared, ...untouched]) await here.live(pull, text)
}, 300_000)
afterAll(async () => {
  await person?.close()
  await here?.close()
  await target.close()
}, 300_000)

/** What people leave alone. */
let spared: Shop
let used = 0
/** No other one is a part of it. */
const nextText = () => `[people ${++used}]`

function opened(): Shop {
  const text = nextText()
  return { pull: here.openPull(`people-${used}`, contentOf(text)), text }
}

/** One that nobody touched; the person has it in the clone. A test that is tried again gets another one. */
async function givenLive(): Promise<Shop> {
  const shop = untouched.pop() ?? opened()
  await here.live(shop.pull, shop.text)
  await person.pull()
  return shop
}

async function liveAgain(...shops: readonly Shop[]): Promise<void> {
  for (const { pull, text } of shops) await here.live(pull, text)
  untouched.push(...shops)
}

function push({ pull }: Shop): Shop {
  const text = nextText()
  here.push(pull, contentOf(text))
  return { pull, text }
}

async function update(shop: Shop): Promise<Shop> {
  const newer = push(shop)
  await here.live(newer.pull, newer.text)
  await person.pull()
  return newer
}

const titled = (pull: number, title: RegExp) =>
  here.until(() => {
    expect(here.checkOf(pull)?.output.title).toMatch(title)
    expect(here.checkOf(pull)).toMatchObject({ status: 'completed' })
  })
const deployment = (pull: number, state: string) =>
  here.until(() => expect(here.lastStatusOf(here.headOf(pull))?.state).toBe(state))
const urlOf = (pull: number) => here.lastStatusOf(here.headOf(pull))?.environmentUrl ?? ''
const applicationGone = (pull: number) =>
  here.until(async () => expect(await here.argocd.applications()).not.toContain(`westage-shop-pr-${pull}`))
const builds = () => here.github.requests.filter(({ path }) => path.startsWith('/codeload/')).length
const rerun = (pull: number) => here.github.rerunCheck(here.checkOf(pull)?.id ?? 0)
function labelAgain(shop: Shop): Shop {
  here.github.unlabel(REPO, shop.pull, 'westage')
  here.github.label(REPO, shop.pull, 'westage')
  return shop
}
const isStill = ({ pull }: Shop) => expect(here.checkOf(pull)).toMatchObject({ conclusion: 'success' })

describe(`on ${target.name}, a person with git`, { timeout: 300_000, ...TRIES }, () => {
  it('who reverts several previews in one commit has each as it was; a revert of that has them live again, without a build', async () => {
    const [first, created] = [await givenLive(), await givenLive()]
    const url = urlOf(first.pull)
    const before = here.headOf(first.pull)
    const updated = await update(first)
    const built = builds()
    const commits = [await here.lastCommit(first.pull), await here.lastCommit(created.pull)]
    await revertTogether(person, commits, 'Room for the release')
    const commit = await person.push()
    await titled(first.pull, TOLD.changedTo(before))
    await titled(created.pull, TOLD.removed)
    for (const { pull } of [first, created]) {
      expect(here.said(pull)).toContain(`\`${commit.slice(0, 7)}\`: Room for the release`)
      await deployment(pull, 'inactive')
    }
    await here.answers(url, first.text)
    await applicationGone(created.pull)
    isStill(spared)

    await person.git('revert', '--no-edit', 'HEAD')
    await person.push()
    await liveAgain(updated, created)
    isStill(spared)
    expect(builds()).toBe(built)
  })

  it.each([
    { ...MERGES[0], goesOn: 'its label is put on again', goOn: labelAgain },
    { ...MERGES[1], goesOn: 'a commit is pushed', goOn: push },
  ])('who $how a branch that changed a preview has it held, until $goesOn', async ({ merge, goOn }) => {
    const shop = await givenLive()
    await mergeExtra(person, shop.pull, merge)
    const merged = await person.push()
    await titled(shop.pull, TOLD.changed)
    expect(here.said(shop.pull)).toContain(`\`${merged.slice(0, 7)}\`: Merge by-hand`)
    const after = goOn(shop)
    const extra = `${folderOf(shop.pull)}/manifests/extra.yaml`
    await here.until(async () => expect(await here.file(extra)).toBeNull())
    await liveAgain(after)
  })

  it('who edits a manifest has that run, and the page of the run shows it; a re-run of the Check ends that', async () => {
    const shop = await givenLive()
    const { pull } = shop
    const written = (await here.file(deploymentIn(pull))) ?? ''
    await person.write(deploymentIn(pull), written.replace('replicas: 1', 'replicas: 2'))
    await person.commit('Try two of them')
    await person.push()
    await titled(pull, TOLD.changed)
    expect(await (await fetch(here.checkOf(pull)?.detailsUrl ?? '')).text()).toMatch(/\+ +replicas: 2/)
    if (isReal) await here.until(async () => expect(await replicasOf(shop)).toBe(2))
    rerun(pull)
    await here.until(async () => expect(await here.file(deploymentIn(pull))).toBe(written))
    await liveAgain(shop)
  })

  it('who rewrites messages by force changes nothing; other content is held, until a re-run of the Check', async () => {
    const shop = await givenLive()
    await person.git('commit', '--quiet', '--amend', '--message', 'A better message')
    await person.push('--force')
    await amendWithout(person, deploymentIn(shop.pull))
    await person.push('--force')
    await titled(shop.pull, TOLD.changed)
    isStill(spared)
    rerun(shop.pull)
    await here.until(async () => expect(await here.file(deploymentIn(shop.pull))).not.toBeNull())
    await liveAgain(shop)
  })

  it('who takes the branch back to what it was has what is older and what is gone held, and the rest go on', async () => {
    const first = await givenLive()
    const [before, head] = [await person.git('rev-parse', 'HEAD'), here.headOf(first.pull)]
    await secondOver()
    const updated = await update(first)
    const created = opened()
    await here.live(created.pull, created.text)
    await resetTo(person, before)
    await person.push('--force')
    await titled(updated.pull, TOLD.reset(head))
    await titled(created.pull, TOLD.gone)
    isStill(spared)
    await here.answers(urlOf(spared.pull), spared.text)
    await applicationGone(created.pull)
    rerun(updated.pull)
    labelAgain(created)
    await liveAgain(updated, created)
  })

  it('who deletes a folder has nothing run', async () => {
    const shop = await givenLive()
    await deleteFolder(person, shop.pull, 'Away with it')
    await person.push()
    await titled(shop.pull, TOLD.removed)
    expect(here.said(shop.pull)).toContain('Away with it')
    await deployment(shop.pull, 'inactive')
    await applicationGone(shop.pull)
  })

  it('who reverts a removal has the preview back as it was, without a build, until its time is over', async () => {
    const { pull, text } = await givenLive()
    const url = urlOf(pull)
    const files = () => filesAt(here.gitDir, 'main', `${folderOf(pull)}/`)
    const [written, built] = [await files(), builds()]
    here.github.closePull(REPO, pull)
    await here.gone(pull)
    await person.pull()
    await person.git('revert', '--no-edit', await here.lastCommit(pull))
    await person.push()
    await titled(pull, TOLD.broughtBack)
    await deployment(pull, 'success')
    await here.answers(url, text)
    expect(await files()).toEqual(written)
    expect(builds()).toBe(built)

    await here.gone(pull)
    expect(here.said(pull)).toContain('the time is over for which it was kept')
    expect((await logOf(here.gitDir, 'main', 1))[0]?.message).toContain('the time is over')
    expect(await files()).toEqual(new Map())
  })
})

/** Of a preview's Deployment in the cluster. */
async function replicasOf({ pull }: Shop): Promise<number | undefined> {
  const file = (await here.file(`${folderOf(pull)}/preview.yaml`)) ?? ''
  const namespace = /^namespace: (.*)$/m.exec(file)?.[1] ?? ''
  const apps = adminOf(here).makeApiClient(AppsV1Api)
  return (await apps.readNamespacedDeployment({ name: 'shop', namespace })).spec?.replicas
}
