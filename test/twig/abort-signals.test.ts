import { getEventListeners } from 'node:events'
import { expect, it } from 'vitest'
import { startGitServer } from '../servers/git-server.ts'
import { afterTest, changeOf, checkedHistory, open } from './branches.ts'

const names = Array.from({ length: 30 }, (_, nth) => `f${nth}`)

async function started() {
  const server = await startGitServer({ repositories: { gitops: { files: { 'README.md': '# Folders\n' } } } })
  afterTest(() => server.close())
  return { server, url: server.url('gitops'), dir: server.dir('gitops') }
}

it('listens once to a signal that many calls share, and no more once they are over', async () => {
  const { url } = await started()
  const branch = open(url)
  const warnings: Error[] = []
  const onWarning = (warning: Error) => warnings.push(warning)
  process.on('warning', onWarning)
  afterTest(() => process.off('warning', onWarning))
  const { signal } = new AbortController()
  const listeners = () => getEventListeners(signal, 'abort').length
  const looks = names.map(() => branch.fresh(signal))
  const commits = names.map((name) => branch.commit(changeOf(name, 'there'), signal))
  expect(listeners()).toBe(1)
  await Promise.all([...looks, ...commits])
  expect(listeners()).toBe(0)
  expect(warnings).toEqual([])
})

it('ends all calls that share a signal with it, and those of others not', async () => {
  const { server, url, dir } = await started()
  const branch = open(url)
  const [stop, other] = [new AbortController(), new AbortController()]
  server.inject('info/refs', {
    kind: 'hold',
    until: Promise.resolve(),
    reached: () => stop.abort(new Error('superseded')),
  })
  const ended = Promise.allSettled(names.map((name) => branch.commit(changeOf(name, 'there'), stop.signal)))
  const goesOn = branch.commit(changeOf('another', 'there'), other.signal)
  for (const each of await ended) expect(each).toMatchObject({ status: 'rejected', reason: { message: 'superseded' } })
  expect(await goesOn).toMatchObject({ changed: true })
  expect((await checkedHistory(dir)).slice(1)).toEqual(['another: there'])

  const waiting = branch.fresh(other.signal)
  branch.close()
  await expect(waiting).rejects.toThrow('the branch is closed')
  await expect(branch.fresh(other.signal)).rejects.toThrow('the branch is closed')
})
