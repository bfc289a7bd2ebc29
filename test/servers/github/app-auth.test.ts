import { generateKeyPairSync } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { askAsApp, askAsInstallation, askWith, jwtOf } from './ask.ts'
import { type GitHub, startGitHub } from './github.ts'

describe('the GitHub double as an App sees it', () => {
  let github: GitHub
  let nowMs = Date.now()
  beforeEach(async () => {
    nowMs = Date.now()
    github = await startGitHub({ now: () => nowMs })
    github.addRepository('acme/shop', { 'README.md': 'shop' })
  })
  afterEach(() => github.close())

  const askWithJwt = (jwt: string) => askWith(github, { authorization: `Bearer ${jwt}` })('GET', '/app')

  it('knows the App by a JWT signed with its key, by id and by client id', async () => {
    const { status, body } = await askWithJwt(jwtOf(github))
    expect([status, body.id, body.slug]).toEqual([200, github.appId, 'westage'])
    expect((await askWithJwt(jwtOf(github, { iss: String(body.client_id) }))).status).toBe(200)
  })

  it('refuses a JWT that is signed with another key, another algorithm or not at all', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const other = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    for (const jwt of [jwtOf(github, {}, 'RS256', other), jwtOf(github, {}, 'HS256'), 'a.b.c']) {
      const { status, body } = await askWithJwt(jwt)
      expect([status, body.message]).toEqual([401, 'A JSON web token could not be decoded'])
    }
  })

  it('refuses a JWT that lasts longer than ten minutes, is over, or comes from the future', async () => {
    const nowS = Math.floor(nowMs / 1000)
    expect((await askWithJwt(jwtOf(github, { exp: nowS + 900 }))).body.message).toContain('too far in the future')
    expect((await askWithJwt(jwtOf(github, { exp: nowS - 1 }))).status).toBe(401)
    expect((await askWithJwt(jwtOf(github, { iat: nowS + 300 }))).body.message).toContain('iat')
    expect((await askWithJwt(jwtOf(github, { iss: 1 }))).body.message).toBe('Integration not found')
  })

  it('takes the JWT only where the App itself asks, and a token only where an installation does', async () => {
    const app = askAsApp(github)
    const installation = await askAsInstallation(github, 'acme/shop')
    expect((await installation('GET', '/app')).status).toBe(401)
    expect((await installation('GET', '/repos/acme/shop/installation')).status).toBe(401)
    expect((await app('GET', '/installation/repositories')).status).toBe(403)
    expect((await app('GET', '/repos/acme/shop/pulls')).status).toBe(401)
    expect((await askWith(github, {})('GET', '/installation/repositories')).status).toBe(401)
    expect((await askWith(github, { authorization: 'token ghs_wrong' })('GET', '/repos/acme/shop')).body).toMatchObject(
      {
        message: 'Bad credentials',
        status: '401',
      },
    )
  })

  it('lists installations, and each by itself', async () => {
    github.addRepository('globex/site', {})
    const app = askAsApp(github)
    const { list } = await app('GET', '/app/installations?per_page=1')
    expect(list).toHaveLength(1)
    const { list: second, headers } = await app('GET', '/app/installations?per_page=1&page=2')
    expect(second[0]).toMatchObject({ account: { login: 'globex' }, suspended_at: null })
    expect(headers.get('link')).toContain('rel="prev"')
    expect((await app('GET', `/app/installations/${String(second[0]?.id)}`)).body).toEqual(second[0])
    expect((await app('GET', '/app/installations/1')).status).toBe(404)
  })

  it('gives tokens for an hour', async () => {
    const ask = await askAsInstallation(github, 'acme/shop')
    expect((await ask('GET', '/repos/acme/shop')).status).toBe(200)
    nowMs += 3_601_000
    expect((await ask('GET', '/repos/acme/shop')).status).toBe(401)
  })

  it('narrows tokens to repos and permissions, and refuses to widen them', async () => {
    const blogId = github.addRepository('acme/blog', {})
    const ask = await askAsInstallation(github, 'acme/shop', {
      repositories: ['shop'],
      permissions: { contents: 'write' },
    })
    expect((await ask('GET', '/installation/repositories')).body).toMatchObject({ total_count: 1 })
    expect((await ask('GET', '/repos/acme/blog')).status).toBe(404)
    const { status, headers } = await ask('GET', '/repos/acme/shop/pulls')
    expect([status, headers.get('x-accepted-github-permissions')]).toEqual([403, 'pull_requests=read'])

    const app = askAsApp(github)
    const { body } = await app('GET', '/repos/acme/shop/installation')
    const mint = (scope: Parameters<typeof app>[2]) =>
      app('POST', `/app/installations/${String(body.id)}/access_tokens`, scope)
    expect((await mint({ repository_ids: [blogId] })).body).toMatchObject({ repositories: [{ name: 'blog' }] })
    expect((await mint({ repositories: ['elsewhere'] })).status).toBe(422)
    expect((await mint({ permissions: { administration: 'write' } })).status).toBe(422)
    expect((await mint({ permission: {} })).body.message).toContain('"permission" is not a permitted key.')
  })

  it('refuses a token that was revoked, and no other', async () => {
    const app = askAsApp(github)
    const { body } = await app('GET', '/repos/acme/shop/installation')
    const mint = async () =>
      String((await app('POST', `/app/installations/${String(body.id)}/access_tokens`, {})).body.token)
    const [one, other] = [await mint(), await mint()]
    const ask = async (method: string, path: string, token: string) =>
      (
        await fetch(`${github.apiUrl}${path}`, {
          method,
          headers: { authorization: `Bearer ${token}`, 'user-agent': 'tests' },
        })
      ).status
    expect(await ask('DELETE', '/installation/token', one)).toBe(204)
    expect(await ask('GET', '/repos/acme/shop', one)).toBe(401)
    expect(await ask('DELETE', '/installation/token', one)).toBe(401)
    expect(await ask('GET', '/repos/acme/shop', other)).toBe(200)
    expect((await app('DELETE', '/installation/token')).status).toBe(403)
  })

  it('tells a git server beside it what a token may do', async () => {
    github.addRepository('acme/gitops', {})
    const app = askAsApp(github)
    const { body } = await app('GET', '/repos/acme/gitops/installation')
    const { body: made } = await app('POST', `/app/installations/${String(body.id)}/access_tokens`, {
      repositories: ['gitops'],
      permissions: { contents: 'write' },
    })
    expect(github.isTokenGranted(String(made.token), 'acme/gitops', 'contents', 'write')).toBe(true)
    expect(github.isTokenGranted(String(made.token), 'acme/shop', 'contents', 'read')).toBe(false)
    expect(github.isTokenGranted('ghs_other', 'acme/gitops', 'contents', 'read')).toBe(false)
  })

  it('names the permission that is missing, as soon as the owner takes it away', async () => {
    const ask = await askAsInstallation(github, 'acme/shop')
    github.setPermissions('acme', { checks: null, deployments: 'read' })
    const check = await ask('POST', '/repos/acme/shop/check-runs', { name: 'x', head_sha: 'y' })
    expect([check.status, check.body.message, check.headers.get('x-accepted-github-permissions')]).toEqual([
      403,
      'Resource not accessible by integration',
      'checks=write',
    ])
    expect((await ask('GET', '/repos/acme/shop/deployments')).status).toBe(200)
    expect((await ask('POST', '/repos/acme/shop/deployments', { ref: 'main' })).status).toBe(403)
  })

  it('shuts out a suspended installation and forgets a removed one', async () => {
    const ask = await askAsInstallation(github, 'acme/shop')
    const app = askAsApp(github)
    const { body } = await app('GET', '/repos/acme/shop/installation')
    const mint = () => app('POST', `/app/installations/${String(body.id)}/access_tokens`, {})
    github.suspend('acme')
    expect((await ask('GET', '/repos/acme/shop')).body.message).toBe('This installation has been suspended')
    expect((await mint()).status).toBe(403)
    expect((await app('GET', `/app/installations/${String(body.id)}`)).body.suspended_at).toMatch(/Z$/)
    github.unsuspend('acme')
    expect((await ask('GET', '/repos/acme/shop')).status).toBe(200)
    github.uninstall('acme')
    expect((await ask('GET', '/repos/acme/shop')).status).toBe(401)
    expect((await mint()).status).toBe(404)
    expect((await app('GET', '/repos/acme/shop/installation')).status).toBe(404)
  })
})
