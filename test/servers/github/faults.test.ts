import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Ask, askAsInstallation } from './ask.ts'
import { type GitHub, startGitHub } from './github.ts'

describe('trouble that the GitHub double is told to make', () => {
  let github: GitHub
  let ask: Ask
  beforeEach(async () => {
    github = await startGitHub()
    github.addRepository('acme/shop', { 'README.md': 'shop '.repeat(1000) })
    ask = await askAsInstallation(github, 'acme/shop')
  })
  afterEach(() => github.close())

  const repo = () => ask('GET', '/repos/acme/shop')

  it('hits the requests it names, as often as it is told', async () => {
    github.fail({ path: /shop$/, method: 'GET', times: 2 }, { kind: 'status', status: 502 })
    expect([(await repo()).status, (await repo()).status, (await repo()).status]).toEqual([502, 502, 200])
    const callOff = github.fail({ times: Number.POSITIVE_INFINITY }, { kind: 'status', status: 500 })
    expect((await repo()).status).toBe(500)
    callOff()
    expect((await repo()).status).toBe(200)
  })

  it('words the two rate limits as GitHub does', async () => {
    github.fail({}, { kind: 'primary', resetAfterSeconds: 60 })
    const primary = await repo()
    expect([primary.status, primary.headers.get('x-ratelimit-remaining')]).toEqual([403, '0'])
    github.fail({}, { kind: 'secondary', retryAfterSeconds: 7 })
    const secondary = await repo()
    expect([secondary.status, secondary.headers.get('retry-after')]).toEqual([403, '7'])
    expect(secondary.body.message).toMatch(/secondary rate limit/)
  })

  it('cuts a connection before anything is done, or after it is done', async () => {
    const deploy = () => ask('POST', '/repos/acme/shop/deployments', { ref: 'main' })
    github.fail({ method: 'POST' }, { kind: 'cut', when: 'before' })
    await expect(deploy()).rejects.toThrow()
    expect(github.deployments('acme/shop')).toHaveLength(0)
    github.fail({ method: 'POST' }, { kind: 'cut', when: 'after' })
    await expect(deploy()).rejects.toThrow()
    expect(github.deployments('acme/shop')).toHaveLength(1)
    expect(github.requests.at(-1)).toMatchObject({ method: 'POST', status: 0 })
    expect((await repo()).status).toBe(200)
  })

  it('cuts an archive in the middle', async () => {
    const { headers } = await ask('GET', '/repos/acme/shop/tarball/main')
    github.fail({ path: /^\/codeload\// }, { kind: 'cut', when: 'midway' })
    const response = await fetch(headers.get('location') ?? '')
    expect(response.status).toBe(200)
    await expect(response.arrayBuffer()).rejects.toThrow()
  })

  it('makes a request wait', async () => {
    github.fail({}, { kind: 'delay', ms: 120 })
    expect((await repo()).status).toBe(200)
    expect(github.requests.at(-1)?.ms).toBeGreaterThanOrEqual(100)
  })
})
