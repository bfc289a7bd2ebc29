import { randomBytes } from 'node:crypto'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { fsck, git } from '../servers/git-cli.ts'
import { type RepositoryFiles, startGitServer } from '../servers/git-server.ts'
import { afterTest, changeOf, never, open, pathOf, textsOf } from './branches.ts'

const MB = 1024 * 1024

async function given(files: RepositoryFiles = { 'README.md': '# Folders\n' }) {
  const server = await startGitServer({ repositories: { gitops: { files } } })
  afterTest(() => server.close())
  const dir = server.dir('gitops')
  return {
    dir,
    url: server.url('gitops'),
    /** How many requests something takes. */
    async requestsOf(work: Promise<unknown>): Promise<number> {
      const before = server.requests().length
      await work
      return server.requests().length - before
    },
    /** Commits by somebody else, each with one file of its own at `folders/theirs/`. */
    theirs: async (...names: readonly string[]) => {
      for (const name of names) {
        const from = await git(['rev-parse', 'main'], { cwd: dir })
        const head = `commit refs/heads/main\ncommitter A <a@example.com> 1700000000 +0000\ndata 2\nx\nfrom ${from}\n`
        const file = `M 100644 inline folders/theirs/${name}\ndata ${name.length}\n${name}\n`
        await git(['fast-import', '--quiet', '--force'], { cwd: dir, input: head + file })
      }
    },
  }
}

/** Bytes in buffers that something still holds. */
function heldBytes(): number {
  setFlagsFromString('--expose-gc')
  const collectGarbage: () => void = runInNewContext('gc')
  collectGarbage()
  collectGarbage() // the first ends what was swept beside the program
  return process.memoryUsage().arrayBuffers
}

it('keeps no more in memory than its bound, however much is committed, and fetches again what it dropped', async () => {
  const { url, requestsOf } = await given()
  const branch = open(url, { atHandMaxBytes: 2 * MB })
  await branch.fresh(never)
  const before = heldBytes()
  const textOf = new Map<string, string>()
  for (let batch = 0; batch < 12; batch += 1) {
    const names = Array.from({ length: 150 }, (_, nth) => `f${batch}-${nth}`)
    for (const name of names) textOf.set(name, randomBytes(2000).toString('hex'))
    const changes = names.map((name) => changeOf(name, textOf.get(name) ?? ''))
    await Promise.all(changes.map((change) => branch.commit(change, never)))
  }
  const written = [...textOf.values()].reduce((sum, text) => sum + 2 * text.length, 0)
  expect(written).toBeGreaterThan(12 * MB)
  expect(heldBytes() - before).toBeLessThan(4 * MB)

  const tip = await branch.fresh(never)
  const textIn = async (name: string) => {
    const tree = await branch.treeAt(tip.tree, pathOf(name), never)
    return (await branch.files(tree ?? '', never)).get('a.txt')?.toString()
  }
  expect(await requestsOf(textIn('f11-149'))).toBe(0)
  expect(await requestsOf(textIn('f0-0'))).toBeGreaterThan(0)
  expect(await textIn('f0-0')).toBe(textOf.get('f0-0'))
}, 60_000)

it('works where not even one folder fits into its bound', async () => {
  const { url, dir, theirs } = await given()
  const branch = open(url, { atHandMaxBytes: MB })
  const large = 'large '.repeat(MB)
  const { tree } = await branch.commit(changeOf('one', large), never)
  await theirs('a')
  await branch.commit(changeOf('two', large), never)
  expect((await branch.files(tree ?? '', never)).get('below/b.txt')?.toString()).toBe(`${large} below`)
  await branch.commit(changeOf('one', 'small', tree), never)
  const texts = Object.fromEntries([...textsOf('one', 'small'), ['folders/theirs/a', 'a']])
  for (const [path, text] of Object.entries(texts)) {
    expect(await git(['show', `main:${path}`], { cwd: dir })).toBe(text)
  }
  await fsck(dir)
})

it('reads the files of a folder whose trees alone are at hand, each with its own content', async () => {
  const texts = Array.from({ length: 5 }, (_, nth): [string, string] => [`f${nth}.txt`, `text ${nth}\n`])
  const { url } = await given(Object.fromEntries(texts.map(([name, text]) => [`folders/all/one/${name}`, text])))
  const branch = open(url)
  const tip = await branch.fresh(never)
  await branch.levels(tip, 4, never)
  const tree = await branch.treeAt(tip.tree, pathOf('one'), never)
  const files = await branch.files(tree ?? '', never)
  expect([...files].map(([name, content]) => [name, content.toString()])).toEqual(texts)
})

it('reads and writes a branch whose trees alone are more than its bound', async () => {
  const many = Array.from({ length: 40_000 }, (_, nth) => [`folders/theirs/f${nth}`, 'x'])
  const { url, theirs } = await given(Object.fromEntries(many))
  const branch = open(url, { atHandMaxBytes: MB })
  const tip = await branch.fresh(never)
  const tree = await branch.treeAt(tip.tree, ['folders', 'theirs'], never)
  expect(await branch.entries(tree ?? '', never)).toHaveLength(40_000)
  await theirs('a')
  expect(await branch.commit(changeOf('one', 'text'), never)).toMatchObject({ changed: true })
  expect(await branch.changesOfOthers(never)).toEqual([['folders', 'theirs', 'a']])
})

it('tells what others changed however often the branch has moved since it was asked', async () => {
  const { url, theirs } = await given()
  const branch = open(url)
  const names = Array.from({ length: 70 }, (_, nth) => `f${nth}`)
  await branch.fresh(never)
  for (const name of names) {
    await theirs(name)
    await branch.fresh(never)
  }
  const changed = (await branch.changesOfOthers(never)).map((path) => path.join('/'))
  expect(changed.sort()).toEqual(names.map((name) => `folders/theirs/${name}`).sort())
  expect(await branch.changesOfOthers(never)).toEqual([])
})

it.each([
  ['is still at hand', 24 * MB],
  ['is not at hand any more', MB],
])(
  'goes on where the branch was reset, and what it was at is gone from the server and %s',
  async (_, atHandMaxBytes) => {
    const { url, dir, theirs } = await given()
    const branch = open(url, { atHandMaxBytes })
    const start = await git(['rev-parse', 'main'], { cwd: dir })
    const lost = await branch.commit(changeOf('one', 'lost'), never)
    await branch.commit(changeOf('two', 'large '.repeat(MB)), never)
    await git(['update-ref', 'refs/heads/main', start], { cwd: dir })
    await git(['prune', '--expire=now'], { cwd: dir })
    await theirs('a')
    expect((await branch.changesOfOthers(never)).map((path) => path.join('/'))).toContain('folders/theirs/a')
    const tip = await branch.fresh(never)
    expect(await branch.treeAt(tip.tree, pathOf('one'), never)).toBe(null)
    const { commit } = await branch.commit(changeOf('one', 'again'), never)
    expect(await branch.treeOf(lost.commit, pathOf('one'), never)).toBe(atHandMaxBytes === MB ? 'unknown' : lost.tree)
    expect(await git(['log', '--format=%H %s', 'main'], { cwd: dir })).toBe(
      [`${commit} one: again`, `${tip.commit} x`, `${start} Start of the GitOps repo`].join('\n'),
    )
    await fsck(dir)
  },
)
