import { expect, it } from 'vitest'
import { filesAt, git, logOf } from '../servers/git-cli.ts'
import { gitWorld } from '../servers/git-world.ts'
import { afterTest, changeOf, checkedHistory, FEW_FILES, never, open, pathOf, textsAt, treeOf } from './branches.ts'

const given = () => gitWorld({ files: FEW_FILES })
const folderAt = (name: string): string => pathOf(name).join('/')
const upTo = (count: number): number[] => Array.from({ length: count }, (_, at) => at + 1)

it('keeps every change of two writers that race, in one line of history', async () => {
  const { url, dir, check } = await given()
  const writers = ['one', 'other']
  await Promise.all(
    writers.map(async (writer) => {
      const branch = open(url)
      for (const nth of upTo(15)) await branch.commit(changeOf(`${writer}-${nth}`, 'x'), never)
    }),
  )
  const history = await checkedHistory(dir)
  expect(history).toHaveLength(31)
  for (const writer of writers) {
    expect(history.filter((subject) => subject.startsWith(`${writer}-`))).toEqual(
      upTo(15).map((nth) => `${writer}-${nth}: x`),
    )
  }
  expect((await textsAt(dir)).size).toBe(2 * 30 + 1)
  await check()
})

it('replays a change on what others pushed meanwhile, and leaves theirs byte for byte', async () => {
  const { url, dir, person, check } = await given()
  const branch = open(url)
  await branch.commit(changeOf('one', 'x'), never)
  await person(
    ['mv', 'README.md', 'READ ME.md'],
    ['commit', '-q', '-a', '-m', 'Another name'],
    ['rm', '-q', '-r', folderAt('one')],
    ['commit', '-q', '-m', 'Away with it'],
  )
  const theirs = await git(['rev-parse', 'main'], { cwd: dir })
  await branch.commit(changeOf('two', 'x'), never)
  const [ours] = await logOf(dir)
  expect(ours?.parents).toEqual([theirs])
  const files = await filesAt(dir)
  expect(files.get('READ ME.md')).toBe((await filesAt(dir, theirs)).get('READ ME.md'))
  expect([...files.keys()].filter((path) => path.startsWith(folderAt('one')))).toEqual([])
  expect(await treeOf(branch, 'one')).toBe(null)
  await check()
})

it('does not repeat a decision on a folder that somebody changed while it was being pushed', async () => {
  const { url, dir, server, person } = await given()
  const branch = open(url)
  const { tree } = await branch.commit(changeOf('one', 'x'), never)
  const theirs = () => person(['rm', '-q', '-r', folderAt('one')], ['commit', '-q', '-m', 'Away with it'])
  server.inject('receive-pack', { kind: 'hold', until: theirs() })
  const [stale, other] = await Promise.allSettled([
    branch.commit(changeOf('one', 'y', tree), never),
    branch.commit(changeOf('two', 'y'), never),
  ])
  expect(stale).toMatchObject({ status: 'rejected', reason: { name: 'Stale' } })
  expect(other).toMatchObject({ status: 'fulfilled', value: { changed: true } })
  expect((await filesAt(dir, 'main', folderAt('one'))).size).toBe(0)
})

it('settles changes of one folder one after the other', async () => {
  const { url, dir } = await given()
  const branch = open(url)
  const [first, second, third] = await Promise.allSettled(
    ['x', 'y', 'x'].map((text) => branch.commit(changeOf('one', text), never)),
  )
  expect(first).toMatchObject({ status: 'fulfilled', value: { changed: true } })
  expect(second).toMatchObject({ status: 'rejected', reason: { name: 'Stale' } })
  expect(third).toMatchObject({ status: 'fulfilled', value: { changed: false } })
  expect(await logOf(dir)).toHaveLength(2)
})

it('drops an aborted change from what waits, and goes on with the others', async () => {
  const { url, dir, check } = await given()
  const branch = open(url)
  const stop = new AbortController()
  const [aborted, other] = [
    branch.commit(changeOf('one', 'x'), stop.signal),
    branch.commit(changeOf('two', 'x'), never),
  ]
  stop.abort(new Error('superseded'))
  await expect(aborted).rejects.toThrow('superseded')
  expect(await other).toMatchObject({ changed: true })
  expect(await checkedHistory(dir)).toEqual(['Start of the GitOps repo', 'two: x'])
  await expect(branch.commit(changeOf('three', 'x'), stop.signal)).rejects.toThrow('superseded')
  await check()
})

it('rejects at once when it is aborted while the server does not answer', async () => {
  const { url, server } = await given()
  const branch = open(url)
  await branch.fresh(never)
  let release = () => {}
  const until = new Promise<void>((resolve) => {
    release = resolve
  })
  afterTest(() => release())
  for (const service of ['upload-pack', 'receive-pack'] as const) {
    const stop = new AbortController()
    server.inject(service, { kind: 'hold', until, reached: () => stop.abort(new Error('superseded')) })
    const started = Date.now()
    const asked =
      service === 'upload-pack' ? branch.fresh(stop.signal) : branch.commit(changeOf('one', 'x'), stop.signal)
    await expect(asked).rejects.toThrow('superseded')
    expect(Date.now() - started).toBeLessThan(1000)
  }
  // and is of use afterwards
  expect(await branch.commit(changeOf('two', 'x'), never)).toMatchObject({ changed: true })
})

it('answers from a reading that began after it was asked, never from one that was under way', async () => {
  const { url, server } = await given()
  const [reader, writer] = [open(url), open(url)]
  await reader.fresh(never)
  let [reached, go] = [() => {}, () => {}]
  const isReached = new Promise<void>((resolve) => {
    reached = resolve
  })
  const until = new Promise<void>((resolve) => {
    go = resolve
  })
  server.inject('upload-pack', { kind: 'hold', until, reached })
  const early = reader.fresh(never)
  await isReached
  const { commit } = await writer.commit(changeOf('one', 'x'), never)
  const late = reader.fresh(never)
  go()
  await early
  expect(await late).toMatchObject({ commit })
})
