import { expect, it } from 'vitest'
import { filesAt, git, logOf } from '../../servers/git-cli.ts'
import { afterTest, changeOf, folderOf, never, world } from './gitops-world.ts'

const upTo = (count: number): number[] => Array.from({ length: count }, (_, at) => at + 1)

it('keeps every change of two writers that race, in one line of history', async () => {
  const { open, dir, check } = await world()
  const writers = [open(), open()]
  await Promise.all(
    writers.map(async (branch, at) => {
      for (const pull of upTo(15)) await branch.commit(changeOf(pull, `sha${pull}`, null, `app${at}`), never)
    }),
  )
  const log = await logOf(dir)
  expect(log).toHaveLength(31)
  for (const at of [0, 1]) {
    const messages = log.map(({ message }) => message.split(':')[0]).filter((name) => name?.startsWith(`app${at} `))
    expect(messages).toEqual(
      upTo(15)
        .reverse()
        .map((pull) => `app${at} #${pull}`),
    )
  }
  const folders = await open().folders(never)
  expect(folders).toHaveLength(30)
  await check()
})

it('replays a change on what others pushed meanwhile, and leaves theirs byte for byte', async () => {
  const { open, dir, person, check } = await world()
  const branch = open()
  await branch.commit(changeOf(1, 'aaa', null), never)
  await person(
    ['mv', 'README.md', 'READ ME.md'],
    ['commit', '-q', '-a', '-m', 'Another name'],
    ['rm', '-q', '-r', folderOf(1)],
    ['commit', '-q', '-m', 'Away with it'],
  )
  const theirs = await git(['rev-parse', 'main'], { cwd: dir })
  await branch.commit(changeOf(2, 'bbb', null), never)
  const [ours] = await logOf(dir)
  expect(ours?.parents).toEqual([theirs])
  const files = await filesAt(dir)
  expect(files.get('READ ME.md')).toBe((await filesAt(dir, theirs)).get('READ ME.md'))
  expect([...files.keys()].filter((path) => path.startsWith(folderOf(1)))).toEqual([])
  expect(await branch.folder(folderOf(1), never)).toMatchObject({ tree: null })
  await check()
})

it('does not repeat a decision on a folder that somebody changed while it was being pushed', async () => {
  const { open, dir, server, person } = await world()
  const branch = open()
  await branch.commit(changeOf(1, 'aaa', null), never)
  const { tree } = await branch.folder(folderOf(1), never)
  const theirs = () => person(['rm', '-q', '-r', folderOf(1)], ['commit', '-q', '-m', 'Away with it'])
  server.inject('receive-pack', { kind: 'hold', until: theirs() })
  const both = Promise.allSettled([
    branch.commit(changeOf(1, 'bbb', tree), never),
    branch.commit(changeOf(2, 'bbb', null), never),
  ])
  const [stale, other] = await both
  expect(stale).toMatchObject({ status: 'rejected', reason: { name: 'NotReady', afterMs: 0 } })
  expect(other).toMatchObject({ status: 'fulfilled', value: { changed: true } })
  expect((await filesAt(dir, 'main', folderOf(1))).size).toBe(0)
})

it('settles two changes of one folder one after the other', async () => {
  const { open, dir } = await world()
  const branch = open()
  const [first, second, third] = await Promise.allSettled([
    branch.commit(changeOf(1, 'aaa', null), never),
    branch.commit(changeOf(1, 'bbb', null), never),
    branch.commit(changeOf(1, 'aaa', null), never),
  ])
  expect(first).toMatchObject({ status: 'fulfilled', value: { changed: true } })
  expect(second).toMatchObject({ status: 'rejected', reason: { name: 'NotReady' } })
  expect(third).toMatchObject({ status: 'fulfilled', value: { changed: false } })
  expect(await logOf(dir)).toHaveLength(2)
})

it('drops an aborted change from what waits, and goes on with the others', async () => {
  const { open, dir, check } = await world()
  const branch = open()
  const stop = new AbortController()
  const [aborted, other] = [
    branch.commit(changeOf(1, 'aaa', null), stop.signal),
    branch.commit(changeOf(2, 'aaa', null), never),
  ]
  stop.abort(new Error('superseded'))
  await expect(aborted).rejects.toThrow('superseded')
  expect(await other).toMatchObject({ changed: true })
  expect((await logOf(dir)).map(({ message }) => message.split('\n')[0])).toEqual([
    'shop #2: aaa',
    'Start of the GitOps repo',
  ])
  await expect(branch.commit(changeOf(3, 'aaa', null), stop.signal)).rejects.toThrow('superseded')
  await check()
})

it('rejects at once when it is aborted while the server does not answer', async () => {
  const { open, server } = await world()
  const branch = open()
  await branch.folders(never)
  let release = () => {}
  const until = new Promise<void>((resolve) => {
    release = resolve
  })
  afterTest(async () => release())
  for (const service of ['upload-pack', 'receive-pack'] as const) {
    const stop = new AbortController()
    server.inject(service, { kind: 'hold', until, reached: () => stop.abort(new Error('superseded')) })
    const started = Date.now()
    const asked =
      service === 'upload-pack' ? branch.folders(stop.signal) : branch.commit(changeOf(1, 'aaa', null), stop.signal)
    await expect(asked).rejects.toThrow('superseded')
    expect(Date.now() - started).toBeLessThan(1000)
  }
  // and is of use afterwards
  expect(await branch.commit(changeOf(2, 'aaa', null), never)).toMatchObject({ changed: true })
})
