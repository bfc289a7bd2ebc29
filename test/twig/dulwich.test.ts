import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { dulwichIsMissing, startDulwichServer } from '../servers/dulwich-server.ts'
import { git } from '../servers/git-cli.ts'
import { afterTest, changeOf, checkedHistory, never, open, pathOf, textsAt, textsOf } from './branches.ts'

const missing = dulwichIsMissing()
const isSkipped = missing !== null && process.env.CI === undefined

const START = { files: { 'README.md': '# Folders\n', 'folders/all/theirs/x.txt': 'theirs' } }

async function started() {
  const server = await startDulwichServer({ gitops: START })
  afterTest(() => server.close())
  return { url: server.url('gitops'), dir: server.dir('gitops') }
}

/** A person's clone over the same server. */
async function inClone(url: string, work: (clone: string) => Promise<unknown>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'dulwich-clone-'))
  afterTest(() => rm(folder, { recursive: true, force: true }))
  await git(['clone', '--quiet', url, 'clone'], { cwd: folder })
  await work(join(folder, 'clone'))
}

describe.skipIf(isSkipped)(`a server that is not git's own${isSkipped ? ` (${missing})` : ''}`, () => {
  it('is read, and takes what is added, changed and removed', async () => {
    const { url, dir } = await started()
    const branch = open(url)
    const tip = await branch.fresh(never)
    const theirs = await branch.treeAt(tip.tree, pathOf('theirs'), never)
    expect(theirs).not.toBeNull()
    expect([...(await branch.files(theirs ?? '', never))]).toEqual([['x.txt', Buffer.from('theirs')]])

    const [one, two] = await Promise.all(['one', 'two'].map((name) => branch.commit(changeOf(name, 'first'), never)))
    const more = await branch.commit(changeOf('one', 'second', one?.tree), never)
    await branch.commit(changeOf('two', null, two?.tree), never)
    expect(more.changed).toBe(true)
    expect(await branch.commit(changeOf('one', 'second', one?.tree), never)).toMatchObject({ changed: false })

    const model = new Map([...textsOf('one', 'second'), ['folders/all/theirs/x.txt', 'theirs'] as const])
    expect(await textsAt(dir)).toEqual(model)
    expect(await checkedHistory(dir)).toEqual([
      'Start of the GitOps repo',
      'one: first',
      'two: first',
      'one: second',
      'two: removed',
    ])
    await inClone(url, async (clone) => expect(await textsAt(clone)).toEqual(model))
  })

  it('loses nothing of two writers that race, though it says ok to the one that lost', async () => {
    const { url, dir } = await started()
    const names = Array.from({ length: 8 }, (_, nth) => `f${nth}`)
    await Promise.all(
      ['a', 'b'].map(async (writer) => {
        const branch = open(url)
        for (const name of names) await branch.commit(changeOf(`${writer}-${name}`, 'there'), never)
      }),
    )
    const subjects = (await checkedHistory(dir)).slice(1)
    expect([...subjects].sort()).toEqual(
      ['a', 'b'].flatMap((writer) => names.map((name) => `${writer}-${name}: there`)),
    )
    expect([...(await textsAt(dir)).keys()]).toHaveLength(2 * 2 * names.length + 1)
  })

  it('shows what others pushed, and an older commit by the history of the branch', async () => {
    const { url, dir } = await started()
    const branch = open(url)
    const { commit: first } = await branch.commit(changeOf('one', 'mine'), never)
    const tree = await branch.treeOf(first, pathOf('one'), never)
    await inClone(url, async (cwd) => {
      await git(['rm', '-q', '-r', 'folders/all/one'], { cwd })
      await git(['commit', '-q', '-m', 'Away with it'], { cwd })
      await git(['push', '-q', 'origin', 'HEAD'], { cwd })
    })
    expect(await branch.changesOfOthers(never)).toEqual([['folders', 'all', 'one']])
    const tip = await branch.fresh(never)
    expect(await branch.treeAt(tip.tree, pathOf('one'), never)).toBeNull()
    expect(await branch.changeOf(tip, pathOf('one'), never)).toMatchObject({ message: 'Away with it\n' })
    await branch.commit(changeOf('one', 'mine again'), never)

    const another = open(url)
    await another.fresh(never)
    expect(await another.treeOf(first, pathOf('one'), never)).toBe(tree)
    expect(await another.treeOf('0123456789'.repeat(4), pathOf('one'), never)).toBe('unknown')
    expect(await checkedHistory(dir)).toHaveLength(4)
  })
})
