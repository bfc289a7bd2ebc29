import { expect, it } from 'vitest'
import { type BuilderOptions, chooseBuilder, findLocalBuilder } from '../../../src/adapters/build/choose-builder.ts'
import { Terminal } from '../../../src/domain/errors.ts'
import { requestFor } from './repo-on-disk.ts'

const options: BuilderOptions = {
  registry: { repository: 'registry.example.com/{app}', tag: '{sha}', plainHttp: false, authFile: null },
  timeoutMs: 1000,
  path: '/nowhere',
  buildkit: { address: 'unix:///nowhere.sock', tls: null, cacheTag: null, frontends: [] },
  log: () => {},
}

it('builds nothing where the builder is none', async () => {
  const builder = await chooseBuilder({ ...options, registry: null, builder: 'none' })
  expect(builder).toMatchObject({ name: 'none', needsSource: false })
  expect(await builder.build(requestFor(''), () => {}, new AbortController().signal)).toBeNull()
})

it.each([
  ['local', 'neither a docker engine that answers nor buildah'],
  ['docker', 'no docker engine answers'],
  ['buildah', 'buildah, which is not on the PATH'],
  ['buildkit', 'buildctl is not on the PATH'],
] as const)('says what to do where builder is %s and the machine has none', async (builder, message) => {
  const failure = await chooseBuilder({ ...options, builder }).catch((error) => error)
  expect(failure).toBeInstanceOf(Terminal)
  expect(failure).toMatchObject({ whose: 'operator', message: expect.stringContaining(message) })
  expect(failure.message).toContain('none')
})

it('finds no local builder on an empty PATH', async () => {
  expect(await findLocalBuilder(options)).toBeNull()
})

it('wants a registry for whatever builds', async () => {
  await expect(chooseBuilder({ ...options, registry: null, builder: 'local' })).rejects.toThrow(
    'builder is local, and registry is not set',
  )
})
