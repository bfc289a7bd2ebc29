/** What people do in the GitOps repo with git where its webhook is not set up, so that passes hear of it. */
import { appendFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { git } from '../servers/git-cli.ts'
import { type Given, givenInstance, REPO } from './given.ts'

let here: Given
const clones: string[] = []
afterEach(async () => {
  await here.close()
  for (const clone of clones.splice(0)) await rm(clone, { recursive: true, force: true })
})

const FOLDER = 'previews/shop/pr-1'

/** One that hears of the GitOps repo by its passes. */
const given = () => givenInstance({ settings: { resync: '500ms' } })

/** Clones the GitOps repo, works there as a person, and pushes. */
async function byHand(work: (run: (...args: string[]) => Promise<string>, clone: string) => Promise<void>) {
  const dir = here.git.dir('gitops')
  const clone = `${dir}-by-hand-${clones.length}`
  clones.push(clone)
  await git(['clone', '-q', dir, clone], { cwd: dir })
  const run = (...args: string[]) => git(args, { cwd: clone })
  await work(run, clone)
  await run('push', '-q', '--force', 'origin', 'HEAD:main')
}

const titled = (pull: number, title: RegExp, sha?: string) =>
  here.until(() => expect(here.checkOf(pull, sha)?.output.title).toMatch(title))

describe('a person with git', () => {
  it('who edits a manifest finds what was changed on the page of its run, also after a restart', async () => {
    here = await given()
    const pull = here.openPull('feat/pay')
    await here.live(pull)
    await byHand(async (run, clone) => {
      const [path = ''] = (await run('ls-files', `${FOLDER}/manifests/deployment*`)).split('\n')
      await appendFile(join(clone, path), '# tried by hand\n')
      await run('commit', '-q', '-a', '-m', 'Try something')
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
    await byHand(async (run) => {
      await run('checkout', '-q', '-b', 'topic')
      await run('rm', '-q', '-r', `previews/shop/pr-${one}`)
      await run('commit', '-q', '-m', 'Away with one')
      await run('checkout', '-q', 'main')
      await run('merge', '-q', '--no-ff', '--no-edit', 'topic')
    })
    await titled(one, /^Held: removed by hand in the GitOps repo by Operator$/)
    expect(here.checkOf(two)?.conclusion).toBe('success')

    const second = here.github.push(REPO, two, { 'site/index.html': 'more' })
    await here.live(two)
    await byHand(async (run) => void (await run('reset', '-q', '--hard', 'HEAD^')))
    await titled(two, /^Held at [0-9a-f]{7}: the GitOps branch was reset$/, second)
    expect(here.checkOf(three)?.conclusion).toBe('success')
    expect(here.checkOf(one)?.conclusion).toBe('neutral')

    here.github.rerunCheck(here.checkOf(two)?.id ?? 0)
    await here.live(two)
    here.github.push(REPO, one, { 'site/index.html': 'again' })
    await here.live(one)
  })
})
