import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { Unwritable } from '../../src/twig/errors.ts'
import { filesAt, git, logOf } from '../servers/git-cli.ts'
import { gitWorld } from '../servers/git-world.ts'
import { changeOf, FEW_FILES, never, open, pathOf, treeOf } from './branches.ts'

const given = () => gitWorld({ files: FEW_FILES })

it('pushes what waits together at once, one commit each, none with what is outside its folder', async () => {
  const { url, dir, server, check } = await given()
  const branch = open(url)
  const names = Array.from({ length: 20 }, (_, at) => `f${at}`)
  const done = await Promise.all(names.map((name) => branch.commit(changeOf(name, 'x'), never)))
  expect(server.pushes()).toBe(1)
  const log = await logOf(dir)
  expect(log).toHaveLength(21)
  expect(new Set(done.map(({ commit }) => commit))).toEqual(new Set(log.slice(0, 20).map(({ id }) => id)))
  for (const [at, { commit, tree }] of done.entries()) {
    const folder = pathOf(names[at] ?? '').join('/')
    const touched = await git(['diff-tree', '--no-commit-id', '--name-only', '-r', commit], { cwd: dir })
    expect(touched.split('\n')).toEqual([`${folder}/a.txt`, `${folder}/below/b.txt`])
    expect(tree).toBe(await git(['rev-parse', `main:${folder}`], { cwd: dir }))
  }
  await check()
})

it('sends only what the server does not have', async () => {
  const { url, server } = await given()
  const branch = open(url)
  const large = randomBytes(100_000).toString('hex')
  const change = (text: string, onto: string | null) => {
    const plain = changeOf('one', text, onto)
    return { ...plain, files: new Map([...(plain.files ?? []), ['below/large.txt', large]]) }
  }
  const { tree } = await branch.commit(change('x', null), never)
  await branch.commit(change('y', tree), never)
  const [first = 0, second = 0] = server
    .requests()
    .filter(({ path }) => path.endsWith('receive-pack'))
    .map(({ bytes }) => bytes)
  expect(first).toBeGreaterThan(100_000)
  expect(second).toBeLessThan(3000)
})

it('sends of a tree with many folders in it what the change makes other there', async () => {
  const others = Array.from({ length: 2000 }, (_, nth) => [`${pathOf(`f${nth}`).join('/')}/a.txt`, 'x'])
  const { url, server, check } = await gitWorld({ files: Object.fromEntries(others) })
  await open(url).commit(changeOf('one', 'x'), never)
  const pushed = server.requests().find(({ path }) => path.endsWith('receive-pack'))
  expect(pushed?.bytes).toBeLessThan(3000)
  await check()
})

it('leaves an executable file one, and takes away folders that are empty', async () => {
  const { url, dir, person, check } = await given()
  const branch = open(url)
  await branch.commit(changeOf('one', 'x'), never)
  const file = `${pathOf('one').join('/')}/a.txt`
  await person(['update-index', '--chmod=+x', file], ['commit', '-q', '-m', 'It can be run'])
  await branch.commit(changeOf('one', 'y', await treeOf(branch, 'one')), never)
  expect((await filesAt(dir)).get(file)).toMatch(/^100755 /)
  const alone = { path: ['away', 'with', 'it'], onto: null, message: 'x\n' }
  const { tree } = await branch.commit({ ...alone, files: new Map([['deep/er/x.txt', 'x']]) }, never)
  expect(await branch.commit({ ...alone, files: new Map(), onto: tree }, never)).toMatchObject({ tree: null })
  expect(await git(['ls-tree', '--name-only', 'main'], { cwd: dir })).toBe('README.md\nfolders')
  await check()
})

it.each([
  '../outside',
  'a/../../b',
  '/etc/passwd',
  'a//b',
  '.git/config',
  'below/.GIT',
  'below/.git\u200d/x',
  'a\nb',
  'a\\b',
  'lone\ud800',
  '',
])('refuses to write a file called %j', async (path) => {
  const { url, server } = await given()
  const change = { ...changeOf('one', 'x'), files: new Map([[path, 'x']]) }
  await expect(open(url).commit(change, never)).rejects.toBeInstanceOf(Unwritable)
  expect(server.pushes()).toBe(0)
})
