import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Connected, connected, forever } from './connected.ts'

describe('the App’s access at start', () => {
  let world: Connected
  beforeEach(async () => {
    world = await connected()
  })
  afterEach(() => world.github.close())

  it('is all that is needed', async () => {
    expect(await world.connection.checkAccess('by token', forever)).toEqual({ app: 'westage', missing: [] })
  })

  it('takes a key as GitHub hands it out', async () => {
    const { createPrivateKey } = await import('node:crypto')
    const pkcs1 = createPrivateKey(world.github.privateKey).export({ type: 'pkcs1', format: 'pem' }).toString()
    expect(await world.again({ privateKey: pkcs1 }).checkAccess('by token', forever)).toMatchObject({ app: 'westage' })
  })

  it('names what the App does not ask for', async () => {
    await world.github.close()
    world = await connected({ permissions: { metadata: 'read', pull_requests: 'read', contents: 'read' } })
    expect(await world.connection.checkAccess('by token', forever)).toMatchObject({
      missing: ['checks: write', 'deployments: write'],
    })
  })

  it('needs to write contents where the App commits to the GitOps repo', async () => {
    await world.github.close()
    const permissions = {
      checks: 'write',
      deployments: 'write',
      contents: 'read',
      pull_requests: 'read',
      metadata: 'read',
    } as const
    world = await connected({ permissions })
    expect(await world.connection.checkAccess('by token', forever)).toMatchObject({ missing: [] })
    expect(await world.connection.checkAccess('by app', forever)).toMatchObject({ missing: ['contents: write'] })
  })

  it('is more than the tokens for pull requests’ repos get, which never write contents', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'westage-tokens-')), 'exchanges.jsonl')
    await world.github.close()
    world = await connected({ recordTo: file })
    await world.read()
    const exchanges = (await readFile(file, 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line))
    await rm(dirname(file), { recursive: true })
    const asked = exchanges.filter((each) => JSON.stringify(each).includes('"method":"POST"'))
    expect(asked).toHaveLength(1)
    expect(JSON.stringify(asked).replaceAll('\\', '')).toContain(
      '"permissions":{"checks":"write","deployments":"write","contents":"read","pull_requests":"read","metadata":"read"}',
    )
  })

  it('is refused with a wrong key or a wrong App, as the operator’s to mend', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const wrongKey = world.again({ privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() })
    await expect(wrongKey.checkAccess('by token', forever)).rejects.toMatchObject({
      name: 'Terminal',
      whose: 'operator',
    })
    await expect(wrongKey.pulls.read(world.key, forever)).rejects.toMatchObject({ whose: 'operator' })
    const wrongApp = world.again({ appId: 12 })
    await expect(wrongApp.checkAccess('by token', forever)).rejects.toMatchObject({
      name: 'Terminal',
      whose: 'operator',
    })
    expect(() => world.again({ privateKey: 'no key' })).toThrow(/private key/)
  })
})
