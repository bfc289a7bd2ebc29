import { expect, it } from 'vitest'
import { NotReady, Terminal } from '../../../src/domain/errors.ts'
import { filesAt, git, logOf, showFile } from '../../servers/git-cli.ts'
import { changeOf, filesOfPreview, folderOf, never, world } from './gitops-world.ts'

it('writes the first preview into a new GitOps repo as one commit', async () => {
  const { open, dir, check } = await world()
  const branch = open()
  expect(await branch.folder(folderOf(7), never)).toMatchObject({ tree: null, preview: null, fault: '' })

  const { commit, changed } = await branch.commit(changeOf(7, 'aaa', null), never)

  expect(changed).toBe(true)
  const [tip, start] = await logOf(dir)
  expect(tip).toMatchObject({ id: commit, parents: [start?.id], committer: 'WeStage <westage@example.com>' })
  expect(tip?.message).toBe('shop #7: aaa\n\nWeStage-Preview: 1/7/shop\n')
  const files = await filesAt(dir)
  expect([...files.keys()]).toEqual([
    'README.md',
    'common/network-policy.yaml',
    'previews/.gitkeep',
    ...[...filesOfPreview('aaa').keys()].map((path) => `${folderOf(7)}/${path}`).sort(),
  ])
  expect(await showFile(dir, `${folderOf(7)}/preview.yaml`)).toBe('sha: aaa\n')
  const folder = await branch.folder(folderOf(7), never)
  expect(folder).toMatchObject({ preview: { sha: 'aaa' }, fault: '', commit })
  expect(folder.tree).toBe(await git(['rev-parse', `main:${folderOf(7)}`], { cwd: dir }))
  await check()
})

it('replaces a folder whole, and gives it up whole', async () => {
  const { open, dir, check } = await world()
  const branch = open()
  await branch.commit(changeOf(7, 'aaa', null), never)
  await branch.commit(changeOf(8, 'ccc', null), never)
  const { tree } = await branch.folder(folderOf(7), never)
  const update = { ...changeOf(7, 'bbb', tree), files: new Map([['preview.yaml', 'sha: bbb\n']]) }
  await branch.commit(update, never)
  expect([...(await filesAt(dir, 'main', `${folderOf(7)}/`)).keys()]).toEqual([`${folderOf(7)}/preview.yaml`])

  const updated = await branch.folder(folderOf(7), never)
  await branch.commit(changeOf(7, null, updated.tree), never)
  expect((await branch.folders(never)).map(({ path }) => path)).toEqual([folderOf(8)])

  await branch.commit(changeOf(8, null, (await branch.folder(folderOf(8), never)).tree), never)
  expect([...(await filesAt(dir)).keys()]).toEqual(['README.md', 'common/network-policy.yaml', 'previews/.gitkeep'])
  await check()
})

it('makes no commit and no push for the content that is there already', async () => {
  const { open, dir, server } = await world()
  const branch = open()
  const first = await branch.commit(changeOf(7, 'aaa', null), never)
  const pushes = server.pushes()
  // What it was decided on does not matter: the folder is as wanted.
  expect(await branch.commit(changeOf(7, 'aaa', null), never)).toMatchObject({ commit: first.commit, changed: false })
  expect(await branch.commit(changeOf(9, null, null), never)).toMatchObject({ commit: first.commit, changed: false })
  expect(server.pushes()).toBe(pushes)
  expect(await logOf(dir)).toHaveLength(2)
})

it('asks to observe again where the folder is not the one that the change was decided on', async () => {
  const { open, dir } = await world()
  const [one, other] = [open(), open()]
  await one.commit(changeOf(7, 'aaa', null), never)
  await expect(other.commit(changeOf(7, 'bbb', null), never)).rejects.toBeInstanceOf(NotReady)
  await expect(one.commit(changeOf(7, null, '0'.repeat(40)), never)).rejects.toBeInstanceOf(NotReady)
  expect(await logOf(dir)).toHaveLength(2)
})

it('reads a branch that has not moved in one request, and shares it with whoever asks at once', async () => {
  const { open, server } = await world()
  const branch = open()
  await branch.folders(never)
  const before = server.requests().length
  await Promise.all([branch.folders(never), branch.folder(folderOf(1), never), branch.folder(folderOf(2), never)])
  expect(server.requests().length - before).toBe(1)
})

it('reads a folder with a missing, faulty or strange preview.yaml as one with a fault', async () => {
  const { open } = await world({
    files: {
      'previews/.gitkeep': '',
      'previews/shop/pr-1/preview.yaml': 'sha: aaa\n',
      'previews/shop/pr-2/manifests/a.yaml': 'kind: A\n',
      'previews/shop/pr-3/preview.yaml': 'nothing\n',
      'previews/shop/pr-4/preview.yaml': Buffer.from([0xff, 0xfe]),
      'previews/shop/pr-5': 'a file\n',
      'previews/shop/notes/preview.yaml': 'sha: aaa\n',
      'previews/README.md': 'hello\n',
    },
  })
  const branch = open()
  expect(await branch.folders(never)).toMatchObject([
    { path: 'previews/shop/pr-1', preview: { sha: 'aaa' }, fault: '' },
    { path: 'previews/shop/pr-2', preview: null, fault: 'preview.yaml is missing' },
    { path: 'previews/shop/pr-3', preview: null, fault: 'preview.yaml has no sha' },
    { path: 'previews/shop/pr-4', preview: null, fault: 'preview.yaml is not UTF-8' },
  ])
  await expect(branch.commit(changeOf(5, 'aaa', null), never)).rejects.toMatchObject({ whose: 'operator' })
})

it('says how to make the GitOps repo where it is empty or has no such branch', async () => {
  const empty = await world({ files: 'empty' })
  await expect(empty.open().folders(never)).rejects.toThrow(/no branch main.*gitops-template/)
  const full = await world()
  const refused = full.open({ branch: 'previews' }).commit(changeOf(1, 'aaa', null), never)
  await expect(refused).rejects.toThrow(/no branch previews/)
  await expect(refused).rejects.toBeInstanceOf(Terminal)
})

it('refuses to write a file with a name that no repo should have', async () => {
  const { open, server } = await world()
  const change = { ...changeOf(1, 'aaa', null), files: new Map([['../outside', 'x']]) }
  await expect(open().commit(change, never)).rejects.toBeInstanceOf(Terminal)
  expect(server.pushes()).toBe(0)
})

it.each(['common/shop', 'previews/shop', 'previews/shop/pr-0', 'previews/../pr-1', 'previews/shop/pr-1/manifests'])(
  'refuses to write to %s, which is no preview folder',
  async (path) => {
    const { open } = await world()
    await expect(open().commit({ ...changeOf(1, 'aaa', null), path }, never)).rejects.toBeInstanceOf(Terminal)
  },
)

it('knows whether a folder at some revision is the one at the tip', async () => {
  const { open, dir } = await world()
  const branch = open()
  const one = await branch.commit(changeOf(1, 'aaa', null), never)
  const other = await branch.commit(changeOf(2, 'aaa', null), never)
  const folder = await branch.folder(folderOf(1), never)
  const update = await branch.commit(changeOf(1, 'bbb', folder.tree), never)
  const start = await git(['rev-parse', 'main~3'], { cwd: dir })

  const fresh = open() // has only the tip, and must ask for the rest
  for (const reader of [branch, fresh]) {
    await reader.folders(never)
    expect(await reader.isAt(one.commit, folder, never)).toBe(true)
    expect(await reader.isAt(other.commit, folder, never)).toBe(true)
    expect(await reader.isAt(update.commit, folder, never)).toBe(false)
    expect(await reader.isAt(start, folder, never)).toBe(false)
    expect(await reader.isAt('f'.repeat(40), folder, never)).toBe(false)
    expect(await reader.isAt('HEAD', folder, never)).toBe(false)
    // and goes on as before
    expect(await reader.folder(folderOf(1), never)).toMatchObject({ preview: { sha: 'bbb' } })
  }
})

it('answers nothing any more once it is closed', async () => {
  const { open } = await world()
  const branch = open()
  await branch.commit(changeOf(1, 'aaa', null), never)
  await branch.close()
  await expect(branch.folders(never)).rejects.toThrow('closed')
})
