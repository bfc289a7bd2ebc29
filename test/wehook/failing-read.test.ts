/** What a listener is given where the disk does not say what is on it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { expect, it, onTestFinished } from 'vitest'
import { followerAt } from '../../src/wehook/level/follower.ts'
import { levelTaking } from '../../src/wehook/level/taking.ts'

it('is all there is, though one of them could not be read at first', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'wehook-'))
  const db = new ClassicLevel<string, Buffer>(folder, { valueEncoding: 'buffer' })
  await db.open()
  onTestFinished(async () => {
    await db.close()
    await rm(folder, { recursive: true })
  })
  const ids = ['1', '2', '3', '4']
  let isBroken = true
  const about = { source: 'stripe', receivedAtMs: 0, method: 'POST', suffix: '', headers: [], mark: null }
  const { take } = levelTaking({
    db,
    write: async () => {},
    giveUp: async () => {},
    followers: {
      of: new Map([['one', followerAt('stripe', '0', [], '0')]]),
      changed: () => {},
      isNothingAgain: () => true,
    },
    idsAfter: (_, id, most) => ids.filter((each) => each > id).slice(0, most),
    async read(_, id) {
      if (id === '3' && isBroken) throw new Error('Too many open files')
      return { ...about, id, body: Buffer.from('{}') }
    },
  })
  const taken = async () => (await take('one', 10, 1000, 0, 'again')).map(({ callback }) => callback.id)
  expect(await taken()).toEqual(['1', '2'])
  await expect(taken()).rejects.toThrow('Too many open files')
  isBroken = false
  expect(await taken()).toEqual(['3', '4'])
})
