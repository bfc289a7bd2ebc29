import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Ask, askAsInstallation, askWith } from './ask.ts'
import { type GitHub, startGitHub } from './github.ts'

describe('every request to the GitHub double', () => {
  let github: GitHub
  let ask: Ask
  let nowMs = Date.now()
  beforeEach(async () => {
    nowMs = Date.now()
    github = await startGitHub({ now: () => nowMs, requestsPerHour: 5 })
    github.addRepository('acme/shop', { 'README.md': 'shop' })
    ask = await askAsInstallation(github, 'acme/shop')
  })
  afterEach(() => github.close())

  it('needs a User-Agent, a version that there is and an Accept header for JSON', async () => {
    expect((await ask('GET', '/repos/acme/shop', undefined, { 'user-agent': '' })).status).toBe(403)
    expect((await ask('GET', '/repos/acme/shop', undefined, { 'x-github-api-version': '2001-01-01' })).status).toBe(400)
    expect((await ask('GET', '/repos/acme/shop', undefined, { accept: 'text/html' })).status).toBe(415)
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    expect((await ask('POST', '/repos/acme/shop/deployments', { ref: 'main' }, form)).status).toBe(415)
  })

  it('is refused where its body is no JSON object', async () => {
    const response = await ask('POST', '/repos/acme/shop/deployments', [])
    expect([response.status, response.body.message]).toEqual([400, 'Body should be a JSON object'])
  })

  it('is answered 404 on a path that GitHub does not have', async () => {
    const unrecorded = await startGitHub({ recordTo: '/dev/null' })
    const { status, body } = await askWith(unrecorded, {})('GET', '/nowhere')
    await unrecorded.close()
    expect([status, body.message]).toEqual([404, 'Not Found'])
  })

  it('costs one of the hour, unless nothing changed', async () => {
    const first = await ask('GET', '/repos/acme/shop/pulls')
    expect(first.headers.get('x-ratelimit-remaining')).toBe('4')
    const tag = first.headers.get('etag') ?? ''
    expect(tag).toMatch(/^W\/"[0-9a-f]{64}"$/)
    const again = await ask('GET', '/repos/acme/shop/pulls', undefined, { 'if-none-match': tag })
    expect([again.status, again.text, again.headers.get('x-ratelimit-remaining')]).toEqual([304, '', '4'])
    github.openPull('acme/shop', { branch: 'a', files: { a: '1' } })
    const changed = await ask('GET', '/repos/acme/shop/pulls', undefined, { 'if-none-match': tag })
    expect([changed.status, changed.headers.get('x-ratelimit-remaining')]).toEqual([200, '3'])
    expect(github.remaining('acme')).toBe(3)
    expect(github.requests.filter(({ isConditional }) => isConditional).map(({ status }) => status)).toEqual([304, 200])
  })

  it('is refused when the hour is used up, until it is over', async () => {
    for (let nth = 0; nth < 5; nth++) await ask('GET', '/repos/acme/shop')
    const refused = await ask('GET', '/repos/acme/shop')
    expect([refused.status, refused.headers.get('x-ratelimit-remaining')]).toEqual([403, '0'])
    expect(refused.body.message).toContain('API rate limit exceeded for installation ID')
    const { body } = await ask('GET', '/rate_limit')
    expect(body).toMatchObject({ rate: { limit: 5, used: 5, remaining: 0 } })
    nowMs = Number(refused.headers.get('x-ratelimit-reset')) * 1000 + 1000
    const later = await askAsInstallation(github, 'acme/shop', {}, nowMs)
    expect((await later('GET', '/repos/acme/shop')).headers.get('x-ratelimit-remaining')).toBe('4')
  })

  it('finds a renamed repo by its id: GET is sent on with 301, others with 307', async () => {
    const { body } = await ask('GET', '/repos/acme/shop')
    github.renameRepository('acme/shop', 'store')
    const read = await ask('GET', '/repos/acme/shop/pulls?state=all')
    expect([read.status, read.headers.get('location')]).toEqual([
      301,
      `${github.apiUrl}/repositories/${String(body.id)}/pulls?state=all`,
    ])
    const written = await ask('POST', '/repos/acme/shop/deployments', { ref: 'main' })
    expect(written.status).toBe(307)
    const followed = await ask('POST', written.headers.get('location') ?? '', { ref: 'main' })
    expect(followed.status).toBe(201)
    expect((await ask('GET', '/repos/ACME/Store')).body.full_name).toBe('acme/store')
  })

  it('gets 404 for a repo that is deleted, was never there, or is not in its installation', async () => {
    github.addRepository('globex/site', {})
    github.deleteRepository('acme/shop')
    for (const path of ['/repos/acme/shop', '/repos/acme/other', '/repos/globex/site', '/repositories/1'])
      expect((await ask('GET', path)).status).toBe(404)
  })

  it('may read a public repo that the App is not installed on, and not write to it', async () => {
    github.addRepository('globex/site', {}, { isPublic: true, isInstalled: false })
    expect((await ask('GET', '/repos/globex/site/pulls')).status).toBe(200)
    expect((await ask('POST', '/repos/globex/site/deployments', { ref: 'main' })).status).toBe(403)
  })

  it('loses sight of a transferred repo, unless the App is installed at the new owner', async () => {
    github.transferRepository('acme/shop', 'globex', { isInstalled: false })
    expect((await ask('GET', '/repos/acme/shop')).status).toBe(404)
    github.addToInstallation('globex/shop')
    const there = await askAsInstallation(github, 'globex/shop')
    expect((await there('GET', '/repos/acme/shop')).status).toBe(301)
    expect((await there('GET', '/repos/globex/shop')).status).toBe(200)
  })

  it('is recorded with its answer, as are the webhooks', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'github-double-'))
    const file = join(folder, 'record.jsonl')
    const recorded = await startGitHub({ recordTo: file })
    recorded.addRepository('acme/shop', {})
    await (await askAsInstallation(recorded, 'acme/shop'))('GET', '/repos/acme/shop/pulls?state=open')
    await recorded.close()
    const lines = readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line))
    rmSync(folder, { recursive: true })
    expect(lines[0]).toMatchObject({ webhook: 'installation', payload: { action: 'created' } })
    expect(lines.at(-1)).toMatchObject({
      method: 'GET',
      path: '/repos/acme/shop/pulls',
      query: { state: 'open' },
      status: 200,
      responseBody: '[]',
    })
  })
})
