import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { chooseBuilder } from '../../../src/adapters/build/choose-builder.ts'
import { NotReady, Terminal } from '../../../src/domain/errors.ts'
import { startMemoryRegistry } from '../../servers/memory-registry.ts'
import { pushImage } from '../../servers/push-image.ts'
import type { RunningRegistry } from '../../servers/registry.ts'
import { requestFor, SHA } from './repo-on-disk.ts'

const never = new AbortController().signal
let registry: RunningRegistry
let folder: string
beforeAll(async () => {
  registry = await startMemoryRegistry()
  folder = await mkdtemp(join(tmpdir(), 'westage-test-'))
})
afterAll(async () => {
  await registry.close()
  await rm(folder, { recursive: true, force: true })
})

const external = (tag = '{sha}', host = registry.host, authFile: string | null = null) =>
  chooseBuilder({
    builder: 'external',
    registry: { repository: `${host}/team/{app}`, tag, plainHttp: true, authFile },
    timeoutMs: 1000,
    path: '',
    log: () => {},
  })

it('waits for the image that CI pushes, then answers with its digest', async () => {
  const builder = await external()
  const waiting = await builder.build(requestFor(''), () => {}, never).catch((error) => error)
  expect(waiting).toBeInstanceOf(NotReady)
  expect(waiting).toMatchObject({
    message: `waiting for ${registry.host}/team/shop:${SHA} to be pushed by CI`,
    afterMs: 10_000,
  })
  const digest = await pushImage(`http://${registry.host}`, 'team/shop', SHA)
  expect(await builder.build(requestFor(''), () => {}, never)).toEqual({
    repository: `${registry.host}/team/shop`,
    digest,
    isReused: false,
  })
})

it('never takes a registry that is down for an image that is not there yet', async () => {
  const builder = await external('{sha}', '127.0.0.1:1')
  const failure = await builder.build(requestFor(''), () => {}, never).catch((error) => error)
  expect(failure).toBeInstanceOf(Error)
  expect(failure).not.toBeInstanceOf(NotReady)
  expect(failure).not.toBeInstanceOf(Terminal)
})

it('refuses a tag that an older commit could have', async () => {
  await expect(external('latest')).rejects.toThrow('registry.tag needs {sha} where builder is external')
})

it('refuses a tag by what is in the image, which is made elsewhere', async () => {
  await expect(external('{sha}-{hash}')).rejects.toThrow('registry.tag can not have {hash} where builder is external')
})

it('reads the auth file anew for each look', async () => {
  const authFile = join(folder, 'config.json')
  const builder = await external('{sha}', registry.host, authFile)
  const build = () => builder.build(requestFor('', { app: 'new' }), () => {}, never)
  await expect(build()).rejects.toThrow(`registry.authFile ${authFile} can't be read`)
  await writeFile(authFile, '{"auths":{}}')
  await expect(build()).rejects.toBeInstanceOf(NotReady)
})
