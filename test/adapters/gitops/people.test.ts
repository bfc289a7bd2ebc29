import { expect, it } from 'vitest'
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
  expect(await branch.folder(folderOf(3), never)).toMatchObject({ tree: null, touchedBy: 'westage' })

  for (const { commit } of [update, creation, removal]) await person(['revert', '--no-edit', commit])

  for (const reader of [branch, open()]) {
    expect(await reader.folder(folderOf(1), never)).toMatchObject({ tree: before.tree, touchedBy: 'person' })
    expect(await reader.folder(folderOf(2), never)).toMatchObject({ tree: null, touchedBy: 'person' })
    expect(await reader.folder(folderOf(3), never)).toMatchObject({ preview: { sha: 'aaa' }, touchedBy: 'person' })
    expect(await reader.folder(folderOf(4), never)).toMatchObject({ touchedBy: 'westage' })
    expect(await reader.folder(folderOf(5), never)).toMatchObject({ tree: null, touchedBy: 'unknown' })
  }
  expect(await logOf(dir)).toHaveLength(10)

  await branch.commit(changeOf(1, 'ccc', before.tree), never)
  expect(await branch.folder(folderOf(1), never)).toMatchObject({ touchedBy: 'westage' })
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
  expect(await branch.folder(folderOf(1), never)).toMatchObject({ touchedBy: 'person' })
  expect(await branch.folder(folderOf(2), never)).toMatchObject({ touchedBy: 'person' })
})

it('says that it does not know who touched a folder before the history that it has', async () => {
  const { open } = await world()
  const branch = open()
  for (const pull of [1, 2, 3]) await branch.commit(changeOf(pull, 'aaa', null), never)
  const touched = (await open({ historyDepth: 2 }).folders(never)).map(({ touchedBy }) => touchedBy)
  // The oldest commit of the history that is here has no parent here to compare it with.
  expect(touched).toEqual(['unknown', 'unknown', 'westage'])
})

it('follows a branch that was reset, and one that moved further than the history that it reads', async () => {
  const { open, dir, person, check } = await world()
  const branch = open({ historyDepth: 3 })
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
  expect(await branch.folder(folderOf(1), never)).toMatchObject({ tree: null, touchedBy: 'unknown' })
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
  expect(await branch.folder(folderOf(1), never)).toMatchObject({ tree: null, touchedBy: 'person' })
  expect(await branch.folder(folderOf(2), never)).toMatchObject({ touchedBy: 'westage' })
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
