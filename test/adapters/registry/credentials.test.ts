import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readCredentials } from '../../../src/adapters/registry/credentials.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'westage-test-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const base64 = (text: string) => Buffer.from(text).toString('base64')
async function credentialsIn(config: unknown, registry = 'r.example.com', repository = 'team/app') {
  const authFile = join(folder, 'config.json')
  await writeFile(authFile, typeof config === 'string' ? config : JSON.stringify(config))
  return await readCredentials(authFile, { registry, repository })
}

it('reads auth, and username with password', async () => {
  const auths = { 'r.example.com': { auth: base64('me:pass:word') }, other: { username: 'you', password: 'secret' } }
  expect(await credentialsIn({ auths })).toEqual({ username: 'me', password: 'pass:word' })
  expect(await credentialsIn({ auths }, 'other')).toEqual({ username: 'you', password: 'secret' })
})

it('finds Docker Hub under the name that docker login writes', async () => {
  const auths = { 'https://index.docker.io/v1/': { auth: base64('me:hub') } }
  expect(await credentialsIn({ auths }, 'docker.io')).toEqual({ username: 'me', password: 'hub' })
})

it('takes the entry of the longest path', async () => {
  const auths = { 'r.example.com': { auth: base64('a:a') }, 'r.example.com/team': { auth: base64('b:b') } }
  expect(await credentialsIn({ auths })).toEqual({ username: 'b', password: 'b' })
  expect(await credentialsIn({ auths }, 'r.example.com', 'teams/app')).toEqual({ username: 'a', password: 'a' })
})

it('goes without credentials where the file has none for this registry', async () => {
  expect(await credentialsIn({ auths: { 'r.example.com.evil.org': { auth: base64('a:a') } } })).toBeNull()
  expect(await credentialsIn({})).toBeNull()
  expect(await readCredentials(null, { registry: 'r.example.com', repository: 'app' })).toBeNull()
})

it('tells the operator what it can not use', async () => {
  await expect(credentialsIn({ credsStore: 'desktop', auths: { 'r.example.com': {} } })).rejects.toMatchObject({
    whose: 'operator',
    message: expect.stringContaining('credential helper'),
  })
  await expect(credentialsIn({ auths: { 'r.example.com': {} } })).rejects.toThrow('neither auth nor username')
})

it('quotes nothing of a file that is broken', async () => {
  const failure = await credentialsIn('{"auths": {"r.example.com": {"auth": secret}}}').catch((error) => error)
  expect(failure.message).toMatch(/is not a docker config.json$/)
  expect(failure.cause).toBeUndefined()
})
