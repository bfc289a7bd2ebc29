import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it, vi } from 'vitest'
import { git } from '../../servers/git-cli.ts'
import { changeOf, folderOf, never, world } from './gitops-world.ts'

const SOON = { timeout: 10_000, interval: 10 }

/** A branch whose next push is done at once, and answered when the test wants it. */
async function given() {
  const { open, dir, person, server } = await world()
  const logged: string[] = []
  const branch = open({ log: (line) => logged.push(line) })
  await branch.commit(changeOf(1, 'aaa', null), never)
  const tip = () => git(['rev-parse', 'main'], { cwd: dir })
  const before = await tip()
  const pipe = join(dir, 'answer')
  await promisify(execFile)('mkfifo', [pipe])
  await server.hook('gitops', 'post-receive', `read answer < ${pipe}`)
  const committed = branch.commit(changeOf(2, 'aaa', null), never)
  await vi.waitFor(async () => expect(await tip()).not.toBe(before), SOON)
  await server.hook('gitops', 'post-receive', null)
  return {
    person,
    branch,
    /** What others are found to have changed by a look that sees the push before its answer. */
    async foundBeforeTheAnswer() {
      const changes = branch.changedByOthers(never)
      await vi.waitFor(() => expect(logged.at(-1)).toMatch(/^the branch moved/), SOON)
      await writeFile(pipe, 'now\n')
      await committed
      return changes
    },
  }
}

it("is not taken for others' where a webhook tells of a push before the server has answered it", async () => {
  const here = await given()
  expect(await here.foundBeforeTheAnswer()).toEqual({ folders: [], common: false })
})

it("is told from others' that came right after it", async () => {
  const here = await given()
  await here.person(['rm', '-q', '-r', folderOf(1)], ['commit', '-q', '-m', 'Away with it'])
  expect(await here.foundBeforeTheAnswer()).toEqual({ folders: [folderOf(1)], common: false })
  expect(await here.branch.changedByOthers(never)).toEqual({ folders: [], common: false })
})
