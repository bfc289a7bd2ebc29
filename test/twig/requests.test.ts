import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import type { Branch } from '../../src/twig/branch.ts'
import { git } from '../servers/git-cli.ts'
import { type GitServer, startGitServer } from '../servers/git-server.ts'
import { afterTest, changeOf, never, open, pathOf } from './branches.ts'

const README = await readFile(new URL('../../src/twig/README.md', import.meta.url), 'utf8')
/** What the README's table says: what is done -> how many requests. */
const written = new Map(
  [...README.matchAll(/^\| ([^|]+) \| (\d+) \|/gm)].map(([, what = '', requests]) => [what, Number(requests)]),
)

const FOLDERS = Array.from({ length: 60 }, (_, nth) => `f${nth}`)
const FILES = Object.fromEntries(
  FOLDERS.flatMap((name) => [
    [`folders/all/${name}/a.txt`, `a of ${name}`],
    [`folders/all/${name}/below/b.txt`, 'b'],
  ]),
)

interface Here {
  readonly server: GitServer
  readonly branch: Branch
  /** Another writer of the same branch. */
  readonly other: Branch
}

async function given(): Promise<Here> {
  const server = await startGitServer({ repositories: { gitops: { files: FILES } } })
  afterTest(() => server.close())
  const url = server.url('gitops')
  return { server, branch: open(url), other: open(url) }
}

const looked = async ({ branch }: Here) => {
  await branch.fresh(never)
}
const overtaken = async ({ branch, other }: Here) => {
  await branch.fresh(never)
  await other.commit(changeOf('theirs', 'x'), never)
}
const commitNew = ({ branch }: Here) => branch.commit(changeOf('new', 'x'), never)
const treeOf = async ({ branch }: Here, name: string) =>
  await branch.treeAt((await branch.fresh(never)).tree, pathOf(name), never)

/** What is there before, and what is counted. */
const measures: Record<string, { before: (here: Here) => Promise<unknown>; work: (here: Here) => Promise<unknown> }> = {
  'the first look at a branch': {
    before: async () => {},
    work: ({ branch }) => branch.fresh(never),
  },
  'a look at a branch that has not moved': {
    before: looked,
    work: ({ branch }) => branch.fresh(never),
  },
  'a look at a branch that others moved': {
    before: overtaken,
    work: ({ branch }) => branch.fresh(never),
  },
  'a look at a branch that was reset to an older commit, which was never looked at here': {
    before: async ({ server, branch, other }) => {
      const repo = { cwd: server.dir('gitops') }
      const older = await git(['rev-parse', 'main'], repo)
      await other.commit(changeOf('theirs', 'x'), never)
      await branch.fresh(never)
      await git(['update-ref', 'refs/heads/main', older], repo)
    },
    work: ({ branch }) => branch.fresh(never),
  },
  'a change, or two hundred that wait at the same moment': {
    before: looked,
    work: ({ branch }) =>
      Promise.all(Array.from({ length: 200 }, (_, nth) => branch.commit(changeOf(`new${nth}`, 'x'), never))),
  },
  'a change of a folder, with one folder in it, that was neither read nor written here': {
    before: looked,
    work: async (here) => {
      const tree = await here.branch.treeAt(here.branch.known()?.tree ?? '', pathOf('f7'), never)
      await here.branch.commit(changeOf('f7', 'x', tree), never)
    },
  },
  'a change that loses a race': { before: overtaken, work: commitNew },
  'a change whose answer is lost': {
    before: async (here) => {
      await looked(here)
      here.server.inject('receive-pack', { kind: 'lose-reply' })
    },
    work: commitNew,
  },
  'a change that does not arrive': {
    before: async (here) => {
      await looked(here)
      here.server.inject('receive-pack', { kind: 'drop' })
    },
    work: commitNew,
  },
  'all files of a folder': {
    before: looked,
    work: async ({ branch }) => {
      const tree = await branch.treeAt(branch.known()?.tree ?? '', pathOf('f7'), never)
      expect([...(await branch.files(tree ?? '', never)).keys()]).toEqual(['a.txt', 'below/b.txt'])
    },
  },
  'the file of one name in each of the folders, whatever their number': {
    before: looked,
    work: async ({ branch }) => {
      const tip = branch.known() ?? (await branch.fresh(never))
      await branch.levels(tip, 4, never)
      const all = await branch.treeAt(tip.tree, ['folders', 'all'], never)
      const folders = (await branch.entries(all ?? '', never)).map(({ id }) => id)
      const entries = [...(await branch.named(folders, 'a.txt', never)).values()]
      const texts: string[] = []
      const ids = entries.map(({ id }) => id)
      await branch.blobs(ids, (_, content) => texts.push(content.toString()), never)
      expect(texts.sort()).toEqual(FOLDERS.map((name) => `a of ${name}`).sort())
    },
  },
}

describe('the requests that the README speaks of', () => {
  it('are those that are counted here', () => {
    expect([...written.keys()]).toEqual(Object.keys(measures))
  })

  it.each(Object.entries(measures))('are as many for %s', async (what, { before, work }) => {
    const here = await given()
    await before(here)
    const count = here.server.requests().length
    await work(here)
    expect(here.server.requests().length - count).toBe(written.get(what))
  })
})

it('asks for nothing again that it has written itself', async () => {
  const here = await given()
  const { tree } = await here.branch.commit(changeOf('new', 'x'), never)
  const count = here.server.requests().length
  await here.branch.commit(changeOf('new', 'y', tree), never)
  expect(here.server.requests().length - count).toBe(1)
  expect(await treeOf(here, 'new')).not.toBe(tree)
})

it('sends its credentials at once, so that no request is answered 401', async () => {
  const credentials = { username: 'x-access-token', password: 'good' }
  const server = await startGitServer({ repositories: { gitops: { files: FILES } }, credentials })
  afterTest(() => server.close())
  await open(server.url('gitops'), { credentials: async () => credentials }).commit(changeOf('new', 'x'), never)
  expect(server.requests().length).toBe(4)
  expect(server.requests().every(({ authorization }) => authorization !== null)).toBe(true)
})
