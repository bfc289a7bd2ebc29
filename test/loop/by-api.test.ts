/** A GitOps repo at GitHub whose commits are written by the API: what people see of it is what they see of pushes. */
import { afterEach, expect, it } from 'vitest'
import { git } from '../servers/git-cli.ts'
import { type Given, givenInstance, REPO } from './given.ts'

let here: Given
afterEach(async () => {
  await here.close()
})

const PREVIEW = 'previews/shop/pr-1/preview.yaml'

it('gives a preview, updates it and takes it away, each in a commit that GitHub signed for the App', async () => {
  here = await givenInstance({ write: 'api' })
  const pull = here.openPull('feat/pay')
  await here.live(pull)
  expect(await here.file(PREVIEW)).toContain(here.headOf(pull))
  const next = here.github.push(REPO, pull, { 'site/index.html': 'two' })
  await here.live(pull)
  expect(await here.file(PREVIEW)).toContain(next)
  here.github.unlabel(REPO, pull, 'westage')
  await here.until(async () => expect(await here.file(PREVIEW)).toBeNull())
  const log = await here.commits()
  expect(log.map(({ message }) => message.split('\n')[0]?.replace(/[0-9a-f]{7}$/, '*'))).toEqual([
    'shop #1: remove preview',
    'shop #1: update preview to *',
    'shop #1: preview *',
    'Start of the GitOps repo',
  ])
  for (const { id, committer } of log.slice(0, -1)) {
    expect(committer).toBe('GitHub <noreply@github.com>')
    expect(await git(['cat-file', 'commit', id], { cwd: here.gitDir })).toMatch(/^author westage\[bot\] .*^gpgsig /ms)
  }
  expect(here.git.pushes()).toBe(0)
})

it('says what the App lacks where it may not write there, and goes on once it may', async () => {
  here = await givenInstance({ write: 'api' })
  await here.settled()
  here.github.setPermissions('acme', { contents: 'read' })
  const pull = here.openPull('feat/pay')
  await here.concluded(pull, 'failure')
  expect(here.checkOf(pull)?.output.summary).toContain('contents: write')
  here.github.setPermissions('acme', { contents: 'write' })
  here.github.rerunCheck(here.checkOf(pull)?.id ?? 0)
  await here.live(pull)
})
