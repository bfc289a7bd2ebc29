/** The push webhook of the GitOps repo, with the real service behind it. Its next pass is minutes away. */
import { afterEach, expect, it } from 'vitest'
import { git } from '../servers/git-cli.ts'
import { sendPushWebhooks } from '../servers/push-webhook.ts'
import { type Given, givenInstance } from './given.ts'

let here: Given
afterEach(async () => {
  await here.close()
})

const looks = () => here.logged.filter((line) => /^info webhook push [\w-]+: gitops/.test(line)).length

async function givenLive(pulls: number): Promise<number[]> {
  here = await givenInstance()
  await sendPushWebhooks(here.git, 'gitops', { url: `${here.url}/webhook`, secret: here.github.webhookSecret })
  const opened = Array.from({ length: pulls }, (_, nth) => here.openPull(`feat/${nth}`))
  for (const pull of opened) await here.live(pull)
  await here.settled()
  const url = `${here.url}/api/previews`
  const headers = { authorization: `Bearer ${here.apiToken}` }
  await here.until(async () =>
    expect(await (await fetch(url, { headers })).json()).toHaveProperty('previews.length', pulls),
  )
  return opened
}

it("of a person's push has that preview looked at at once, and no other one", async () => {
  const [first = 0, second = 0] = await givenLive(2)
  const dir = here.git.dir('gitops')
  const reads = (pull: number) => here.github.requests.filter(({ path }) => path.endsWith(`/pulls/${pull}`)).length
  const [firstReads, secondReads] = [reads(first), reads(second)]
  await git(['clone', '-q', dir, `${dir}-clone`], { cwd: dir })
  await git(['rm', '-q', '-r', `previews/shop/pr-${second}`], { cwd: `${dir}-clone` })
  await git(['commit', '-q', '-m', 'Away with it'], { cwd: `${dir}-clone` })
  await git(['push', '-q', 'origin', 'HEAD:main'], { cwd: `${dir}-clone` })
  await here.until(() => expect(reads(second)).toBeGreaterThan(secondReads))
  expect(reads(first)).toBe(firstReads)
})

it("costs no request to GitHub for WeStage's own pushes", async () => {
  await givenLive(1)
  expect(looks()).toBeGreaterThan(0)
  const dir = here.git.dir('gitops')
  const tip = await git(['rev-parse', 'main'], { cwd: dir })
  const tellAgain = ['-c', 'alias.tell=!"./hooks/post-receive"', 'tell']
  // What the last push brought about may still be under way the first time.
  await here.until(async () => {
    const [asked, seen] = [here.github.requests.length, looks()]
    await git(tellAgain, { cwd: dir, input: `${tip} ${tip} refs/heads/main\n` })
    await here.until(() => expect(looks()).toBe(seen + 1))
    expect(here.github.requests.length).toBe(asked)
  })
})
