import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { logOf } from '../servers/git-cli.ts'
import { gitWorld } from '../servers/git-world.ts'
import { changeOf, checkedHistory, FEW_FILES, never, open, pathOf } from './branches.ts'

const given = () => gitWorld({ files: FEW_FILES })

it('does not let one change that a hook refuses hold up those that waited with it', async () => {
  const { url, dir, server, check } = await given()
  const branch = open(url)
  const refused = `${pathOf('two').join('/')}/`
  const script = `while read old new ref; do git ls-tree -r --name-only $new | grep -q ${refused} && echo no >&2 && exit 1; done; exit 0`
  await server.hook('gitops', 'pre-receive', script)
  const names = ['one', 'two', 'three']
  const done = await Promise.allSettled(names.map((name) => branch.commit(changeOf(name, 'x'), never)))
  expect(done).toMatchObject([
    { status: 'fulfilled', value: { changed: true } },
    { status: 'rejected', reason: { name: 'Refused', why: 'push refused', details: ['no'] } },
    { status: 'fulfilled', value: { changed: true } },
  ])
  expect((await checkedHistory(dir)).toSorted()).toEqual(['Start of the GitOps repo', 'one: x', 'three: x'])
  await check()
})

it('tries again where another push holds the lock of the branch for a moment', async () => {
  const { url, dir, server } = await given()
  await server.hook('gitops', 'pre-receive', 'test -e tried || { touch tried; touch refs/heads/main.lock; }')
  const lines: string[] = []
  const branch = open(url, {
    log: (line) => {
      lines.push(line)
      if (lines.length === 1) rmSync(join(dir, 'refs/heads/main.lock')) // the first push has been answered
    },
  })
  expect(await branch.commit(changeOf('one', 'x'), never)).toMatchObject({ changed: true })
  expect(lines[0]).toMatch(/did not go through/)
  expect(await logOf(dir)).toHaveLength(2)
})
