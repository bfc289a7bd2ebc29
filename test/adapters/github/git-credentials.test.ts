import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Terminal } from '../../../src/domain/errors.ts'
import { type Connected, connected } from './connected.ts'

const GITOPS = 'acme/previews'

describe('credentials for the GitOps repo', () => {
  let world: Connected
  beforeEach(async () => {
    world = await connected()
    world.github.addRepository(GITOPS, { 'README.md': 'previews' })
  })
  afterEach(async () => {
    vi.useRealTimers()
    await world.github.close()
  })

  const credentials = (url = `http://127.0.0.1:1/git/${GITOPS}.git`) => world.connection.gitCredentials(url)

  it('may write the contents of that repo, and nothing else', async () => {
    const { username, password } = await credentials()()
    expect(username).toBe('x-access-token')
    const may = (repository: string, permission: string, level: 'read' | 'write') =>
      world.github.isTokenGranted(password, repository, permission, level)
    expect(may(GITOPS, 'contents', 'write')).toBe(true)
    expect(may(GITOPS, 'checks', 'read')).toBe(false)
    expect(may('acme/shop', 'contents', 'read')).toBe(false)
  })

  it('are asked for once, and again before they expire', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const ask = credentials()
    const [one, two] = await Promise.all([ask(), ask()])
    expect(two).toEqual(one)
    vi.setSystemTime(Date.now() + 54 * 60_000)
    expect(await ask()).toEqual(one)
    vi.setSystemTime(Date.now() + 2 * 60_000)
    const [three, four] = await Promise.all([ask(), ask()])
    expect(three).not.toEqual(one)
    expect(four).toEqual(three)
  })

  it('say what to do where the App is not there, may not write, or the repo has moved', async () => {
    const refusal = async (url?: string) => {
      const error: unknown = await credentials(url)().catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ name: 'Terminal', whose: 'operator' })
      return String(error)
    }
    expect(await refusal('http://127.0.0.1/acme/nowhere')).toMatch(/not installed/)
    world.github.setPermissions('acme', { contents: 'read' })
    expect(await refusal()).toMatch(/contents: write/)
    world.github.renameRepository(GITOPS, 'acme/gitops')
    expect(await refusal()).toMatch(/has moved/)
  })

  it('are asked for again after a failure', async () => {
    const ask = credentials()
    world.github.fail({ path: /access_tokens$/ }, { kind: 'status', status: 502 })
    await expect(ask()).rejects.toThrow(/502/)
    expect(await ask()).toMatchObject({ username: 'x-access-token' })
  })

  it('are asked for once more where they were refused, by however many at once', async () => {
    const ask = credentials()
    const first = await ask()
    world.github.revokeToken(first.password)
    const [one, two] = await Promise.all([ask(first.password), ask(first.password)])
    expect(one).not.toEqual(first)
    expect(two).toEqual(one)
    expect(await ask()).toEqual(one)
    expect(world.github.isTokenGranted(one.password, GITOPS, 'contents', 'write')).toBe(true)
  })

  it('are never handed to another host', () => {
    expect(() => credentials('https://git.example/acme/previews')).toThrow(Terminal)
  })
})
