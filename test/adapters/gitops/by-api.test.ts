import { expect, it, vi } from 'vitest'
import { NotReady } from '../../../src/domain/errors.ts'
import { filesAt, git, logOf, showFile } from '../../servers/git-cli.ts'
import type { Trouble } from '../../servers/github/faults.ts'
import { apiWorld, GITOPS } from './api-world.ts'
import { changeOf, filesOfPreview, folderOf, never, TEMPLATE } from './gitops-world.ts'

const GRAPHQL = { method: 'POST', path: '/graphql' }

it('makes one commit of each change, signed by GitHub, and pushes nothing', async () => {
  const { openByApi, dir, server, check, mutations } = await apiWorld()
  const branch = openByApi()
  const first = await branch.commit(changeOf(1, 'aaa', null), never)
  expect(first).toEqual({
    commit: await git(['rev-parse', 'main'], { cwd: dir }),
    tree: await git(['rev-parse', `main:${folderOf(1)}`], { cwd: dir }),
    changed: true,
  })
  const more = await Promise.all([2, 3, 4].map((pull) => branch.commit(changeOf(pull, 'bbb', null), never)))
  const update = await branch.commit(changeOf(1, 'ccc', first.tree), never)
  const removed = await branch.commit(changeOf(2, null, more[0]?.tree ?? null), never)
  expect(removed).toMatchObject({ tree: null, changed: true })
  const log = await logOf(dir)
  expect(log.map(({ message }) => message.split('\n')[0])).toEqual([
    'shop #2: remove preview',
    'shop #1: ccc',
    'shop #4: bbb',
    'shop #3: bbb',
    'shop #2: bbb',
    'shop #1: aaa',
    'Start of the GitOps repo',
  ])
  expect(log[1]?.id).toBe(update.commit)
  for (const { id } of log.slice(0, -1)) expect(await git(['cat-file', 'commit', id], { cwd: dir })).toMatch(/gpgsig/)
  expect([...(await filesAt(dir)).keys()].filter((path) => path.startsWith(folderOf(2)))).toEqual([])
  for (const [path, text] of filesOfPreview('ccc')) expect(await showFile(dir, `${folderOf(1)}/${path}`)).toBe(text)
  expect([server.pushes(), mutations()]).toEqual([0, 6])
  await check()
})

it('asks for nothing where a folder is as wanted already', async () => {
  const { openByApi, mutations } = await apiWorld()
  const branch = openByApi()
  const { commit, tree } = await branch.commit(changeOf(1, 'aaa', null), never)
  expect(await branch.commit(changeOf(1, 'aaa', tree), never)).toEqual({ commit, tree, changed: false })
  expect(mutations()).toBe(1)
})

it('takes one request a commit while nobody else writes', async () => {
  const { openByApi, server, mutations } = await apiWorld()
  const branch = openByApi()
  const first = await branch.commit(changeOf(1, 'aaa', null), never)
  const before = server.requests().length
  await branch.commit(changeOf(1, 'bbb', first.tree), never)
  await branch.commit(changeOf(2, 'bbb', null), never)
  expect([server.requests().length - before, mutations()]).toEqual([0, 3])
})

it('knows what a folder is in each of its commits, the newest without a request', async () => {
  const { openByApi, server, person } = await apiWorld()
  const branch = openByApi()
  const first = await branch.commit(changeOf(1, 'aaa', null), never)
  const folder = await branch.folder(folderOf(1), never)
  const before = server.requests().length
  expect(await branch.isAt(first.commit, folder, never)).toBe(true)
  expect(server.requests()).toHaveLength(before)
  const second = await branch.commit(changeOf(1, 'bbb', first.tree), never)
  await person(['commit', '-q', '--allow-empty', '-m', 'On top'])
  const now = await branch.folder(folderOf(1), never)
  expect(await branch.isAt(first.commit, now, never)).toBe(false)
  expect(await branch.isAt(second.commit, now, never)).toBe(true)
})

it('keeps every change of several writers that race, by the API and by pushes, in one line of history', async () => {
  const { openByApi, open, dir, check } = await apiWorld()
  const writers = [openByApi(), openByApi(), open()]
  const changes = writers.flatMap((branch, at) =>
    [1, 2, 3, 4].map((nth) => branch.commit(changeOf(at * 10 + nth, 'aaa', null), never)),
  )
  const done = await Promise.all(changes)
  expect(done.every(({ changed }) => changed)).toBe(true)
  const log = await logOf(dir)
  expect(new Set(log.map(({ id }) => id))).toEqual(new Set([...done.map(({ commit }) => commit), log.at(-1)?.id]))
  await check()
})

it('replays a change on what a person pushed meanwhile, and leaves theirs as it is', async () => {
  const { openByApi, person, dir, check, mutations } = await apiWorld()
  const branch = openByApi()
  await branch.commit(changeOf(1, 'aaa', null), never)
  await person(['commit', '-q', '--allow-empty', '-m', 'On top'])
  const { commit, changed } = await branch.commit(changeOf(2, 'aaa', null), never)
  const log = await logOf(dir)
  expect([changed, log[0]?.id, log[1]?.message.trim(), mutations()]).toEqual([true, commit, 'On top', 3])
  await check()
})

it('leaves a folder alone that a person changed since it was read', async () => {
  const { openByApi, person, dir } = await apiWorld()
  const branch = openByApi()
  const { tree } = await branch.commit(changeOf(1, 'aaa', null), never)
  await person(['rm', '-q', `${folderOf(1)}/manifests/service-web.yaml`], ['commit', '-q', '-m', 'by hand'])
  await expect(branch.commit(changeOf(1, 'bbb', tree), never)).rejects.toBeInstanceOf(NotReady)
  expect((await logOf(dir))[0]?.message.trim()).toBe('by hand')
})

const unknownOutcomes: [string, Trouble][] = [
  ['the reply is lost after the commit was made', { kind: 'cut', when: 'after' }],
  ['the reply is cut after the commit was made', { kind: 'cut', when: 'midway' }],
  ['GitHub says that something went wrong, and it was made', { kind: 'something wrong', when: 'after' }],
  ['GitHub says that something went wrong, and it was not', { kind: 'something wrong', when: 'before' }],
  ['the connection ends before it', { kind: 'cut', when: 'before' }],
  ['GitHub answers 502', { kind: 'status', status: 502 }],
]

it.each(unknownOutcomes)('makes exactly one commit of each change where %s', async (_, trouble) => {
  const { openByApi, dir, github, check } = await apiWorld()
  const branch = openByApi()
  await branch.folders(never)
  github.fail(GRAPHQL, trouble)
  const done = await Promise.all([1, 2].map((pull) => branch.commit(changeOf(pull, 'aaa', null), never)))
  const log = await logOf(dir)
  expect(log).toHaveLength(3)
  expect(done.map(({ changed }) => changed)).toEqual([true, true])
  expect(new Set(done.map(({ commit }) => commit))).toEqual(new Set([log[0]?.id, log[1]?.id]))
  await check()
})

it('makes exactly one commit of each change of several writers, however many replies are lost', async () => {
  const { openByApi, dir, github, check, mutations } = await apiWorld()
  const writers = [openByApi(), openByApi()]
  const faults: Trouble[] = [
    { kind: 'cut', when: 'after' },
    { kind: 'status', status: 502 },
    { kind: 'something wrong', when: 'after' },
    { kind: 'cut', when: 'before' },
  ]
  const pulls = Array.from({ length: 10 }, (_, at) => at + 1)
  // Two answers are right between two that go wrong.
  for (const trouble of [...faults, ...faults]) {
    github.fail({ ...GRAPHQL, times: 2 }, { kind: 'delay', ms: 0 })
    github.fail(GRAPHQL, trouble)
  }
  const done = await Promise.allSettled(
    pulls.map((pull) => writers[pull % 2]?.commit(changeOf(pull, 'aaa', null), never)),
  )
  expect(done.map(({ status }) => status)).toEqual(pulls.map(() => 'fulfilled'))
  const subjects = (await logOf(dir)).map(({ message }) => message.split('\n')[0])
  expect(subjects.toSorted()).toEqual(
    ['Start of the GitOps repo', ...pulls.map((pull) => `shop #${pull}: aaa`)].toSorted(),
  )
  expect(mutations()).toBeGreaterThan(pulls.length)
  await check()
})

it('finds its commit below what others pushed on top before the reply was lost', async () => {
  const { openByApi, dir, github, server, person, mutations } = await apiWorld()
  const branch = openByApi()
  await branch.folders(never)
  github.fail(GRAPHQL, { kind: 'cut', when: 'after' })
  // The look after the lost reply waits until somebody has pushed on top.
  const theirs = vi
    .waitFor(async () => expect(await logOf(dir)).toHaveLength(2), { timeout: 20_000, interval: 20 })
    .then(() => person(['commit', '-q', '--allow-empty', '-m', 'On top']))
  server.inject('upload-pack', { kind: 'hold', until: theirs })
  const { commit, tree, changed } = await branch.commit(changeOf(1, 'aaa', null), never)
  await theirs
  const log = await logOf(dir)
  expect({ commit, changed }).toEqual({ commit: log[1]?.id, changed: true })
  expect(tree).toBe(await git(['rev-parse', `main:${folderOf(1)}`], { cwd: dir }))
  expect([log.length, mutations()]).toEqual([3, 1])
})

it('leaves the executable bit of a file alone whose content stays, and says what became of one that changes', async () => {
  const executable = (text: string) => ({ executable: true as const, text })
  const { openByApi, dir, check } = await apiWorld({
    ...TEMPLATE,
    [`${folderOf(1)}/preview.yaml`]: executable('sha: aaa\n'),
    [`${folderOf(1)}/manifests/service-web.yaml`]: executable('kind: Service\n'),
  })
  const modeOf = async (path: string) => (await filesAt(dir)).get(`${folderOf(1)}/${path}`)?.split(' ')[0]
  const branch = openByApi()
  const { tree } = await branch.folder(folderOf(1), never)
  const done = await branch.commit(changeOf(1, 'bbb', tree), never)
  expect(await modeOf('manifests/service-web.yaml')).toBe('100755')
  expect(await modeOf('preview.yaml')).toBe('100644')
  expect(done.tree).toBe(await git(['rev-parse', `main:${folderOf(1)}`], { cwd: dir }))
  expect(await branch.folder(folderOf(1), never)).toMatchObject({ tree: done.tree })
  expect(await branch.commit(changeOf(1, 'ccc', done.tree), never)).toMatchObject({ changed: true })
  await check()
})

it.each(['protection', 'ruleset'] as const)('tells the operator that the branch is protected by a %s', async (by) => {
  const { openByApi, github, dir } = await apiWorld()
  const branch = openByApi()
  github.protectBranch(GITOPS, 'main', by)
  await expect(branch.commit(changeOf(1, 'aaa', null), never)).rejects.toMatchObject({
    name: 'Terminal',
    whose: 'operator',
    message: expect.stringContaining('to the bypass list of that rule'),
    details: [expect.stringContaining('Changes must be made through a pull request')],
  })
  github.protectBranch(GITOPS, 'main', null)
  expect(await branch.commit(changeOf(1, 'aaa', null), never)).toMatchObject({ changed: true })
  expect(await logOf(dir)).toHaveLength(2)
})

it('tells the operator what the App may not, and which file the API cannot name', async () => {
  const { openByApi, github, dir } = await apiWorld()
  const branch = openByApi()
  github.setPermissions('acme', { contents: 'read' })
  const refused = { name: 'Terminal', whose: 'operator' }
  await expect(branch.commit(changeOf(1, 'aaa', null), never)).rejects.toMatchObject({
    ...refused,
    message: expect.stringContaining('contents: write'),
  })
  github.setPermissions('acme', { contents: 'write' })
  const { tree } = await branch.commit(changeOf(1, 'aaa', null), never)
  const blob = await git(['hash-object', '-w', '--stdin'], { cwd: dir, input: 'x' })
  const entries = await git(['ls-tree', tree ?? ''], { cwd: dir })
  const odd = Buffer.concat([Buffer.from(`${entries}\n100644 blob ${blob}\t"`), Buffer.from('\\377"\n')])
  const inside = await git(['mktree'], { cwd: dir, input: odd })
  const app = await git(['mktree'], { cwd: dir, input: `040000 tree ${inside}\tpr-1\n` })
  const previews = await git(['mktree'], { cwd: dir, input: `040000 tree ${app}\tshop\n` })
  const root = await git(['mktree'], { cwd: dir, input: `040000 tree ${previews}\tpreviews\n` })
  const commit = await git(['commit-tree', root, '-p', 'main', '-m', 'odd'], { cwd: dir })
  await git(['update-ref', 'refs/heads/main', commit], { cwd: dir })
  await expect(branch.commit(changeOf(1, null, inside), never)).rejects.toMatchObject({
    ...refused,
    message: expect.stringContaining('set gitops.write to push'),
  })
})

it("knows its own commits by the App's user, and not where a person picked one up", async () => {
  const { openByApi, person } = await apiWorld()
  const branch = openByApi()
  const lastOf = async (pull: number) => branch.lastChange(await branch.folder(folderOf(pull), never), never)
  const { commit, tree } = await branch.commit(changeOf(1, 'aaa', null), never)
  expect(await lastOf(1)).toMatchObject({ by: 'westage', name: 'westage[bot]', commit, subject: 'shop #1: aaa' })
  await branch.commit(changeOf(1, 'bbb', tree), never)
  await person(['rm', '-q', '-r', folderOf(1)], ['commit', '-q', '-m', 'gone'], ['cherry-pick', commit])
  expect(await lastOf(1)).toMatchObject({ by: 'person', name: 'Operator', subject: 'shop #1: aaa' })
})
