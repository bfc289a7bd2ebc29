import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Ask, askAsInstallation } from './ask.ts'
import { type GitHub, startGitHub } from './github.ts'
import type { JsonObject } from './json.ts'

describe('Deployments of the GitHub double', () => {
  let github: GitHub
  let ask: Ask
  let sha = ''
  beforeEach(async () => {
    github = await startGitHub()
    github.addRepository('acme/shop', { 'README.md': 'shop' })
    const number = github.openPull('acme/shop', { branch: 'a', files: { a: '1' } })
    sha = github.headOf('acme/shop', number)
    ask = await askAsInstallation(github, 'acme/shop')
  })
  afterEach(() => github.close())

  const create = (more: JsonObject = {}) =>
    ask('POST', '/repos/acme/shop/deployments', { ref: sha, auto_merge: false, required_contexts: [], ...more })
  const tell = (id: unknown, status: JsonObject) =>
    ask('POST', `/repos/acme/shop/deployments/${String(id)}/statuses`, status)
  const states = () => github.deployments('acme/shop').map(({ statuses }) => statuses.at(-1)?.state)

  it('are made of a ref, with the defaults that GitHub documents', async () => {
    const { status, body } = await create({ ref: 'a' })
    expect(status).toBe(201)
    expect(body).toMatchObject({
      sha,
      ref: 'a',
      task: 'deploy',
      environment: 'production',
      production_environment: true,
      transient_environment: false,
      creator: { login: 'westage[bot]', type: 'Bot' },
    })
    const preview = await create({ environment: 'westage/shop/pr-1', transient_environment: true })
    expect(preview.body).toMatchObject({ production_environment: false, transient_environment: true })
    expect((await ask('GET', `/repos/acme/shop/deployments/${String(body.id)}`)).body).toEqual(body)
    expect((await ask('GET', '/repos/acme/shop/deployments/1')).status).toBe(404)
  })

  it('need a ref that exists, and known keys', async () => {
    expect((await ask('POST', '/repos/acme/shop/deployments', {})).body.message).toContain('"ref" wasn\'t supplied.')
    const missing = await create({ ref: 'nowhere' })
    expect([missing.status, missing.body.message]).toEqual([422, 'No ref found for: nowhere'])
    expect((await create({ transient: true })).status).toBe(422)
    expect((await create({ description: 'x'.repeat(141) })).status).toBe(422)
  })

  it('merge the default branch into a branch that is behind, unless told not to', async () => {
    github.push('acme/shop', 'main', { b: '2' })
    const merged = await create({ ref: 'a', auto_merge: true })
    expect([merged.status, merged.body.message]).toEqual([202, 'Auto-merged main into a on deployment.'])
    expect(github.headOf('acme/shop', 1)).not.toBe(sha)
    expect((await create({ ref: 'a', auto_merge: true })).status).toBe(201)
    expect((await create({ auto_merge: true })).status).toBe(409)
    expect((await create()).status).toBe(201)
    expect(github.deployments('acme/shop')).toHaveLength(2)
  })

  it('wait for every check at the commit, unless told which', async () => {
    const check = await ask('POST', '/repos/acme/shop/check-runs', { name: 'westage', head_sha: sha })
    const all = { ref: sha, auto_merge: false }
    const refused = await ask('POST', '/repos/acme/shop/deployments', all)
    expect([refused.status, refused.body.message]).toEqual([409, `Conflict: Commit status checks failed for ${sha}`])
    expect((await create({ required_contexts: ['ci'] })).status).toBe(409)
    await ask('PATCH', `/repos/acme/shop/check-runs/${String(check.body.id)}`, { conclusion: 'success' })
    expect((await ask('POST', '/repos/acme/shop/deployments', all)).status).toBe(201)
  })

  it('are found by commit, ref, task and environment, newest first', async () => {
    const one = (await create({ environment: 'one' })).body
    const two = (await create({ environment: 'two', task: 'migrate', ref: 'a' })).body
    const list = async (query: string) => (await ask('GET', `/repos/acme/shop/deployments${query}`)).list
    expect(await list('')).toEqual([two, one])
    expect(await list('?environment=one')).toEqual([one])
    expect(await list(`?sha=${sha}&task=migrate`)).toEqual([two])
    expect(await list('?ref=a')).toEqual([two])
    expect(await list('?environment=three')).toEqual([])
  })

  it('take statuses of the states there are, with a description of at most 140 characters and web addresses', async () => {
    const { id } = (await create()).body
    const told = await tell(id, {
      state: 'in_progress',
      description: 'x'.repeat(140),
      log_url: 'https://w.example/runs/1',
    })
    expect([told.status, told.body.target_url]).toEqual([201, 'https://w.example/runs/1'])
    const long = await tell(id, { state: 'success', description: 'x'.repeat(141) })
    expect([long.status, long.body]).toEqual([
      422,
      expect.objectContaining({
        message: 'Validation Failed',
        errors: [expect.objectContaining({ resource: 'DeploymentStatus', field: 'description', code: 'custom' })],
      }),
    ])
    expect((await tell(id, { state: 'done' })).body.message).toContain('"done" is not a member of')
    expect((await tell(id, {})).status).toBe(422)
    expect((await tell(id, { state: 'success', environment_url: 'shop.example' })).status).toBe(422)
    expect((await tell(1, { state: 'success' })).status).toBe(404)
    await tell(id, { state: 'success', environment_url: 'https://shop.example' })
    const { list } = await ask('GET', `/repos/acme/shop/deployments/${String(id)}/statuses`)
    expect(list.map(({ state }) => state)).toEqual(['success', 'in_progress'])
  })

  it('stop taking statuses at some point', async () => {
    const { id } = (await create()).body
    for (let nth = 0; nth < 100; nth++) await tell(id, { state: 'queued' })
    expect((await tell(id, { state: 'queued' })).status).toBe(422)
  })

  it('turn inactive by a newer success only where they had succeeded and are neither transient nor production', async () => {
    const one = async (more: JsonObject, state: string) => {
      const { body } = await create({ environment: 'qa', ...more })
      await tell(body.id, { state })
      return body.id
    }
    await one({}, 'success')
    await one({ transient_environment: true }, 'success')
    await one({ production_environment: true }, 'success')
    await one({ environment: 'other' }, 'success')
    await one({}, 'failure')
    await one({}, 'success')
    expect(states()).toEqual(['inactive', 'success', 'success', 'success', 'failure', 'success'])
    const last = (await create({ environment: 'qa' })).body
    await tell(last.id, { state: 'success', auto_inactive: false })
    expect(states().at(-2)).toBe('success')
  })
})
