/** What only buildah's own commands and processes show. */
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { manifestDigest } from '../../../src/adapters/registry/manifest.ts'
import { Terminal } from '../../../src/domain/errors.ts'
import { writeHelper } from '../../servers/credential-helper.ts'
import { REGISTRY_PASSWORD, REGISTRY_USER, requireRegistry } from '../../servers/registry.ts'
import { IDENTITY_TOKEN } from '../../servers/token-server.ts'
import { givenBuildah, repoWithShell } from './given-buildah.ts'
import { environmentsOf, repoOf, requestFor, SHA } from './repo-on-disk.ts'

const here = await givenBuildah()
const never = new AbortController().signal
const quiet = () => {}
afterAll(() => here.close())

describe.skipIf(here.isSkipped)(here.named, () => {
  it('pushes to the registry of the demo, which has the digest that it names', async () => {
    const root = await repoOf({ Dockerfile: 'FROM scratch\nCOPY Dockerfile /\n' })
    const image = await (await here.builder()).build(requestFor(root), quiet, never)
    const reference = { registry: here.host, repository: 'team/shop', reference: SHA }
    expect(image?.digest).toBe(await manifestDigest(reference, { plainHttp: true, credentials: null }, never))
  })

  it('builds on an image that it pushed before', async () => {
    const first = await repoOf({ Dockerfile: 'FROM scratch\nCOPY Dockerfile /\n' })
    const base = await (await here.builder()).build(requestFor(first, { app: 'base' }), quiet, never)
    const second = await repoOf({ Dockerfile: `FROM ${base?.repository}@${base?.digest}\nCOPY Dockerfile /second\n` })
    expect(await (await here.builder()).build(requestFor(second, { app: 'second' }), quiet, never)).not.toBeNull()
  })

  it('tells the author which RUN step failed, and what it said', async () => {
    const root = await repoWithShell('RUN echo the tests fail; \\\n  exit 3')
    const failure = await (await here.builder()).build(requestFor(root), quiet, never).catch((error) => error)
    expect(failure).toBeInstanceOf(Terminal)
    expect(failure.message).toBe('Dockerfile:3: RUN echo the tests fail; exit 3: failed with exit status 3')
    expect(failure.whose).toBe('author')
    expect(failure.details).toContain('the tests fail')
  })

  it('takes what a RUN step says about a network for the author’s own', async () => {
    const root = await repoWithShell('RUN echo "dial tcp: connection refused" >&2; exit 1')
    await expect((await here.builder()).build(requestFor(root), quiet, never)).rejects.toBeInstanceOf(Terminal)
  })

  it('kills all that a RUN step started within a second of an abort, and leaves no container', async () => {
    const root = await repoWithShell('RUN setsid sleep 98761 & echo sleeping; sleep 98761')
    const before = await readdir(here.temporary)
    const [stop, reason] = [new AbortController(), new Error('superseded')]
    let abortedAtMs = 0
    const log = (line: string) => {
      if (line !== 'sleeping') return
      abortedAtMs = Date.now()
      stop.abort(reason)
    }
    await expect((await here.builder()).build(requestFor(root, { app: 'slow' }), log, stop.signal)).rejects.toBe(reason)
    expect(Date.now() - abortedAtMs).toBeLessThan(1000)
    await vi.waitFor(async () => expect(await environmentsOf('98761')).toEqual([]), 500)
    await vi.waitFor(async () => expect(await readdir(await here.storeOf('slow'))).not.toContain('work'), 5000)
    expect(await here.listOf('slow', 'containers')).toEqual([])
    expect(await readdir(here.temporary)).toEqual(before)
  })

  it('leaves nothing running that a step of a finished build put into the background', async () => {
    const root = await repoWithShell('RUN setsid sleep 98762 & echo started')
    await (await here.builder()).build(requestFor(root), quiet, never)
    await vi.waitFor(async () => expect(await environmentsOf('98762')).toEqual([]), 500)
  })

  it('tells the author that a build took too long', async () => {
    const root = await repoWithShell('RUN sleep 98763')
    const build = (await here.builder({ timeoutMs: 1500 })).build(requestFor(root), quiet, never)
    const failure = await build.catch((error) => error)
    expect(failure).toBeInstanceOf(Terminal)
    expect(failure).toMatchObject({ whose: 'author', message: expect.stringContaining('1.5 s') })
  })

  it('signs in with the credentials of the auth file, to registries with Basic and with tokens', async () => {
    for (const auth of ['basic', 'token'] as const) {
      const guarded = await requireRegistry({ auth })
      const authFile = join(here.temporary, `${auth}.json`)
      const credentials = { kind: 'password' as const, username: REGISTRY_USER, password: REGISTRY_PASSWORD }
      const entry = { auth: Buffer.from(`${REGISTRY_USER}:${REGISTRY_PASSWORD}`).toString('base64') }
      await writeFile(authFile, JSON.stringify({ auths: { [guarded.host]: entry } }))
      const root = await repoOf({ Dockerfile: 'FROM scratch\nCOPY Dockerfile /\n' })
      const image = await (await here.builder({ host: guarded.host, authFile })).build(requestFor(root), quiet, never)
      const reference = { registry: guarded.host, repository: 'team/shop', reference: SHA }
      expect(image?.digest).toBe(await manifestDigest(reference, { plainHttp: true, credentials }, never))
      await guarded.close()
    }
  })

  it('signs in with what a credential helper says, a password or an identity token', async () => {
    for (const [auth, answer] of [
      ['basic', { Username: REGISTRY_USER, Secret: REGISTRY_PASSWORD }],
      ['token', { Username: '<token>', Secret: IDENTITY_TOKEN }],
    ] as const) {
      const guarded = await requireRegistry({ auth })
      const authFile = join(here.temporary, `helped-${auth}.json`)
      await writeFile(authFile, JSON.stringify({ credHelpers: { [guarded.host]: 'test' } }))
      await writeHelper(here.temporary, 'test', { secrets: { [guarded.host]: answer } })
      const root = await repoOf({ Dockerfile: 'FROM scratch\nCOPY Dockerfile /\n' })
      const helped = await here.builder({ host: guarded.host, authFile, helpers: here.temporary })
      const image = await helped.build(requestFor(root), quiet, never)
      const credentials = { kind: 'password' as const, username: REGISTRY_USER, password: REGISTRY_PASSWORD }
      const reference = { registry: guarded.host, repository: 'team/shop', reference: SHA }
      expect(image?.digest).toBe(await manifestDigest(reference, { plainHttp: true, credentials }, never))
      await guarded.close()
    }
  })

  it('gives buildah none of this process’s environment', async () => {
    const root = await repoWithShell('RUN echo sleeping; sleep 98764')
    const stop = new AbortController()
    process.env.WESTAGE_TEST_SECRET = 'very secret'
    const seen: string[] = []
    const log = async (line: string) => {
      if (line !== 'sleeping') return
      seen.push(...(await environmentsOf(here.temporary)))
      stop.abort(new Error('seen'))
    }
    await expect((await here.builder()).build(requestFor(root), log, stop.signal)).rejects.toThrow('seen')
    delete process.env.WESTAGE_TEST_SECRET
    expect(seen.join('\n')).toContain(`PATH=${process.env.PATH}`)
    expect(seen.join('\n')).not.toContain('very secret')
  })
})
