import { expect, it } from 'vitest'
import { git } from '../servers/git-cli.ts'
import { startGitServer } from '../servers/git-server.ts'
import { afterTest, changeOf, never, open } from './branches.ts'

const pathOf = (nth: number): string => `folders/group-${nth % 50}/f${nth}`

/** A repo with so many folders in fifty groups, and what somebody else does there. */
async function given(folders: number) {
  const files = Object.fromEntries(Array.from({ length: folders }, (_, nth) => [`${pathOf(nth)}/a.txt`, `${nth}`]))
  const server = await startGitServer({ repositories: { gitops: { files } } })
  afterTest(() => server.close())
  const dir = server.dir('gitops')
  const tip = () => git(['rev-parse', 'main'], { cwd: dir })
  return {
    url: server.url('gitops'),
    tip,
    theirs: async (commits: number, text: string) => {
      let onto = `from ${await tip()}\n`
      const stream = Array.from({ length: commits }, (_, nth) => {
        const head = `commit refs/heads/main\ncommitter A <a@example.com> 1700000000 +0000\ndata 2\nx\n${onto}`
        onto = ''
        return `${head}M 100644 inline ${pathOf(nth)}/a.txt\ndata ${text.length}\n${text}\n`
      })
      await git(['fast-import', '--quiet'], { cwd: dir, input: stream.join('') })
    },
    reset: (commit: string) => git(['update-ref', 'refs/heads/main', commit], { cwd: dir }),
    /** Bytes and requests that something takes. */
    async costOf(work: Promise<unknown>): Promise<{ bytes: number; requests: number }> {
      const before = { bytes: server.wireBytes(), requests: server.requests().length }
      await work
      return { bytes: server.wireBytes() - before.bytes, requests: server.requests().length - before.requests }
    },
  }
}

it.each([1, 3])(
  'is sent of a branch that others moved by %i commits what is new, not what is there',
  async (commits) => {
    const { url, theirs, costOf } = await given(3000)
    const branch = open(url)
    const first = await costOf(branch.fresh(never))
    await branch.changesOfOthers(never)
    await theirs(commits, 'y')
    const look = await costOf(branch.fresh(never))
    expect(look.requests).toBe(2)
    expect(look.bytes).toBeLessThan(first.bytes / 5)
    expect(await costOf(branch.changesOfOthers(never))).toMatchObject({ requests: 1 })
  },
)

it('knows a branch that others moved by more commits than it is told one by one', async () => {
  const { url, theirs, tip } = await given(100)
  const branch = open(url)
  await branch.fresh(never)
  await theirs(90, 'y')
  expect((await branch.fresh(never)).commit).toBe(await tip())
  expect(await branch.changesOfOthers(never)).toHaveLength(90)
  expect(await branch.commit(changeOf('one', 'text'), never)).toMatchObject({ changed: true })
})

it('knows a branch that was reset to what it was before it was looked at', async () => {
  const { url, theirs, tip, reset, costOf } = await given(100)
  const before = await tip()
  await theirs(1, 'y')
  const branch = open(url)
  await branch.fresh(never)
  await reset(before)
  const look = await costOf(branch.fresh(never))
  expect(look.requests).toBe(3)
  expect(branch.known()?.commit).toBe(before)
  expect(await branch.changesOfOthers(never)).toEqual([['folders', 'group-0', 'f0']])
  expect(await branch.commit(changeOf('one', 'text'), never)).toMatchObject({ changed: true })
})
