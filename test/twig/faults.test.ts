import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import type { Branch } from '../../src/twig/branch.ts'
import type { Committed } from '../../src/twig/commit-queue.ts'
import { Refused } from '../../src/twig/errors.ts'
import { git, logOf } from '../servers/git-cli.ts'
import { type Fault, type GitServer, startGitServer } from '../servers/git-server.ts'
import { afterTest, changeOf, checkedHistory, never, open, pathOf, textsAt, textsOf } from './branches.ts'

const NAMES = ['one', 'two', 'three'] as const

async function started(): Promise<{ readonly server: GitServer; readonly url: string; readonly dir: string }> {
  const server = await startGitServer({ repositories: { gitops: { files: { 'README.md': '# Folders\n' } } } })
  afterTest(() => server.close())
  return { server, url: server.url('gitops'), dir: server.dir('gitops') }
}

/** Changes that wait together. */
const all = (branch: Branch, names: readonly string[], text = 'there'): Promise<Committed[]> =>
  Promise.all(names.map((name) => branch.commit(changeOf(name, text), never)))

const subjects = (names: readonly string[], text = 'there') => names.map((name) => `${name}: ${text}`)

const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value)

const unknownOutcomes: [string, readonly Fault[]][] = [
  ['the reply is lost after the push was applied', [{ kind: 'lose-reply' }]],
  ['the connection ends before the push', [{ kind: 'drop' }]],
  ['a proxy answers 503', [{ kind: 'status', status: 503 }]],
  ['a proxy answers 502 with HTML', [{ kind: 'status', status: 502, text: '<html>' }]],
  ['one thing follows the other', [{ kind: 'drop' }, { kind: 'status', status: 503 }, { kind: 'lose-reply' }]],
  ['the connection ends again and again', times(4, { kind: 'drop' })],
]

it.each(unknownOutcomes)('makes exactly one commit of each change that waits where %s', async (_, faults) => {
  const { server, url, dir } = await started()
  const branch = open(url)
  server.inject('receive-pack', ...faults)
  const done = await all(branch, NAMES)
  expect(done.map(({ changed }) => changed)).toEqual([true, true, true])
  expect((await checkedHistory(dir)).slice(1)).toEqual(subjects(NAMES))
  expect(done.map(({ commit }) => commit)).toEqual(
    (await logOf(dir))
      .map(({ id }) => id)
      .reverse()
      .slice(1),
  )
  expect([...(await textsAt(dir))].sort()).toEqual(NAMES.flatMap((name) => textsOf(name, 'there')).sort())
})

/** Of a report of some 80 bytes, in its bands. */
const REPORT_CUTS = [0, 1, 3, 4, 5, 8, 12, 19, 23, 30, 41, 47, 53, 60, 70, 75, 100]

it('makes exactly one commit of each change wherever the reply to a push is cut', async () => {
  const { server, url, dir } = await started()
  const branch = open(url)
  const names = REPORT_CUTS.flatMap((at) => [`a${at}`, `b${at}`])
  for (const afterBytes of REPORT_CUTS) {
    server.inject('receive-pack', { kind: 'cut', afterBytes })
    const done = await all(branch, [`a${afterBytes}`, `b${afterBytes}`])
    expect(done.map(({ changed }) => changed)).toEqual([true, true])
  }
  expect((await checkedHistory(dir)).slice(1)).toEqual(subjects(names))
})

it('takes no part for the whole wherever an answer is cut, and reads all of it the next time', async () => {
  const { server, url } = await started()
  await all(open(url), NAMES)
  const services = ['info/refs', 'upload-pack', 'upload-pack'] as const
  for (const [nth, service] of services.entries()) {
    for (let afterBytes = 0; afterBytes < 700; afterBytes += afterBytes < 60 ? 7 : 120) {
      const branch = open(url)
      // The second request of the service is the fetch: the first is let through.
      // One that has no answer on a connection that was kept is sent again.
      const callOff = server.inject(
        service,
        ...times(nth === 2 ? 1 : 0, { kind: 'delay', ms: 0 } as const),
        ...times(2, { kind: 'cut', afterBytes } as const),
      )
      const looked = branch.fresh(never)
      await expect(looked).rejects.toThrow()
      await expect(looked).rejects.not.toBeInstanceOf(Refused)
      callOff()
      const { tree } = await branch.fresh(never)
      for (const name of NAMES) expect(await branch.treeAt(tree, pathOf(name), never)).not.toBeNull()
      branch.close()
    }
  }
})

it('reads once more where the server closes the connection that it kept, and only then', async () => {
  const { server, url } = await started()
  const branch = open(url)
  server.inject('info/refs', { kind: 'drop' })
  await expect(branch.fresh(never)).rejects.toThrow(/info\/refs.*socket hang up/)
  const tip = await branch.fresh(never)
  server.inject('upload-pack', { kind: 'drop' })
  expect(await branch.fresh(never)).toEqual(tip)
  server.inject('upload-pack', ...times(2, { kind: 'drop' } as const))
  await expect(branch.fresh(never)).rejects.toThrow(/upload-pack.*socket hang up/)
})

it('gives up after some pushes while the server is down, and changes nothing twice when it is asked again', async () => {
  const { server, url, dir } = await started()
  const branch = open(url)
  await branch.fresh(never)
  const callOff = server.inject('receive-pack', { kind: 'lose-reply' }, ...times(20, { kind: 'drop' } as const))
  const callOffLooks = server.inject('upload-pack', ...times(20, { kind: 'drop' } as const))
  const failed = await Promise.allSettled(NAMES.map((name) => branch.commit(changeOf(name, 'there'), never)))
  for (const each of failed) {
    expect(each).toMatchObject({ status: 'rejected', reason: expect.not.objectContaining({ name: 'Refused' }) })
  }
  expect(server.pushes()).toBeLessThanOrEqual(5)
  callOff()
  callOffLooks()
  const done = await all(branch, NAMES)
  expect(done.map(({ changed }) => changed)).toEqual([false, false, false])
  expect((await checkedHistory(dir)).slice(1)).toEqual(subjects(NAMES))
})

it('finds its commits below what others pushed on top before the reply was lost', async () => {
  const { server, url, dir } = await started()
  const branch = open(url)
  await branch.fresh(never)
  server.inject('receive-pack', { kind: 'lose-reply' })
  // The look after the lost reply waits until somebody has pushed on top.
  const other = open(url)
  const theirs = vi
    .waitFor(async () => expect(await logOf(dir)).toHaveLength(4), { timeout: 20_000, interval: 20 })
    .then(() => pushOnTop(dir))
  server.inject('upload-pack', { kind: 'hold', until: theirs })
  const done = await all(branch, NAMES)
  expect(done.map(({ commit }) => commit)).toEqual(
    (await logOf(dir))
      .map(({ id }) => id)
      .reverse()
      .slice(1, 4),
  )
  expect((await checkedHistory(dir)).slice(1)).toEqual([...subjects(NAMES), 'On top'])
  expect(await other.changeOf(await other.fresh(never), pathOf('one'), never)).toMatchObject({ id: done[0]?.commit })
})

async function pushOnTop(dir: string): Promise<void> {
  const commit = await git(['commit-tree', 'main^{tree}', '-p', 'main', '-m', 'On top'], { cwd: dir })
  await git(['update-ref', 'refs/heads/main', commit], { cwd: dir })
}

it('loses nothing of writers that race while replies are lost, cut and refused', async () => {
  const { server, url, dir } = await started()
  const faults: Fault[] = [
    { kind: 'lose-reply' },
    { kind: 'status', status: 503 },
    { kind: 'cut', afterBytes: 10 },
    { kind: 'drop' },
    { kind: 'delay', ms: 30 },
  ]
  server.inject('receive-pack', ...times(3, faults).flat())
  const writers = ['a', 'b', 'c']
  const names = Array.from({ length: 6 }, (_, nth) => `f${nth}`)
  await Promise.all(
    writers.map(async (writer) => {
      const branch = open(url)
      for (const name of names) await all(branch, [`${writer}-${name}`, `${writer}-${name}-too`])
    }),
  )
  const expected = writers.flatMap((writer) => names.flatMap((name) => [`${writer}-${name}`, `${writer}-${name}-too`]))
  const history = (await checkedHistory(dir)).slice(1)
  expect([...history].sort()).toEqual(subjects(expected).sort())
  expect((await textsAt(dir)).size).toBe(expected.length * 2)
})

it('lets changes that come while a push is slow share the next one', async () => {
  const { server, url, dir } = await started()
  const branch = open(url)
  await branch.fresh(never)
  let more: Promise<Committed[]> | null = null
  let go = () => {}
  const until = new Promise<void>((resolve) => {
    go = resolve
  })
  server.inject('receive-pack', {
    kind: 'hold',
    until,
    reached: () => {
      more = all(branch, ['two', 'three'])
      setImmediate(go)
    },
  })
  await all(branch, ['one'])
  await more
  expect(server.pushes()).toBe(2)
  expect((await checkedHistory(dir)).slice(1)).toEqual(subjects(NAMES))
})

it('goes on where each token ends after one request, whatever is under way', async () => {
  const { server, url, dir } = await started()
  const used = new Set<string>()
  server.accept(({ password }) => {
    const isNew = !used.has(password)
    used.add(password)
    return isNew
  })
  let given = 0
  const credentials = async (refused?: string) => {
    if (refused !== undefined) given += 1
    return { username: 'x-access-token', password: `token-${given}` }
  }
  const branch = open(url, { credentials })
  await all(branch, NAMES)
  const other = open(url, { credentials })
  await all(other, ['four'])
  await all(branch, ['five', 'six'])
  expect((await checkedHistory(dir)).slice(1)).toEqual(subjects([...NAMES, 'four', 'five', 'six']))
})

it.each(['upload-pack', 'receive-pack'] as const)(
  'says that the token has ended where no other is to be had for %s, writes nothing, and goes on with a new one',
  async (service) => {
    const { server, url, dir } = await started()
    let password = 'old'
    const branch = open(url, { credentials: async () => ({ username: 'x-access-token', password }) })
    if (service === 'receive-pack') await branch.fresh(never)
    server.accept({ username: 'x-access-token', password: 'new' })
    for (const each of await Promise.allSettled(NAMES.map((name) => branch.commit(changeOf(name, 'there'), never)))) {
      expect(each).toMatchObject({ status: 'rejected', reason: { name: 'Refused', why: 'credentials refused' } })
    }
    expect(await checkedHistory(dir)).toHaveLength(1)
    password = 'new'
    await all(branch, NAMES)
    expect((await checkedHistory(dir)).slice(1)).toEqual(subjects(NAMES))
  },
)

it('says why where the server gives up in the midst of its answer', async () => {
  const { url, dir } = await started()
  const tree = await git(['rev-parse', 'main:'], { cwd: dir })
  await rm(join(dir, 'objects', tree.slice(0, 2), tree.slice(2)))
  await expect(open(url).fresh(never)).rejects.toThrow(/the git server gave up: .*possible repository corruption/s)
})
