/**
 * What people do in the GitOps repo with the git CLI, with the real service behind it. It hears of it by the repo's push
 * webhook: its next pass is minutes away.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
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
import { askPreview } from './ask-preview.ts'
import { type Given, givenInstance, REPO } from './given.ts'

let here: Given
let person: GitPerson
afterEach(async () => {
  await person.close()
  await here.close()
})

async function given(settings: Readonly<Record<string, unknown>> = {}): Promise<void> {
  here = await givenInstance({ settings })
  await sendPushWebhooks(here.git, 'gitops', { url: `${here.url}/webhook`, secret: here.github.webhookSecret })
  const url = new URL(here.git.url('gitops'))
  url.username = 'westage'
  url.password = here.secrets.WESTAGE_GITOPS_TOKEN ?? ''
  person = await cloneAsPerson(url.href)
}

const short = (sha: string) => sha.slice(0, 7)
/** WeStage's newest commit of a preview. */
const lastOf = async (pull: number) => {
  const made = (await here.commits()).find(({ message }) => message.startsWith(`shop #${pull}: `))
  return made?.id ?? ''
}
const headIn = async (pull: number) =>
  (/^sha: (\w+)$/m.exec((await here.file(`${folderOf(pull)}/preview.yaml`)) ?? '') ?? [])[1]
const deployment = (pull: number, state: string) =>
  here.until(() => expect(here.lastStatusOf(here.headOf(pull))?.state).toBe(state))
const said = (pull: number) => {
  const { title, summary } = here.checkOf(pull)?.output ?? {}
  return `${title}\n${summary?.replaceAll('\\', '')}`
}
/** Whether the preview's address answers with that revision. */
const answers = (url: string, sha: string) =>
  here.until(async () => expect((await askPreview(url)).body).toContain(sha))
const urlOf = (pull: number) => here.lastStatusOf(here.headOf(pull))?.environmentUrl ?? ''
const builds = () => here.github.requests.filter(({ path }) => path.startsWith('/codeload/')).length
const applications = () => here.argocd.applications().map(({ metadata }) => metadata.name)
const held = (pull: number, title: RegExp) =>
  here.until(() => {
    expect(here.checkOf(pull)).toMatchObject({ status: 'completed', conclusion: 'neutral' })
    expect(here.checkOf(pull)?.output.title).toMatch(title)
  })

/** A preview that is live with its second revision. */
async function givenUpdated(name = 'feat/pay'): Promise<{ pull: number; first: string; second: string }> {
  const pull = here.openPull(name)
  await here.live(pull)
  const first = here.headOf(pull)
  const second = here.github.push(REPO, pull, { 'site/index.html': `${name} more` })
  await here.live(pull)
  await person.pull()
  return { pull, first, second }
}

async function givenLive(name = 'feat/pay'): Promise<number> {
  const pull = here.openPull(name)
  await here.live(pull)
  await person.pull()
  return pull
}

describe('a person', () => {
  beforeEach(() => given())

  it('who reverts an update has the earlier revision run, and the Check says who, where and how to go on', async () => {
    const { pull, first } = await givenUpdated()
    const url = urlOf(pull)
    await person.git('revert', '--no-edit', 'HEAD')
    const commit = await person.push()
    await held(pull, TOLD.changedTo(first))
    expect(said(pull)).toContain(`in commit \`${short(commit)}\`: Revert "shop #${pull}: update preview`)
    expect(said(pull)).toContain(`What runs now is revision \`${short(first)}\`, at ${url}`)
    expect(said(pull)).toMatch(/push a commit, put the label on again, or ask for a re-run/)
    await deployment(pull, 'inactive')
    await answers(url, first)

    const third = here.github.push(REPO, pull, { 'site/index.html': 'third' })
    await here.live(pull)
    expect(await headIn(pull)).toBe(third)
    expect(await here.file(`${folderOf(pull)}/preview.yaml`)).toContain(url)
  })

  it('who reverts a creation has nothing run, until the label is put on again', async () => {
    const pull = await givenLive()
    await person.git('revert', '--no-edit', 'HEAD')
    await person.push()
    await held(pull, TOLD.removed)
    expect(said(pull)).toContain('Its folder is gone, so nothing runs.')
    await deployment(pull, 'inactive')
    await here.until(() => expect(applications()).toEqual([]))
    here.github.unlabel(REPO, pull, 'westage')
    here.github.label(REPO, pull, 'westage')
    await here.live(pull)
    expect(await headIn(pull)).toBe(here.headOf(pull))
  })

  it('who deletes a folder by hand has nothing run, until a re-run of the Check is asked for', async () => {
    const pull = await givenLive()
    await deleteFolder(person, pull, 'Away with it')
    await person.push()
    await held(pull, TOLD.removed)
    expect(said(pull)).toContain('Away with it')
    await deployment(pull, 'inactive')
    here.github.rerunCheck(here.checkOf(pull)?.id ?? 0)
    await here.live(pull)
    expect(await headIn(pull)).toBe(here.headOf(pull))
    expect(here.github.checkRuns(REPO, here.headOf(pull))).toHaveLength(1)
  })

  it('who edits a manifest is shown the difference on the page of the run, and is told when it is taken back', async () => {
    const pull = await givenLive()
    const written = (await here.file(deploymentIn(pull))) ?? ''
    await person.write(deploymentIn(pull), written.replace(/^ {2}selector:/m, '  replicas: 3\n  selector:'))
    await person.commit('Try three of them')
    await person.push()
    await held(pull, TOLD.changed)
    expect(said(pull)).toContain('this revision with its files changed by hand')
    expect(said(pull)).toContain(`${here.checkOf(pull)?.detailsUrl}#by-hand`)
    const page = await (await fetch(here.checkOf(pull)?.detailsUrl ?? '')).text()
    expect(page).toContain('manifests/deployment-shop.yaml')
    expect(page).toMatch(/<span class="added">\+ {2}replicas: 3<\/span>/)

    const [built, commits] = [builds(), (await here.commits()).length]
    await person.git('revert', '--no-edit', 'HEAD')
    await person.push()
    await here.live(pull)
    await deployment(pull, 'success')
    expect(await here.file(deploymentIn(pull))).toBe(written)
    expect([builds(), (await here.commits()).length]).toEqual([built, commits + 1])
  })

  it('who reverts a revert has the preview live again, without a build', async () => {
    const { pull, first, second } = await givenUpdated()
    await person.git('revert', '--no-edit', 'HEAD')
    await person.push()
    await held(pull, TOLD.changedTo(first))
    const built = builds()
    await person.git('revert', '--no-edit', 'HEAD')
    await person.push()
    await here.live(pull)
    expect(await headIn(pull)).toBe(second)
    await deployment(pull, 'success')
    expect(builds()).toBe(built)
    await answers(urlOf(pull), second)
  })

  it('who reverts several previews in one commit has each of them held, and no other', async () => {
    const pulls = ['feat/a', 'feat/b', 'feat/c', 'feat/d'].map((name) => here.openPull(name))
    for (const pull of pulls) await here.live(pull)
    await person.pull()
    const [spared = 0, ...others] = pulls
    await revertTogether(person, await Promise.all(others.map(lastOf)), 'Room for the release')
    const commit = await person.push()
    for (const pull of others) {
      await held(pull, TOLD.removed)
      expect(said(pull)).toContain(`\`${short(commit)}\`: Room for the release`)
    }
    expect(here.checkOf(spared)).toMatchObject({ conclusion: 'success' })
    await here.until(() => expect(applications()).toEqual([`westage-shop-pr-${spared}`]))
  })

  it.each(MERGES)('who $how a branch that changed a preview has it held, by that commit', async ({ merge }) => {
    const pull = await givenLive()
    const other = here.openPull('feat/other')
    await here.live(other)
    await mergeExtra(person, pull, merge)
    const merged = await person.push()
    await held(pull, TOLD.changed)
    expect(said(pull)).toContain(`\`${short(merged)}\`: Merge by-hand`)
    expect(here.checkOf(other)).toMatchObject({ conclusion: 'success' })
  })

  it('who force-pushes another content has it held; one who rewrites messages alone changes nothing', async () => {
    const pull = await givenLive()
    await person.git('commit', '--quiet', '--amend', '--message', 'A better message')
    await person.push('--force')
    const kept = here.openPull('feat/kept')
    await here.live(kept)
    expect(here.checkOf(pull)).toMatchObject({ conclusion: 'success' })

    await person.pull()
    await amendWithout(person, `${folderOf(pull)}/manifests/cronjob-tidy.yaml`)
    await person.push('--force')
    await held(pull, TOLD.changed)
    expect(here.checkOf(kept)).toMatchObject({ conclusion: 'success' })
    here.github.rerunCheck(here.checkOf(pull)?.id ?? 0)
    await here.live(pull)
    expect(await here.file(`${folderOf(pull)}/manifests/cronjob-tidy.yaml`)).not.toBeNull()
  })

  it('who resets the branch to what it was before has what is gone and what is older held, and the rest go on', async () => {
    const steady = await givenLive('feat/steady')
    const updated = here.openPull('feat/updated')
    await here.live(updated)
    const [before, first] = [await lastOf(updated), here.headOf(updated)]
    await secondOver()
    here.github.push(REPO, updated, { 'site/index.html': 'second' })
    await here.live(updated)
    const created = here.openPull('feat/created')
    await here.live(created)
    await resetTo(person, before)
    await person.push('--force')
    await held(updated, TOLD.reset(first))
    await held(created, TOLD.gone)
    expect(here.checkOf(steady)).toMatchObject({ conclusion: 'success' })
    expect(await headIn(updated)).toBe(first)
    const second = here.headOf(updated)
    here.github.rerunCheck(here.checkOf(updated)?.id ?? 0)
    here.github.push(REPO, created, { 'site/index.html': 'again' })
    for (const pull of [updated, created]) await here.live(pull)
    expect(await headIn(updated)).toBe(second)
  })
})

describe('a person who brings a removed preview back', () => {
  it('has it live again although its pull request is closed, without a build, and for a while', async () => {
    await given({ gitops: { keepRestored: '8s' } })
    const pull = await givenLive()
    const [written, head, built] = [
      await filesAt(here.git.dir('gitops'), 'main', `${folderOf(pull)}/`),
      here.headOf(pull),
      builds(),
    ]
    const url = urlOf(pull)
    here.github.closePull(REPO, pull)
    await held(pull, TOLD.ended)
    await here.until(() => expect(applications()).toEqual([]))
    await person.pull()
    await person.git('revert', '--no-edit', await lastOf(pull))
    const commit = await person.push()
    await here.live(pull)
    expect(here.checkOf(pull)?.output.title).toMatch(TOLD.broughtBack)
    expect(said(pull)).toContain(`**Operator** changed this preview in the GitOps repo, in commit \`${short(commit)}\``)
    await deployment(pull, 'success')
    await answers(url, head)
    expect(await filesAt(here.git.dir('gitops'), 'main', `${folderOf(pull)}/`)).toEqual(written)
    expect(builds()).toBe(built)

    await held(pull, TOLD.ended)
    expect(said(pull)).toContain('the time is over for which it was kept')
    await here.until(() => expect(applications()).toEqual([]))
    await deployment(pull, 'inactive')
    expect((await logOf(here.git.dir('gitops'), 'main', 1))[0]?.message).toContain('the time is over')
  })

  it.each([
    {
      what: 'is reopened',
      end: (pull: number) => here.github.closePull(REPO, pull),
      goOn: (pull: number) => here.github.reopenPull(REPO, pull),
    },
    {
      what: 'has its label on again',
      end: (pull: number) => here.github.unlabel(REPO, pull, 'westage'),
      goOn: (pull: number) => here.github.label(REPO, pull, 'westage'),
    },
  ])('has an ordinary preview again, without a build, once the pull request $what', async ({ end, goOn }) => {
    await given()
    const pull = await givenLive()
    end(pull)
    await held(pull, TOLD.ended)
    await person.pull()
    await person.git('revert', '--no-edit', await lastOf(pull))
    await person.push()
    await here.until(() => expect(here.checkOf(pull)?.output.title).toMatch(TOLD.broughtBack))
    await deployment(pull, 'success')
    const built = builds()
    goOn(pull)
    await here.until(() => expect(here.checkOf(pull)?.output.title).toMatch(/^Live at/))
    expect(builds()).toBe(built)
    await deployment(pull, 'success')
  })
})

describe('every commit of WeStage', () => {
  it('is undone by git revert without a conflict, as long as nothing newer touched that folder', async () => {
    await given()
    const pulls = ['feat/a', 'feat/b', 'feat/c'].map((name) => here.openPull(name))
    for (const pull of pulls) await here.live(pull)
    const [a = 0, b = 0, c = 0] = pulls
    here.github.push(REPO, a, {
      'site/index.html': 'second',
      'k8s/overlays/preview/kustomization.yaml': 'namePrefix: x-\nresources: [../../base]\n',
    })
    await here.live(a)
    here.github.closePull(REPO, b)
    await held(b, TOLD.ended)
    here.github.push(REPO, c, { 'site/index.html': 'second' })
    await here.live(c)
    here.github.push(REPO, c, { 'site/index.html': 'third' })
    await here.live(c)
    here.github.reopenPull(REPO, b)
    await here.live(b)

    const commits = (await here.commits()).filter(({ message }) => message.startsWith('shop #'))
    expect(commits).toHaveLength(8)
    const subjectOf = (message: string) => /^shop #\d+/.exec(message)?.[0]
    await person.pull()
    for (const [at, { id, message }] of commits.entries()) {
      // The last commit before something newer touched that folder.
      const newer = commits.slice(0, at).findLast((each) => subjectOf(each.message) === subjectOf(message))
      await person.git('checkout', '--quiet', '--detach', newer === undefined ? 'origin/main' : `${newer.id}~1`)
      await person.git('revert', '--no-edit', id)
      const folder = folderOf(Number(/#(\d+)/.exec(message)?.[1]))
      const treeAt = (revision: string) => person.git('ls-tree', '-r', revision, `${folder}/`)
      expect(await treeAt('HEAD'), message).toBe(await treeAt(`${id}~1`))
      const others = ['diff', '--name-only', 'HEAD~1', 'HEAD', '--', '.', `:!${folder}`]
      expect(await person.git(...others), message).toBe('')
    }
  })
})
