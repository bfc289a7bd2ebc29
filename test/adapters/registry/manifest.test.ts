import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Credentials } from '../../../src/adapters/registry/access.ts'
import { manifestDigest } from '../../../src/adapters/registry/manifest.ts'
import { fetchToken } from '../../../src/adapters/registry/token.ts'
import { Terminal } from '../../../src/domain/errors.ts'
import { answering } from '../../servers/answering.ts'
import { startMemoryRegistry } from '../../servers/memory-registry.ts'
import { pushImage } from '../../servers/push-image.ts'
import {
  findRegistry,
  REGISTRY_PASSWORD,
  REGISTRY_USER,
  type RunningRegistry,
  requireRegistry,
} from '../../servers/registry.ts'
import { pushHeaders } from '../../servers/registry-sign-in.ts'
import { IDENTITY_TOKEN } from '../../servers/token-server.ts'

const never = new AbortController().signal
const ours = { kind: 'password' as const, username: REGISTRY_USER, password: REGISTRY_PASSWORD }
const basic = { authorization: `Basic ${Buffer.from(`${ours.username}:${ours.password}`).toString('base64')}` }
const isSkipped = (await findRegistry()) === null && process.env.CI !== 'true'

const digestOf = (host: string, repository: string, reference: string, credentials: Credentials | null = null) =>
  manifestDigest({ registry: host, repository, reference }, { plainHttp: true, credentials }, never)

describe.skipIf(isSkipped)(`docker-registry${isSkipped ? ' (skipped: it is not installed)' : ''}`, () => {
  let [open, guarded, tokens]: RunningRegistry[] = []
  beforeAll(async () => {
    ;[open, guarded, tokens] = await Promise.all([
      requireRegistry(),
      requireRegistry({ auth: 'basic' }),
      requireRegistry({ auth: 'token' }),
    ])
  })
  afterAll(() => Promise.all([open, guarded, tokens].map((registry) => registry?.close())))

  it('gives the digest of what is there, and null for what is not', async () => {
    const digest = await pushImage(`http://${open?.host}`, 'team/app', 'v1')
    expect(await digestOf(open?.host ?? '', 'team/app', 'v1')).toBe(digest)
    expect(await digestOf(open?.host ?? '', 'team/app', 'v2')).toBeNull()
    expect(await digestOf(open?.host ?? '', 'team/other', 'v1')).toBeNull()
  })

  it('signs in with Basic', async () => {
    const host = guarded?.host ?? ''
    const digest = await pushImage(`http://${host}`, 'team/app', 'v1', basic)
    expect(await digestOf(host, 'team/app', 'v1', ours)).toBe(digest)
    expect(await digestOf(host, 'team/app', 'v2', ours)).toBeNull()
  })

  it('fetches a token with credentials, and without them where the registry gives those', async () => {
    const host = tokens?.host ?? ''
    expect(await digestOf(host, 'team/app', 'v1', ours)).toBeNull()
    expect(await digestOf(host, 'public/app', 'v1')).toBeNull()
  })

  it('exchanges an identity token for one of its own', async () => {
    const host = tokens?.host ?? ''
    const digest = await pushImage(`http://${host}`, 'team/exchanged', 'v1', await pushHeaders(host, 'team/exchanged'))
    const signIn = (token: string) => digestOf(host, 'team/exchanged', 'v1', { kind: 'identity token', token })
    expect(await signIn(IDENTITY_TOKEN)).toBe(digest)
    const failure = await signIn('identity-of-nobody').catch((error) => error)
    expect(failure).toMatchObject({ name: 'Terminal', whose: 'operator' })
    expect(failure.message).not.toContain('identity-of-nobody')
    await expect(
      digestOf(guarded?.host ?? '', 'team/app', 'v1', { kind: 'identity token', token: IDENTITY_TOKEN }),
    ).rejects.toThrow('it asks for a password, and there is an identity token for it')
  })

  it('tells the operator that credentials are missing or wrong', async () => {
    for (const host of [guarded?.host ?? '', tokens?.host ?? '']) {
      for (const credentials of [null, { ...ours, password: 'wrong' }]) {
        const failure = await digestOf(host, 'team/app', 'v1', credentials).catch((error) => error)
        expect(failure).toBeInstanceOf(Terminal)
        expect(failure.whose).toBe('operator')
        expect(failure.message).not.toContain('wrong')
      }
    }
  })
})

it('reads the same from the registry of the demo', async () => {
  const registry = await startMemoryRegistry()
  const digest = await pushImage(`http://${registry.host}`, 'team/app', 'v1')
  expect(await digestOf(registry.host, 'team/app', 'v1')).toBe(digest)
  expect(await digestOf(registry.host, 'team/app', 'v2')).toBeNull()
  await registry.close()
})

it('hashes the manifest where the registry does not say its digest', async () => {
  const manifest = '{"schemaVersion":2}'
  const host = await answering((_, response) => response.end(manifest))
  expect(await digestOf(host, 'app', 'v1')).toBe(`sha256:${createHash('sha256').update(manifest).digest('hex')}`)
})

it('asks for indexes as well as for manifests', async () => {
  const digest = `sha256:${'a'.repeat(64)}`
  const host = await answering((request, response) => {
    const isAll = /image\.index.*image\.manifest.*manifest\.list.*manifest\.v2/.test(request.headers.accept ?? '')
    response.writeHead(isAll ? 200 : 406, { 'docker-content-digest': digest }).end()
  })
  expect(await digestOf(host, 'app', 'v1')).toBe(digest)
})

it.each([500, 502, 503, 429])('never takes a %i for an image that is not there', async (status) => {
  const host = await answering((_, response) => response.writeHead(status).end())
  const failure = await digestOf(host, 'team/app', 'v1').catch((error) => error)
  expect(failure).toBeInstanceOf(Error)
  expect(failure).not.toBeInstanceOf(Terminal)
  expect(failure.message).toContain(String(status))
})

it('names the network’s own code where nothing answers', async () => {
  await expect(digestOf('127.0.0.1:1', 'app', 'v1')).rejects.toThrow(/127\.0\.0\.1:1/)
})

it('tells the operator that a registry forbids it', async () => {
  const host = await answering((_, response) => response.writeHead(403).end())
  await expect(digestOf(host, 'app', 'v1')).rejects.toMatchObject({ name: 'Terminal', whose: 'operator' })
})

it('sends credentials to no token server across a network by plain HTTP', async () => {
  const challenge = { scheme: 'bearer', realm: 'http://tokens.example.com/token', service: null, scope: null } as const
  const asked = fetchToken(
    challenge,
    { registry: 'r.example.com', repository: 'app' },
    { plainHttp: false, credentials: ours },
    never,
  )
  await expect(asked).rejects.toThrow('names a token server that is not https: http://tokens.example.com')
})

it('stops within a second of an abort', async () => {
  const host = await answering(() => {})
  const stop = new AbortController()
  const reason = new Error('superseded')
  const image = { registry: host, repository: 'app', reference: 'v1' }
  const asked = manifestDigest(image, { plainHttp: true, credentials: null }, stop.signal)
  const abortedAtMs = Date.now()
  stop.abort(reason)
  await expect(asked).rejects.toBe(reason)
  expect(Date.now() - abortedAtMs).toBeLessThan(1000)
})
