/** What `gitops.pushes` says is what becomes of the service's pushes. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { type Given, givenInstance } from './given.ts'

let here: Given
afterEach(async () => {
  await here.close()
})

it('pushes no more often than it is told to', async () => {
  here = await givenInstance({ settings: { gitops: { pushes: { perMinute: 15, burst: 1 } } } })
  const times = join(here.gitDir, 'times')
  await here.git.hook('gitops', 'post-receive', `date +%s%3N >> '${times}'`)
  for (const name of ['feat/a', 'feat/b']) await here.live(here.openPull(name))
  const [first = 0, second = 0] = (await readFile(times, 'utf8')).trim().split('\n').map(Number)
  // Four seconds from turn to turn; the way from there to the server is not the same each time.
  expect(second - first).toBeGreaterThan(3_000)
}, 60_000)
