import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { authsForTools, type CredentialSource, readCredentials } from '../../../src/adapters/registry/credentials.ts'
import { toolEnvironmentOf } from '../../../src/config/tool-environment.ts'
import { writeHelper } from '../../servers/credential-helper.ts'

const never = new AbortController().signal
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'westage-test-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const base64 = (text: string) => Buffer.from(text).toString('base64')
const password = (username: string, secret: string) => ({ kind: 'password', username, password: secret })
async function sourceOf(config: unknown): Promise<CredentialSource> {
  const authFile = join(folder, 'config.json')
  await writeFile(authFile, typeof config === 'string' ? config : JSON.stringify(config))
  return { authFile, helperEnvironment: { PATH: `${folder}:${process.env.PATH}`, HOME: folder } }
}
const credentialsIn = async (config: unknown, registry = 'r.example.com', repository = 'team/app') =>
  await readCredentials(await sourceOf(config), { registry, repository }, never)

it('reads auth, and username with password', async () => {
  const auths = { 'r.example.com': { auth: base64('me:pass:word') }, other: { username: 'you', password: 'secret' } }
  expect(await credentialsIn({ auths })).toEqual(password('me', 'pass:word'))
  expect(await credentialsIn({ auths }, 'other')).toEqual(password('you', 'secret'))
})

it('reads the key of a Google service account, which is JSON, as any other password', async () => {
  const key = JSON.stringify({ type: 'service_account', private_key: '-----BEGIN\n:' })
  const auths = { 'europe-docker.pkg.dev': { auth: base64(`_json_key:${key}`) } }
  expect(await credentialsIn({ auths }, 'europe-docker.pkg.dev', 'acme/team/app')).toEqual(password('_json_key', key))
})

it('takes an identity token before the user name without a password that docker leaves beside it', async () => {
  const auths = { 'r.example.com': { auth: base64('00000000-0000-0000-0000-000000000000:'), identitytoken: 'ident' } }
  expect(await credentialsIn({ auths })).toEqual({ kind: 'identity token', token: 'ident' })
})

it('finds Docker Hub under the name that docker login writes', async () => {
  const auths = { 'https://index.docker.io/v1/': { auth: base64('me:hub') } }
  expect(await credentialsIn({ auths }, 'docker.io')).toEqual(password('me', 'hub'))
})

it('takes the entry of the longest path', async () => {
  const auths = { 'r.example.com': { auth: base64('a:a') }, 'r.example.com/team': { auth: base64('b:b') } }
  expect(await credentialsIn({ auths })).toEqual(password('b', 'b'))
  expect(await credentialsIn({ auths }, 'r.example.com', 'teams/app')).toEqual(password('a', 'a'))
})

it('goes without credentials where the file has none for this registry', async () => {
  expect(await credentialsIn({ auths: { 'r.example.com.evil.org': { auth: base64('a:a') } } })).toBeNull()
  expect(await credentialsIn({})).toBeNull()
  const none = { authFile: null, helperEnvironment: {} }
  expect(await readCredentials(none, { registry: 'r.example.com', repository: 'app' }, never)).toBeNull()
})

it('tells the operator what it can not use', async () => {
  await expect(credentialsIn({ auths: { 'r.example.com': {} } })).rejects.toMatchObject({
    whose: 'operator',
    message: expect.stringContaining('has neither auth nor identitytoken nor username and password'),
  })
})

it('quotes nothing of a file that is broken', async () => {
  const failure = await credentialsIn('{"auths": {"r.example.com": {"auth": secret}}}').catch((error) => error)
  expect(failure.message).toMatch(/is not a docker config.json$/)
  expect(failure.cause).toBeUndefined()
})

describe('a credential helper', () => {
  const AWS = '1234.dkr.ecr.eu-west-1.amazonaws.com'

  it('is asked for the registry that it is named for, before the file itself', async () => {
    await writeHelper(folder, 'ecr-login', { secrets: { [AWS]: { Username: 'AWS', Secret: 'fresh' } } })
    const config = { credHelpers: { [AWS]: 'ecr-login' }, auths: { [AWS]: { auth: base64('AWS:stale') } } }
    expect(await credentialsIn(config, AWS)).toEqual(password('AWS', 'fresh'))
    expect(await credentialsIn(config, 'r.example.com')).toBeNull()
  })

  it('gives an identity token under the user name that says so, and has Docker Hub by docker’s own name', async () => {
    const hub = { 'https://index.docker.io/v1/': { Username: '<token>', Secret: 'ident' } }
    await writeHelper(folder, 'hub', { secrets: hub })
    const token = { kind: 'identity token', token: 'ident' }
    expect(await credentialsIn({ credHelpers: { 'docker.io': 'hub' } }, 'docker.io')).toEqual(token)
    expect(await credentialsIn({ credHelpers: { 'https://index.docker.io/v1/': 'hub' } }, 'docker.io')).toEqual(token)
  })

  it('for all registries is asked where the file has nothing for one', async () => {
    await writeHelper(folder, 'all', { secrets: { 'r.example.com': { Username: 'me', Secret: 'kept' } } })
    const auths = { 'r.example.com': {}, other: { auth: base64('you:here') } }
    expect(await credentialsIn({ credsStore: 'all', auths })).toEqual(password('me', 'kept'))
    expect(await credentialsIn({ credsStore: 'all', auths }, 'other')).toEqual(password('you', 'here'))
    expect(await credentialsIn({ credsStore: 'all', auths }, 'ghcr.io')).toBeNull()
    expect(await credentialsIn({ credsStore: '', auths }, 'other')).toEqual(password('you', 'here'))
  })

  it('that is not installed, or is none, is the operator’s to mend', async () => {
    const named = (name: string) => credentialsIn({ credHelpers: { 'r.example.com': name } })
    await expect(named('nowhere')).rejects.toMatchObject({
      whose: 'operator',
      message: 'docker-credential-nowhere, which registry.authFile names, is not on the PATH: install it',
    })
    await writeHelper(folder, 'talks', { before: 'echo {Username: me, Secret: hidden}; exit' })
    const failure = await named('talks').catch((error) => error)
    expect(failure).toMatchObject({ name: 'Terminal', whose: 'operator' })
    expect(failure.message).not.toContain('hidden')
    await expect(named('../../bin/sh')).rejects.toThrow('can’t be a program')
  })

  it('that fails is asked again later, and what it wrote is not repeated', async () => {
    await writeHelper(folder, 'fails', { before: 'echo hidden; echo hidden >&2; exit 1' })
    const failure = await credentialsIn({ credHelpers: { 'r.example.com': 'fails' } }).catch((error) => error)
    expect(failure.name).toBe('Error')
    expect(failure.message).toBe(
      'docker-credential-fails failed with exit code 1: ' +
        'echo r.example.com | docker-credential-fails get, in WeStage’s environment, says why',
    )
    expect(failure.cause).toBeUndefined()
  })

  it('is ended with the run that asks it', async () => {
    await writeHelper(folder, 'hangs', { before: `: > ${folder}/begun; sleep 60` })
    const stop = new AbortController()
    const source = await sourceOf({ credHelpers: { 'r.example.com': 'hangs' } })
    const asked = readCredentials(source, { registry: 'r.example.com', repository: 'app' }, stop.signal)
    stop.abort(new Error('superseded'))
    await expect(asked).rejects.toThrow('superseded')
  })

  it('sees the cloud’s identity of the process and where its files are, and none of WeStage’s secrets', async () => {
    const env = {
      ...{ PATH: process.env.PATH, HOME: '/home/westage', AWS_ROLE_ARN: 'role', HTTPS_PROXY: 'http://proxy' },
      ...{ WESTAGE_API_TOKEN: 'hidden', GITHUB_TOKEN: 'hidden' },
    }
    const { helpers: helperEnvironment } = toolEnvironmentOf(env)
    await writeHelper(folder, 'env', { before: `env > ${folder}/seen` })
    const { authFile } = await sourceOf({ credsStore: 'env' })
    const PATH = `${folder}:${helperEnvironment.PATH}`
    await readCredentials(
      { authFile, helperEnvironment: { ...helperEnvironment, PATH } },
      { registry: 'r.example.com', repository: 'app' },
      never,
    )
    const seen = await readFile(join(folder, 'seen'), 'utf8')
    for (const line of ['HOME=/home/westage', 'AWS_ROLE_ARN=role', 'HTTPS_PROXY=http://proxy']) {
      expect(seen.split('\n')).toContain(line)
    }
    expect(seen).not.toContain('hidden')
  })
})

describe('what tools get', () => {
  const image = { registry: 'r.example.com', repository: 'team/app' }

  it('has what helpers say in place of their names, for base images too', async () => {
    const secrets = {
      'r.example.com': { Username: 'me', Secret: 'pushes' },
      'https://index.docker.io/v1/': { Username: '<token>', Secret: 'ident' },
    }
    await writeHelper(folder, 'some', { secrets })
    const source = await sourceOf({
      credHelpers: { 'r.example.com': 'some', 'docker.io': 'some', 'unknown.example.com': 'some' },
      auths: { 'r.example.com/team': { auth: base64('stale:stale') }, 'ghcr.io': { auth: base64('you:gh') } },
    })
    expect(await authsForTools(source, image, () => {}, never)).toEqual({
      'ghcr.io': { auth: base64('you:gh') },
      'r.example.com': { auth: base64('me:pushes') },
      'https://index.docker.io/v1/': { auth: base64('<token>:'), identitytoken: 'ident' },
    })
  })

  it('lacks another registry whose helper fails, which is said', async () => {
    await writeHelper(folder, 'mine', { secrets: { 'r.example.com': { Username: 'me', Secret: 'pushes' } } })
    await writeHelper(folder, 'broken', { before: 'exit 1' })
    const source = await sourceOf({ credHelpers: { 'r.example.com': 'mine', 'base.example.com': 'broken' } })
    const lines: string[] = []
    expect(await authsForTools(source, image, (line) => lines.push(line), never)).toEqual({
      'r.example.com': { auth: base64('me:pushes') },
    })
    expect(lines.join()).toContain(
      'images of base.example.com are pulled without credentials: docker-credential-broken',
    )
  })

  it('is nothing at all where the helper of the registry that is pushed to fails', async () => {
    await writeHelper(folder, 'broken', { before: 'exit 1' })
    const source = await sourceOf({ credHelpers: { 'r.example.com': 'broken' } })
    await expect(authsForTools(source, image, () => {}, never)).rejects.toThrow('docker-credential-broken failed')
  })
})
