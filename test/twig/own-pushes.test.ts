import { execFile } from 'node:child_process'
import { access, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it, vi } from 'vitest'
import { git } from '../servers/git-cli.ts'
import { gitWorld } from '../servers/git-world.ts'
import { changeOf, FEW_FILES, never, open, pathOf } from './branches.ts'

const SOON = { timeout: 10_000, interval: 10 }

/** A branch whose next push is done at once, and answered when the test wants it. */
async function given() {
  const { url, dir, person, server } = await gitWorld({ files: FEW_FILES })
  const logged: string[] = []
  const branch = open(url, { log: (line) => logged.push(line) })
  await branch.commit(changeOf('one', 'x'), never)
  const tip = () => git(['rev-parse', 'main'], { cwd: dir })
  const before = await tip()
  const pipe = join(dir, 'answer')
  await promisify(execFile)('mkfifo', [pipe])
  const asked = join(dir, 'asked')
  await server.hook(
    'gitops',
    'reference-transaction',
    `[ "$1" != committed ] || { : > ${asked}; read answer < ${pipe}; }`,
  )
  const committed = branch.commit(changeOf('two', 'x'), never)
  // The ref is moved a moment before the hook is looked for.
  await vi.waitFor(() => access(asked), SOON)
  expect(await tip()).not.toBe(before)
  await server.hook('gitops', 'reference-transaction', null)
  return {
    person,
    branch,
    /** What others are found to have changed by a look that sees the push before its answer. */
    async foundBeforeTheAnswer() {
      const changes = branch.changesOfOthers(never)
      await vi.waitFor(() => expect(logged.at(-1)).toMatch(/^the branch moved/), SOON)
      await writeFile(pipe, 'now\n')
      await committed
      return changes
    },
  }
}

it("is not taken for others' where it is seen before the server has answered it", async () => {
  const here = await given()
  expect(await here.foundBeforeTheAnswer()).toEqual([])
})

it("is told from others' that came right after it", async () => {
  const here = await given()
  await here.person(['rm', '-q', '-r', pathOf('one').join('/')], ['commit', '-q', '-m', 'Away with it'])
  expect(await here.foundBeforeTheAnswer()).toEqual([pathOf('one')])
  expect(await here.branch.changesOfOthers(never)).toEqual([])
})
