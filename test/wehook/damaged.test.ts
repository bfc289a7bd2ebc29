/** What a listener gets of an embedded store of which some can't be read any more. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { expect, it, onTestFinished } from 'vitest'
import { openLevelStore } from '../../src/wehook/level-store.ts'

const NOW_MS = Date.now()
const LATER_MS = NOW_MS + 60_000
const MAX_BYTES = 100_000

/** A store of the callbacks a, b and c, which a listener was given once and did not take, or not yet. */
async function given({ isTried }: { readonly isTried: boolean }) {
  const folder = await mkdtemp(join(tmpdir(), 'wehook-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const open = () =>
    openLevelStore({ folder, maxBytes: MAX_BYTES, holdMs: 3_600_000, broke: () => {}, lockedMs: 60_000 })
  const take = () => store.take('one', 10, MAX_BYTES, LATER_MS, 'again')
  let store = await open()
  onTestFinished(() => store.close())
  await store.follow('one', 'stripe', NOW_MS)
  const about = { source: 'stripe', receivedAtMs: NOW_MS, method: 'POST', suffix: '', headers: [], mark: null }
  for (const text of ['a', 'b', 'c']) await store.keep({ ...about, body: Buffer.from(text) })
  for (const each of isTried ? await store.take('one', 10, MAX_BYTES, NOW_MS, 'new') : []) {
    const outcome = { state: 'waiting', attempts: 4, atMs: NOW_MS, tookMs: 1, answer: '503' } as const
    await store.postpone(each, outcome, NOW_MS + 1000)
  }
  return {
    take,
    store: () => store,
    taken: async () => (await take()).map(({ callback }) => Buffer.from(callback.body).toString()),
    async reopen() {
      await store.close()
      store = await open()
    },
    /** The first of what has such a key is something else from now on. */
    async damage(kind: string) {
      await store.close()
      const db = new ClassicLevel<string, Buffer>(folder, { valueEncoding: 'buffer' })
      const [[key, value] = ['', Buffer.alloc(0)]] = await db.iterator({ gt: `${kind}\0`, limit: 1 }).all()
      await db.put(key, Buffer.alloc(value.length, 0xff))
      await db.close()
      store = await open()
    },
  }
}

const NOTED = { state: 'gave up', answer: 'it is damaged on the disk: WeHook could not read it' }

it.each([
  ['that is to be tried again', true],
  ['that is new', false],
])('a callback %s and is damaged is given up, with why, and those behind it come', async (_, isTried) => {
  const { damage, reopen, taken, store } = await given({ isTried })
  await damage('c')
  expect(await taken()).toEqual(['b', 'c'])
  const noted = []
  for await (const each of store().latest()) noted.unshift((await store().outcomes(each)).get('one'))
  expect(noted[0]).toMatchObject(NOTED)
  await reopen()
  expect(await taken()).toEqual(['b', 'c'])
})

it('a callback of which it is not known any more how often it was tried is tried as if it had just come', async () => {
  const { damage, take } = await given({ isTried: true })
  await damage('r')
  const attempts = (await take()).map(({ attempts, sinceMs }) => [attempts, sinceMs])
  expect(attempts).toEqual([
    [0, NOW_MS],
    [4, NOW_MS],
    [4, NOW_MS],
  ])
})
