import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { filesAt, fsck, git, logOf, showFile } from '../git-cli.ts'
import { makeRepository } from '../git-repository.ts'
import { type Ask, askAsInstallation, askWith } from './ask.ts'
import { type GitHub, startGitHub } from './github.ts'
import type { JsonObject } from './json.ts'

const REPO = 'acme/previews'
const MUTATION = `mutation ($input: CreateCommitOnBranchInput!) {
  createCommitOnBranch(input: $input) { commit { oid tree { oid } file(path: "a") { oid mode } } }
}`
const FILES = { 'README.md': 'previews\n', 'a/one.txt': '1\n', 'a/run.sh': { executable: true as const, text: 'x\n' } }

describe('createCommitOnBranch of the GitHub double', () => {
  let github: GitHub
  let dir: string
  let ask: Ask
  let head: string
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'graphql-'))
    await makeRepository(dir, { files: FILES })
    github = await startGitHub({ pointsPerHour: 4 })
    github.addRepository(REPO, { 'README.md': 'previews' })
    github.keepIn(REPO, dir)
    head = await git(['rev-parse', 'main'], { cwd: dir })
    ask = await askAsInstallation(github, REPO)
  })
  afterEach(async () => {
    await github.close()
    await rm(dir, { recursive: true, force: true })
  })

  const base64 = (text: string) => Buffer.from(text).toString('base64')
  const inputOf = (more: JsonObject = {}): JsonObject => ({
    branch: { repositoryNameWithOwner: REPO, branchName: 'main' },
    expectedHeadOid: head,
    message: { headline: 'one', body: 'two\n\nThree: 3\n' },
    fileChanges: { additions: [{ path: 'a/two.txt', contents: base64('2\n') }], deletions: [{ path: 'a/one.txt' }] },
    ...more,
  })
  const commit = async (more: JsonObject = {}, query = MUTATION, as = ask) => {
    const { status, body, headers } = await as('POST', '/graphql', { query, variables: { input: inputOf(more) } })
    return { status, body, headers }
  }
  const errorOf = async (more: JsonObject = {}, query = MUTATION, as = ask) => {
    const { status, body } = await commit(more, query, as)
    expect(status).toBe(200)
    expect(await git(['rev-parse', 'main'], { cwd: dir })).toBe(head)
    const [error] = JSON.parse(JSON.stringify(body.errors ?? []))
    return error
  }

  it('makes one commit of the changes on the head, signed by GitHub, with the App as its author', async () => {
    const { status, body, headers } = await commit()
    expect([status, headers.get('x-ratelimit-resource')]).toEqual([200, 'graphql'])
    const [made, first] = await logOf(dir)
    expect(body).toMatchObject({
      data: { createCommitOnBranch: { commit: { oid: made?.id, file: { mode: 0o40000 } } } },
    })
    expect(made).toMatchObject({ parents: [first?.id], committer: 'GitHub <noreply@github.com>' })
    const text = await git(['cat-file', 'commit', 'main'], { cwd: dir })
    expect(text).toMatch(/\nauthor westage\[bot\] <\d+\+westage\[bot\]@users\.noreply\.github\.com> /)
    expect(text).toMatch(/\ngpgsig -----BEGIN/)
    expect(text).toMatch(/\n\none\n\ntwo\n\nThree: 3$/)
    expect([...(await filesAt(dir)).keys()]).toEqual(['README.md', 'a/run.sh', 'a/two.txt'])
    expect(await showFile(dir, 'a/two.txt')).toBe('2\n')
    await fsck(dir)
  })

  it('leaves what it is not told of as it is, and gives what it is told of mode 100644', async () => {
    const about = async () => (await filesAt(dir)).get('a/run.sh')?.split(' ')[0]
    await commit()
    expect(await about()).toBe('100755')
    head = await git(['rev-parse', 'main'], { cwd: dir })
    await commit({ fileChanges: { additions: [{ path: 'a/run.sh', contents: base64('y\n') }] } })
    expect(await about()).toBe('100644')
  })

  it('refuses another head as stale, in an answer whose status is 200', async () => {
    const expectedHeadOid = 'a'.repeat(40)
    expect(await errorOf({ expectedHeadOid })).toMatchObject({
      type: 'STALE_DATA',
      path: ['createCommitOnBranch'],
      message: `Expected branch to point to "${expectedHeadOid}" but it did not. Pull and try again.`,
    })
  })

  it('lets one of several at the same head win', async () => {
    const answers = await Promise.all([commit(), commit(), commit()])
    const types = answers.map(({ body }) => (body.errors === undefined ? 'made' : 'refused'))
    expect(types.sort()).toEqual(['made', 'refused', 'refused'])
    expect(await logOf(dir)).toHaveLength(2)
  })

  it('refuses who may not write contents, and does not show a repo that is not there', async () => {
    const reader = await askAsInstallation(github, REPO, { permissions: { contents: 'read' } })
    expect(await errorOf({}, MUTATION, reader)).toMatchObject({
      type: 'FORBIDDEN',
      message: 'Resource not accessible by integration',
    })
    const branch = { repositoryNameWithOwner: 'acme/nowhere', branchName: 'main' }
    expect(await errorOf({ branch })).toMatchObject({ type: 'NOT_FOUND' })
    const nobody = await askWith(github, {})('POST', '/graphql', { query: MUTATION })
    expect(nobody.status).toBe(401)
  })

  it('refuses a branch that is not there, or that changes by pull requests only', async () => {
    const branch = { repositoryNameWithOwner: REPO, branchName: 'other' }
    expect(await errorOf({ branch })).toMatchObject({ type: 'NOT_FOUND' })
    github.protectBranch(REPO, 'main', 'protection')
    expect(await errorOf()).toMatchObject({ type: 'BRANCH_PROTECTION_RULE_VIOLATION' })
    github.protectBranch(REPO, 'main', 'ruleset')
    expect((await errorOf()).message).toMatch(/rule violations found/)
  })

  for (const [what, fileChanges, said] of [
    ['a deletion of what is not there', { deletions: [{ path: 'a/none' }] }, /requested for deletion/],
    ['a path that is given twice', { additions: [{ path: 'x', contents: '' }], deletions: [{ path: 'x' }] }, /once/],
    ['a path with a slash in front', { additions: [{ path: '/x', contents: '' }] }, /not a path/],
    ['a path above the repo', { additions: [{ path: 'a/../../x', contents: '' }] }, /not a path/],
    [
      'a file that is a folder',
      {
        additions: [
          { path: 'x', contents: '' },
          { path: 'x/y', contents: '' },
        ],
      },
      /folder/,
    ],
    ['base64 without its padding', { additions: [{ path: 'x', contents: 'YQ' }] }, /base64/],
    ['a mode, which the API has no field for', { additions: [{ path: 'x', contents: '', mode: '100755' }] }, /"mode"/],
    ['a path that is no text', { additions: [{ path: 1, contents: '' }] }, /String cannot represent/],
  ] as const) {
    it(`refuses ${what}`, async () => {
      expect((await errorOf({ fileChanges: JSON.parse(JSON.stringify(fileChanges)) })).message).toMatch(said)
    })
  }

  it('refuses a query that its schema does not have, and a body without one', async () => {
    expect((await errorOf({}, MUTATION.replace('tree {', 'root {'))).message).toMatch(/Cannot query field "root"/)
    expect((await ask('POST', '/graphql', {})).status).toBe(400)
  })

  it('costs points of an hour of its own, and says so with 200 when there are none', async () => {
    for (let nth = 0; nth < 4; nth++) await ask('POST', '/graphql', { query: '{ rateLimit { remaining } }' })
    const { status, body, headers } = await commit()
    expect([status, headers.get('x-ratelimit-remaining')]).toEqual([200, '0'])
    expect(body).toMatchObject({ errors: [{ type: 'RATE_LIMITED' }] })
    expect((await ask('GET', `/repos/${REPO}`)).headers.get('x-ratelimit-remaining')).not.toBe('0')
  })
})
