import { expect, it } from 'vitest'
import type { PreviewBranch } from '../../../src/ports.ts'
import { filesAt, git, logOf } from '../../servers/git-cli.ts'
import { changeOf, folderOf, never, world } from './gitops-world.ts'

it("knows a person's revert of an update, of a creation, and of a removal from its own commits", async () => {
  const { open, dir, person } = await world()
  const branch = open()
  await branch.commit(changeOf(1, 'aaa', null), never)
  const before = await branch.folder(folderOf(1), never)
  const update = await branch.commit(changeOf(1, 'bbb', before.tree), never)
  const creation = await branch.commit(changeOf(2, 'aaa', null), never)
  await branch.commit(changeOf(3, 'aaa', null), never)
  const removal = await branch.commit(changeOf(3, null, (await branch.folder(folderOf(3), never)).tree), never)
  await branch.commit(changeOf(4, 'aaa', null), never)
  expect(await lastOf(branch, 3)).toMatchObject({ by: 'westage', commit: removal.commit })

  for (const { commit } of [update, creation, removal]) await person(['revert', '--no-edit', commit])

  for (const reader of [branch, open()]) {
    expect(await reader.folder(folderOf(1), never)).toMatchObject({ tree: before.tree })
    expect(await reader.folder(folderOf(2), never)).toMatchObject({ tree: null })
    expect(await reader.folder(folderOf(3), never)).toMatchObject({ preview: { sha: 'aaa' } })
    for (const pull of [1, 2, 3]) {
      const touch = await lastOf(reader, pull)
      expect(touch).toMatchObject({ by: 'person', name: 'Operator', subject: expect.stringMatching(/^Revert "shop #/) })
    }
    expect(await lastOf(reader, 4)).toMatchObject({ by: 'westage', name: 'WeStage', subject: 'shop #4: aaa' })
  }
  expect(await logOf(dir)).toHaveLength(10)

  await branch.commit(changeOf(1, 'ccc', before.tree), never)
  expect(await lastOf(branch, 1)).toMatchObject({ by: 'westage' })
})

it('takes a commit under its own name without its trailer, and its trailer under another name, for a person', async () => {
  const { open, person } = await world()
  const branch = open()
  await branch.commit(changeOf(1, 'aaa', null), never)
  await branch.commit(changeOf(2, 'aaa', null), never)
  const westage = ['-c', 'user.name=WeStage', '-c', 'user.email=westage@example.com']
  await person(
    [...westage, 'rm', '-q', '-r', folderOf(1)],
    [...westage, 'commit', '-q', '-m', 'by hand'],
    ['rm', '-q', '-r', folderOf(2)],
    ['commit', '-q', '-m', 'by hand\n\nWeStage-Preview: 1/2/shop'],
  )
  expect(await lastOf(branch, 1)).toMatchObject({ by: 'person' })
  expect(await lastOf(branch, 2)).toMatchObject({ by: 'person' })
})

it('says of a commit of its own that a person amended, or picked up again, who that was', async () => {
  const { open, person, dir } = await world()
  const branch = open()
  const { commit } = await branch.commit(changeOf(1, 'aaa', null), never)
  await person(['rm', '-q', '-r', folderOf(1)], ['commit', '-q', '-m', 'Away with it'], ['cherry-pick', commit])
  expect(await lastOf(branch, 1)).toMatchObject({ by: 'person', name: 'Operator', subject: 'shop #1: aaa' })

  await branch.commit(changeOf(2, 'aaa', null), never)
  const amended = await git(['commit-tree', '-m', 'Away with one', '-p', 'main~1', 'main~2^{tree}'], {
    cwd: dir,
    env: { GIT_AUTHOR_NAME: 'WeStage', GIT_AUTHOR_EMAIL: 'westage@example.com' },
  })
  await git(['update-ref', 'refs/heads/main', amended], { cwd: dir })
  expect(await lastOf(branch, 1)).toMatchObject({ by: 'person', name: 'Operator', subject: 'Away with one' })
})

it('finds the commit that made a folder what it is among hundreds, with few requests', async () => {
  const { open, dir, server } = await world()
  const writer = open({ pushes: { perMinute: 6000, burst: 100 } })
  const { commit } = await writer.commit(changeOf(1, 'aaa', null), never)
  for (let nth = 0; nth < 8; nth += 1) {
    const pulls = Array.from({ length: 25 }, (_, at) => nth * 25 + at + 2)
    await Promise.all(pulls.map((pull) => writer.commit(changeOf(pull, 'bbb', null), never)))
  }
  expect(await logOf(dir)).toHaveLength(202)
  const reader = open()
  await reader.folders(never)
  const before = server.requests().length
  expect(await lastOf(reader, 1)).toMatchObject({ commit })
  expect(server.requests().length - before).toBeLessThan(20)
})

it('follows a branch that was reset, and one that moved further than the history that it reads', async () => {
  const { open, dir, person, check } = await world()
  const branch = open()
  const other = open()
  const first = await branch.commit(changeOf(1, 'aaa', null), never)
  await branch.commit(changeOf(2, 'aaa', null), never)
  await git(['update-ref', 'refs/heads/main', first.commit], { cwd: dir })
  expect((await branch.folders(never)).map(({ path }) => path)).toEqual([folderOf(1)])

  const { tree } = await other.folder(folderOf(1), never)
  await person(['rm', '-q', '-r', folderOf(1)], ['commit', '-q', '-m', 'Away with it'])
  for (const pull of [3, 4, 5, 6, 7]) await other.commit(changeOf(pull, 'aaa', null), never)
  const folders = await branch.folders(never)
  expect(folders.map(({ path }) => path)).toEqual([3, 4, 5, 6, 7].map((pull) => folderOf(pull)))
  expect(await branch.folder(folderOf(1), never)).toMatchObject({ tree: null })
  expect(await branch.commit(changeOf(1, 'aaa', null), never)).toMatchObject({ changed: true })
  expect((await branch.folder(folderOf(1), never)).tree).toBe(tree)

  const unrelated = await git(['commit-tree', '-m', 'Another start', `${first.commit}^{tree}`], { cwd: dir })
  await git(['update-ref', 'refs/heads/main', unrelated], { cwd: dir })
  expect(await branch.commit(changeOf(8, 'aaa', null), never)).toMatchObject({ changed: true })
  expect((await logOf(dir)).at(-1)?.id).toBe(unrelated)
  expect((await branch.folders(never)).map(({ path }) => path)).toEqual([folderOf(1), folderOf(8)])
  await check()
})

it('reads through merges that people make', async () => {
  const { open, person } = await world()
  const branch = open()
  await branch.commit(changeOf(1, 'aaa', null), never)
  await branch.commit(changeOf(2, 'aaa', null), never)
  await person(
    ['checkout', '-q', '-b', 'side', 'HEAD~1'],
    ['rm', '-q', '-r', folderOf(1)],
    ['commit', '-q', '-m', 'Away with it'],
    ['checkout', '-q', 'main'],
    ['merge', '-q', '--no-edit', 'side'],
  )
  expect(await lastOf(branch, 1)).toMatchObject({ by: 'person' })
  expect(await lastOf(branch, 2)).toMatchObject({ by: 'westage' })
  expect(await branch.commit(changeOf(3, 'aaa', null), never)).toMatchObject({ changed: true })
})

it('lets a person revert any of its commits without a conflict', async () => {
  const { open, dir, person } = await world()
  const branch = open()
  const commits = []
  for (const pull of [1, 2, 3]) commits.push((await branch.commit(changeOf(pull, 'aaa', null), never)).commit)
  await person(['revert', '--no-edit', ...commits])
  expect([...(await filesAt(dir)).keys()]).toEqual(['README.md', 'common/network-policy.yaml', 'previews/.gitkeep'])
})

it("keeps other people's files as they are: names, modes, links, submodules", async () => {
  const { open, dir, person, check } = await world({
    files: {
      'previews/.gitkeep': '',
      'previews/README.md': 'read me\n',
      'previews/shop/notes.txt': 'mine\n',
      'previews/shop.txt': 'sorts before the folder\n',
      'previews/shop0/x': 'sorts after it\n',
      'bin/run.sh': { executable: true, text: '#!/bin/sh\n' },
      'odd/a "quoted"\tname': 'x\n',
      'odd/new\nline': 'x\n',
      'odd/grüße 🎈': 'x\n',
      'odd/back\\slash': 'x\n',
    },
  })
  const latin1 = Buffer.concat([
    Buffer.from(
      'commit refs/heads/main\ncommitter A <a@example.com> 1700000001 +0000\ndata 1\nx\nfrom refs/heads/main^0\n',
    ),
    Buffer.from('M 100644 inline odd/caf\xe9\ndata 1\nx\n', 'latin1'),
    Buffer.from('M 120000 inline previews/link\ndata 9\nREADME.md\n'),
    Buffer.from(`M 160000 ${'1'.repeat(40)} previews/module\ndone\n`),
  ])
  await git(['fast-import', '--quiet', '--done'], { cwd: dir, input: latin1 })
  const before = await filesAt(dir)
  expect(before.size).toBe(13)
  const branch = open()
  await branch.commit(changeOf(1, 'aaa', null), never)
  await person(['update-index', '--chmod=+x', `${folderOf(1)}/preview.yaml`], ['commit', '-q', '-m', 'Executable'])
  const { tree } = await branch.folder(folderOf(1), never)
  await branch.commit(changeOf(1, 'bbb', tree), never)
  const after = await filesAt(dir)
  expect(after.get(`${folderOf(1)}/preview.yaml`)).toMatch(/^100755 /)
  expect(new Map([...after].filter(([path]) => !path.startsWith(folderOf(1))))).toEqual(before)
  await branch.commit(changeOf(1, null, (await branch.folder(folderOf(1), never)).tree), never)
  expect(await filesAt(dir)).toEqual(before)
  await check().catch((error: unknown) => {
    // A clone can't check out the submodule that is not there, nor does that matter here.
    if (!String(error).includes('previews/module')) throw error
  })
})

it('names what others changed since it was asked last, and nothing of its own', async () => {
  const { open, dir, person, server } = await world()
  const branch = open()
  const first = await branch.commit(changeOf(1, 'aaa', null), never)
  await branch.commit(changeOf(2, 'aaa', null), never)
  expect(await branch.changedByOthers(never)).toEqual({ folders: [], common: false })
  await person(['rm', '-q', '-r', folderOf(2)], ['commit', '-q', '-m', 'Away with it'])
  await branch.commit(changeOf(3, 'aaa', null), never)
  expect(await branch.changedByOthers(never)).toEqual({ folders: [folderOf(2)], common: false })
  await person(['rm', '-q', 'common/network-policy.yaml'], ['commit', '-q', '-m', 'Without it'])
  expect(await branch.changedByOthers(never)).toEqual({ folders: [], common: true })
  await git(['update-ref', 'refs/heads/main', first.commit], { cwd: dir })
  expect(await branch.changedByOthers(never)).toEqual({ folders: [folderOf(3)], common: true })
  const before = server.requests().length
  expect(await branch.changedByOthers(never)).toEqual({ folders: [], common: false })
  expect(server.requests().length - before).toBe(1)
})

const lastOf = async (branch: PreviewBranch, pull: number) =>
  await branch.lastChange(await branch.folder(folderOf(pull), never), never)

it('gives the files as it wrote them beside what a person made of them, until the server has them no more', async () => {
  const { open, dir, person } = await world()
  await open().commit(changeOf(1, 'aaa', null), never)
  const written = await open().folder(folderOf(1), never)
  await person(['rm', '-q', `${folderOf(1)}/preview.yaml`], ['commit', '-q', '-m', 'Try without'])
  const reader = open()
  const now = await reader.folder(folderOf(1), never)
  const before = await reader.files(written.tree ?? '', never)
  expect(before?.get('preview.yaml')).toContain('aaa')
  expect((await reader.files(now.tree ?? '', never))?.has('preview.yaml')).toBe(false)
  expect([...(before?.keys() ?? [])]).toEqual([...(changeOf(1, 'aaa', null).files?.keys() ?? [])].sort())

  await person(
    ['checkout', '-q', '--orphan', 'anew'],
    ['commit', '-q', '-m', 'Anew'],
    ['push', '-q', '-f', 'origin', 'anew:main'],
  )
  await git(['reflog', 'expire', '--expire=now', '--all'], { cwd: dir })
  await git(['gc', '-q', '--prune=now'], { cwd: dir })
  expect(await open().files(written.tree ?? '', never)).toBeNull()
})
