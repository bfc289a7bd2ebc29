import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Ask, askAsInstallation } from './ask.ts'
import { type GitHub, startGitHub } from './github.ts'
import { isJsonObject, type Json, type JsonObject } from './json.ts'

describe('Check runs of the GitHub double', () => {
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
    ask('POST', '/repos/acme/shop/check-runs', { name: 'westage', head_sha: sha, ...more })
  const update = (id: Json | undefined, change: JsonObject) =>
    ask('PATCH', `/repos/acme/shop/check-runs/${String(id)}`, change)
  const suiteAt = async () => (await ask('GET', `/repos/acme/shop/commits/${sha}/check-suites`)).body

  it('start queued, carry what they are given, and name the pull requests of their commit', async () => {
    const { status, body } = await create({ external_id: '1/1/shop', details_url: 'https://w.example/runs/1' })
    expect(status).toBe(201)
    expect(body).toMatchObject({
      status: 'queued',
      conclusion: null,
      external_id: '1/1/shop',
      details_url: 'https://w.example/runs/1',
      app: { id: github.appId },
      pull_requests: [{ number: 1, head: { sha } }],
    })
    expect((await ask('GET', `/repos/acme/shop/check-runs/${String(body.id)}`)).body).toEqual(body)
    expect((await ask('GET', '/repos/acme/shop/check-runs/1')).status).toBe(404)
  })

  it('name no pull request of a fork', async () => {
    const number = github.openPull('acme/shop', { branch: 'b', files: { b: '1' }, fromFork: 'stranger' })
    const { status, body } = await create({ head_sha: github.headOf('acme/shop', number) })
    expect([status, body.pull_requests]).toEqual([201, []])
  })

  it('are refused without a name, with an unknown commit, or with a key that is not there', async () => {
    expect((await ask('POST', '/repos/acme/shop/check-runs', { head_sha: sha })).body.message).toBe(
      'Invalid request.\n\n"name" wasn\'t supplied.',
    )
    const missing = await create({ head_sha: 'f'.repeat(40) })
    expect([missing.status, missing.body.message]).toEqual([422, `No commit found for SHA: ${'f'.repeat(40)}`])
    expect((await create({ head_branch: 'a' })).body.message).toContain('"head_branch" is not a permitted key.')
    expect((await update((await create()).body.id, { head_sha: sha })).status).toBe(422)
  })

  it('are refused where GitHub alone may set a status or conclusion', async () => {
    expect((await create({ status: 'waiting' })).body.message).toContain('"waiting" is not a member of')
    expect((await create({ conclusion: 'stale' })).status).toBe(422)
    expect((await create({ conclusion: null })).status).toBe(422)
    expect((await create({ started_at: 'yesterday' })).status).toBe(422)
  })

  it('need a conclusion to be completed, and are completed by one', async () => {
    const { body } = await create({ status: 'in_progress' })
    expect((await update(body.id, { status: 'completed' })).body.message).toContain('"conclusion" wasn\'t supplied.')
    expect((await update(body.id, { completed_at: '2026-01-01T00:00:00Z' })).status).toBe(422)
    const done = await update(body.id, { conclusion: 'success' })
    expect(done.body).toMatchObject({ status: 'completed', conclusion: 'success', completed_at: expect.any(String) })
  })

  it('lose their conclusion when they go on', async () => {
    const { body } = await create({ status: 'completed', conclusion: 'failure' })
    const again = await update(body.id, { status: 'in_progress' })
    expect(again.body).toMatchObject({ status: 'in_progress', conclusion: null, completed_at: null })
  })

  it('keep what an update leaves out', async () => {
    const { body } = await create({
      conclusion: 'success',
      external_id: 'x',
      output: { title: 't', summary: 's', text: 'long' },
    })
    const { body: after } = await update(body.id, { output: { title: 'u', summary: 'v' } })
    expect(after).toMatchObject({
      conclusion: 'success',
      external_id: 'x',
      output: { title: 'u', summary: 'v', text: 'long' },
    })
  })

  it('take an output with a title and a summary, at most 65,535 characters and 50 annotations', async () => {
    const annotation = { path: 'a', start_line: 1, end_line: 1, annotation_level: 'notice', message: 'm' }
    const output = (more: JsonObject) => create({ output: { title: 't', summary: 's', ...more } })
    expect((await output({ text: 'x'.repeat(65_535), annotations: Array(50).fill(annotation) })).status).toBe(201)
    expect((await create({ output: { summary: 's' } })).body.message).toContain('"title" wasn\'t supplied.')
    expect((await create({ output: { title: 't' } })).body.message).toContain('"summary" wasn\'t supplied.')
    expect((await output({ text: 'x'.repeat(65_536) })).body.message).toContain(
      'Only 65535 characters are allowed; 65536 were supplied.',
    )
    expect((await output({ summary: 'x'.repeat(65_536) })).status).toBe(422)
    expect((await output({ annotations: Array(51).fill(annotation) })).body.message).toContain('No more than 50 items')
    expect((await output({ annotations: [{ path: 'a' }] })).status).toBe(422)
  })

  it('are changed only by the App that made them', async () => {
    const id = github.addForeignCheckRun('acme/shop', sha, { name: 'ci', status: 'in_progress' })
    const { status, body } = await update(id, { conclusion: 'success' })
    expect([status, body.message]).toEqual([
      403,
      expect.stringContaining('can only be modified by the GitHub App that created it'),
    ])
    expect((await ask('POST', `/repos/acme/shop/check-runs/${id}/rerequest`)).status).toBe(403)
  })

  it('are found by commit, name, status, App and recency', async () => {
    github.addForeignCheckRun('acme/shop', sha, { name: 'ci', conclusion: 'success' })
    const older = (await create({ external_id: 'older' })).body
    const newer = (await create({ external_id: 'newer', status: 'in_progress' })).body
    const ids = async (query: string, ref = sha) =>
      (await ask('GET', `/repos/acme/shop/commits/${ref}/check-runs${query}`)).body.check_runs
    expect(await ids(`?app_id=${github.appId}`)).toEqual([newer])
    expect(await ids('?check_name=westage&filter=all')).toEqual([newer, older])
    expect(await ids('?filter=all&status=queued')).toEqual([older])
    expect(await ids('?check_name=ci')).toMatchObject([{ name: 'ci' }])
    expect(await ids('?filter=all&check_name=westage', 'heads%2Fa')).toHaveLength(2)
    expect((await ask('GET', `/repos/acme/shop/commits/${'e'.repeat(40)}/check-runs`)).status).toBe(422)
  })

  it('make up their suite: queued, in progress, completed with the worst of the latest', async () => {
    expect(await suiteAt()).toMatchObject({ check_suites: [{ status: 'queued', conclusion: null }] })
    const { body } = await create({ name: 'one', conclusion: 'success' })
    const two = (await create({ name: 'two' })).body
    expect(await suiteAt()).toMatchObject({ check_suites: [{ status: 'in_progress', conclusion: null }] })
    await update(two.id, { conclusion: 'failure' })
    expect(await suiteAt()).toMatchObject({
      total_count: 1,
      check_suites: [{ status: 'completed', conclusion: 'failure', latest_check_runs_count: 2 }],
    })
    await create({ name: 'two', conclusion: 'success' })
    expect(await suiteAt()).toMatchObject({ check_suites: [{ conclusion: 'success' }] })
    const suite = isJsonObject(body.check_suite) ? body.check_suite.id : null
    expect((await ask('GET', `/repos/acme/shop/check-suites/${String(suite)}`)).body.status).toBe('completed')
    expect((await ask('GET', `/repos/acme/shop/check-suites/${String(suite)}/check-runs`)).body.total_count).toBe(2)
  })

  it('asked for again put their suite back to queued and stay as they are', async () => {
    const { body } = await create({ conclusion: 'failure' })
    expect((await ask('POST', `/repos/acme/shop/check-runs/${String(body.id)}/rerequest`)).status).toBe(201)
    expect(await suiteAt()).toMatchObject({ check_suites: [{ status: 'queued', conclusion: null }] })
    expect(github.checkRuns('acme/shop', sha)[0]).toMatchObject({ status: 'completed', conclusion: 'failure' })
    expect(github.deliveries.at(-1)?.payload).toMatchObject({
      action: 'rerequested',
      check_run: { id: body.id, check_suite: { status: 'queued', conclusion: null }, pull_requests: [{ number: 1 }] },
    })
    await update(body.id, { status: 'in_progress' })
    expect(await suiteAt()).toMatchObject({ check_suites: [{ status: 'in_progress' }] })
    github.rerunSuite('acme/shop', sha)
    expect(github.deliveries.at(-1)).toMatchObject({ event: 'check_suite', action: 'rerequested' })
    github.rerunCheck(Number(body.id))
    expect(github.deliveries.at(-1)).toMatchObject({ event: 'check_run', action: 'rerequested' })
  })
})
