/** `westage wehook` as it is installed. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { builtCommand, type Command } from '../cli/built-command.ts'
import { givenWeHook, STRIPE } from './given.ts'

let command: Command
let folder: string
beforeAll(async () => {
  command = await builtCommand()
  folder = await mkdtemp(join(tmpdir(), 'wehook-'))
})
afterAll(() => rm(folder, { recursive: true }))

it('says all that is wrong with its settings, without a stack trace', async () => {
  const file = join(folder, 'westage.yaml')
  await writeFile(file, 'wehook:\n  westage: nowhere\n  sources: [{ name: a, check: stripe }]\n')
  const { code, stdout, stderr } = await command.run(['wehook', '--config', file])
  expect([code, stdout]).toEqual([1, ''])
  expect(stderr).toContain(`${file}:2: wehook.westage: `)
  expect(stderr).toContain('WESTAGE_API_TOKEN: is missing')
  expect(stderr).not.toMatch(/\n {4}at /)
  expect((await command.run(['wehook'])).stderr).toContain('--config <file>: is missing')
})

it('ends, and says why, where its Redis is not reached', async () => {
  const file = join(folder, 'redis.yaml')
  const source = { name: 'stripe', check: 'stripe', secrets: ['STRIPE_SECRET'] }
  const wehook = { westage: 'http://127.0.0.1:9', store: 'redis://127.0.0.1:9', sources: [source] }
  await writeFile(file, JSON.stringify({ wehook: { ...wehook, dataDir: join(folder, 'data') } }))
  const secrets = { WESTAGE_API_TOKEN: 'a token of sixteen or more', STRIPE_SECRET: 'whsec_1' }
  const { code, stderr } = await command.run(['wehook', '--config', file], secrets)
  expect([code, stderr]).toEqual([1, "wehook.store: Redis can't be reached: connect ECONNREFUSED 127.0.0.1:9\n"])
})

it('replay has a callback handed out again, or says why not', async () => {
  const token = 'a-token-of-people'
  const here = await givenWeHook([{ pull: 1, callbacks: [STRIPE] }], {}, { WEHOOK_TOKEN: token })
  try {
    await here.pay(Buffer.from('{}'))
    await here.until(() => expect(here.apps.reached(1)).toHaveLength(1))
    const id = /callbacks\/([0-9a-f]+)"/.exec(await (await here.get('/')).text())?.[1] ?? ''
    const replay = (which: string, given: string) =>
      command.run(['wehook', 'replay', which, '--server', here.url(), '--to', 'shop/pr-1'], { WEHOOK_TOKEN: given })
    expect(await replay(id, token)).toMatchObject({ code: 0, stdout: 'Handed to 1 preview again.\n' })
    await here.until(() => expect(here.apps.reached(1)).toHaveLength(2))
    expect(await replay('0000', token)).toMatchObject({ code: 1, stderr: expect.stringContaining('No such callback') })
    expect(await replay(id, 'not-the-right-token')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('WEHOOK_TOKEN'),
    })
    const nowhere = await command.run(['wehook', 'replay', id, '--server', 'http://127.0.0.1:9'], {
      WEHOOK_TOKEN: token,
    })
    expect([nowhere.code, nowhere.stderr]).toEqual([1, expect.stringContaining('ECONNREFUSED')])
    expect(nowhere.stderr).not.toMatch(/\n {4}at /)
  } finally {
    await here.close()
  }
})
