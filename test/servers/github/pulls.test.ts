import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Ask, askAsInstallation } from './ask.ts'
import { type GitHub, startGitHub } from './github.ts'

describe('pull requests of the GitHub double', () => {
  let github: GitHub
  let ask: Ask
  let nowMs = Date.parse('2026-01-01T00:00:00Z')
  const open = (branch: string) => github.openPull('acme/shop', { branch, files: { [branch]: branch } })
  beforeEach(async () => {
    nowMs = Date.now()
    github = await startGitHub({ now: () => nowMs })
    github.addRepository('acme/shop', { 'README.md': 'shop' })
    ask = await askAsInstallation(github, 'acme/shop')
  })
  afterEach(() => github.close())

  const numbers = async (query: string) =>
    (await ask('GET', `/repos/acme/shop/pulls${query}`)).list.map(({ number }) => number)

  it('are listed open and newest first, and otherwise as asked', async () => {
    for (const branch of ['a', 'b', 'c']) open(branch)
    nowMs += 5000
    github.label('acme/shop', 1, 'westage')
    github.closePull('acme/shop', 2)
    expect(await numbers('')).toEqual([3, 1])
    expect(await numbers('?state=closed')).toEqual([2])
    expect(await numbers('?state=all&direction=asc')).toEqual([1, 2, 3])
    expect(await numbers('?state=all&sort=updated&direction=desc')).toEqual([2, 1, 3])
    expect(await numbers('?head=acme:c')).toEqual([3])
    expect((await ask('GET', '/repos/acme/shop/pulls?state=some')).body).toMatchObject({
      message: 'Validation Failed',
      errors: [{ resource: 'PullRequest', field: 'state', code: 'invalid' }],
    })
  })

  it('come in pages that name the next one by the id of the repo', async () => {
    for (let nth = 1; nth <= 5; nth++) open(`branch-${nth}`)
    const { list, headers } = await ask('GET', '/repos/acme/shop/pulls?per_page=2&page=2')
    expect(list.map(({ number }) => number)).toEqual([3, 2])
    const next = /<([^>]+)>; rel="next"/.exec(headers.get('link') ?? '')?.[1] ?? ''
    expect(next).toMatch(/\/repositories\/\d+\/pulls\?per_page=2&page=3$/)
    const last = await ask('GET', next)
    expect(last.list.map(({ number }) => number)).toEqual([1])
    expect(last.headers.get('link')).not.toContain('rel="next"')
  })

  it('say which files they change against where they left their base, with both names of a moved one', async () => {
    github.addRepository('acme/mono', { 'a/one': '1\n', 'a/two': '2\n', 'b/three': '3\n', 'b/four': '4\n' })
    const files = { 'a/one': '1\nmore\n', 'a/two': null, 'c/three': '3\n', 'b/three': null, 'd ü': 'new\n' }
    const number = github.openPull('acme/mono', { branch: 'all', files })
    github.push('acme/mono', 'main', { 'b/four': 'on main\n' })
    const askMono = await askAsInstallation(github, 'acme/mono')
    const { list } = await askMono('GET', `/repos/acme/mono/pulls/${number}/files`)
    expect(list.map(({ filename, status, previous_filename }) => [filename, status, previous_filename])).toEqual([
      ['a/one', 'modified', undefined],
      ['a/two', 'removed', undefined],
      ['c/three', 'renamed', 'b/three'],
      ['d ü', 'added', undefined],
    ])
    expect(list[0]).toMatchObject({ additions: 1, deletions: 0, changes: 1 })
    github.push('acme/mono', number, { 'a/one': '1\n' })
    const later = await askMono('GET', `/repos/acme/mono/pulls/${number}/files?per_page=2&page=2`)
    expect(later.list.map(({ filename }) => filename)).toEqual(['d ü'])
    expect((await askMono('GET', '/repos/acme/mono/pulls/77/files')).status).toBe(404)
  })

  it('list no more than 3000 files', async () => {
    const files = Object.fromEntries(Array.from({ length: 3_010 }, (_, nth) => [`f${nth}`, `${nth}`]))
    const number = github.openPull('acme/shop', { branch: 'huge', files })
    const { list, headers } = await ask('GET', `/repos/acme/shop/pulls/${number}/files?per_page=100&page=30`)
    expect(list).toHaveLength(100)
    expect(headers.get('link')).not.toContain('rel="next"')
  })

  it('say where they stand, and leave out of a list what only a single one has', async () => {
    const number = open('feat/a')
    const { body } = await ask('GET', `/repos/acme/shop/pulls/${number}`)
    const sha = github.headOf('acme/shop', number)
    expect(body).toMatchObject({
      number,
      state: 'open',
      merged: false,
      head: { ref: 'feat/a', sha, repo: { full_name: 'acme/shop' } },
      base: { ref: 'main', repo: { full_name: 'acme/shop' } },
      url: `${github.apiUrl}/repos/acme/shop/pulls/${number}`,
      html_url: `https://github.com/acme/shop/pull/${number}`,
      statuses_url: `${github.apiUrl}/repos/acme/shop/statuses/${sha}`,
    })
    const [listed] = (await ask('GET', '/repos/acme/shop/pulls')).list
    expect(listed).not.toHaveProperty('merged')
    expect(JSON.stringify(body)).not.toMatch(/Codertocat|Hello-World|api\.github\.com/)
    expect((await ask('GET', '/repos/acme/shop/pulls/99')).status).toBe(404)
  })

  it('of a fork have their head in another repo, or in none once that is deleted', async () => {
    const number = github.openPull('acme/shop', { branch: 'main-fix', files: { x: 'y' }, fromFork: 'stranger' })
    const path = `/repos/acme/shop/pulls/${number}`
    expect((await ask('GET', path)).body).toMatchObject({ head: { repo: { full_name: 'stranger/shop', fork: true } } })
    github.deleteRepository('stranger/shop')
    expect((await ask('GET', path)).body).toMatchObject({ head: { repo: null } })
  })

  it('move their updated_at with every label, and keep what happened as events', async () => {
    const number = open('a')
    const path = `/repos/acme/shop/pulls/${number}`
    const before = (await ask('GET', path)).body.updated_at
    nowMs += 2000
    github.label('acme/shop', number, 'westage')
    expect((await ask('GET', path)).body.updated_at).not.toBe(before)
    github.unlabel('acme/shop', number, 'westage')
    github.editPull('acme/shop', number, 'Another title')
    github.closePull('acme/shop', number)
    github.reopenPull('acme/shop', number)
    github.mergePull('acme/shop', number)
    const { list } = await ask('GET', `/repos/acme/shop/issues/${number}/events`)
    expect(list.map(({ event }) => event)).toEqual([
      'labeled',
      'unlabeled',
      'renamed',
      'closed',
      'reopened',
      'merged',
      'closed',
    ])
    expect(list[0]).toMatchObject({ label: { name: 'westage' }, commit_id: null })
    expect((await ask('GET', path)).body).toMatchObject({ state: 'closed', merged: true })
    expect((await ask('GET', '/repos/acme/shop/issues/99/events')).status).toBe(404)
  })

  it('follow a push and a forced push to their branch', async () => {
    const number = open('a')
    const first = github.headOf('acme/shop', number)
    const second = github.push('acme/shop', number, { more: 'x' })
    expect((await ask('GET', `/repos/acme/shop/pulls/${number}`)).body).toMatchObject({ head: { sha: second } })
    github.forcePush('acme/shop', number, first)
    expect(github.headOf('acme/shop', number)).toBe(first)
  })
})
