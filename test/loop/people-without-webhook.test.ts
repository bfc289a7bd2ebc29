/** What people do in the GitOps repo with git where its webhook is not set up, so that passes hear of it. */
import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { cloneAsPerson, type GitPerson } from '../servers/git-person.ts'
import { type Given, givenInstance, REPO } from './given.ts'

let here: Given
const people: GitPerson[] = []
afterEach(async () => {
  await here.close()
  for (const person of people.splice(0)) await person.close()
})

const FOLDER = 'previews/shop/pr-1'

/** One that hears of the GitOps repo by its passes. */
const given = () => givenInstance({ settings: { resync: '500ms' } })

/** Clones the GitOps repo, works there as a person, and pushes. */
async function byHand(work: (person: GitPerson) => Promise<unknown>) {
  const person = await cloneAsPerson(here.git.dir('gitops'))
  people.push(person)
  await work(person)
  await person.push('--force')
}

const titled = (pull: number, title: RegExp, sha?: string) =>
  here.until(() => expect(here.checkOf(pull, sha)?.output.title).toMatch(title))

describe('a person with git', () => {
  it('who edits a manifest finds what was changed on the page of its run, also after a restart', async () => {
    here = await given()
    const pull = here.openPull('feat/pay')
    await here.live(pull)
    await byHand(async ({ git, dir }) => {
      const [path = ''] = (await git('ls-files', `${FOLDER}/manifests/deployment*`)).split('\n')
      await appendFile(join(dir, path), '# tried by hand\n')
      await git('commit', '-q', '-a', '-m', 'Try something')
    })
    await titled(pull, /^Held: changed by hand in the GitOps repo by Operator$/)
    const page = here.checkOf(pull)?.detailsUrl ?? ''
    await here.settled()
    const path = new URL(page).pathname
    expect(await (await fetch(`${here.url}${path}`)).text()).toContain('+# tried by hand')
  })

  it('who merges a deletion or resets the branch is answered by a hold of each preview that is not as it was written', async () => {
    here = await given()
    const pulls = ['one', 'two', 'three'].map((branch) => here.openPull(branch))
    for (const pull of pulls) await here.live(pull)
    const [one = 0, two = 0, three = 0] = pulls
    await byHand(async ({ git }) => {
      await git('checkout', '-q', '-b', 'topic')
      await git('rm', '-q', '-r', `previews/shop/pr-${one}`)
      await git('commit', '-q', '-m', 'Away with one')
      await git('checkout', '-q', 'main')
      await git('merge', '-q', '--no-ff', '--no-edit', 'topic')
    })
    await titled(one, /^Held: removed by hand in the GitOps repo by Operator$/)
    expect(here.checkOf(two)?.conclusion).toBe('success')

    const second = here.github.push(REPO, two, { 'site/index.html': 'more' })
    await here.live(two)
    await byHand(({ git }) => git('reset', '-q', '--hard', 'HEAD^'))
    await titled(two, /^Held at [0-9a-f]{7}: the GitOps branch was reset$/, second)
    expect(here.checkOf(three)?.conclusion).toBe('success')
    expect(here.checkOf(one)?.conclusion).toBe('neutral')

    here.github.rerunCheck(here.checkOf(two)?.id ?? 0)
    await here.live(two)
    here.github.push(REPO, one, { 'site/index.html': 'again' })
    await here.live(one)
  })
})
