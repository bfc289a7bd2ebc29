import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { graphqlUrlOf } from '../../../src/adapters/github/graphql.ts'
import { Suspended } from '../../../src/adapters/github/request-faults.ts'
import { NotReady, Terminal } from '../../../src/domain/errors.ts'
import type { NewCommit } from '../../../src/twig/commit-writer.ts'
import { filesAt, fsck, git, logOf, showFile } from '../../servers/git-cli.ts'
import { makeRepository } from '../../servers/git-repository.ts'
import { type Connected, connected } from './connected.ts'

const GITOPS = 'acme/previews'
const MESSAGE = 'shop #1: preview a1b2c3d\n\nBranch: feature\n\nWeStage-Preview: 1/1/shop\nHead-SHA: a1b2c3d\n'
const GRAPHQL = { method: 'POST', path: '/graphql' }
const never = new AbortController().signal

describe('a commit to the GitOps repo by GitHub’s API', () => {
  let world: Connected
  let dir: string
  let head: string
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'commit-on-branch-'))
    await makeRepository(dir, { files: { 'README.md': 'previews\n', 'previews/shop/pr-2/preview.yaml': 'sha: 2\n' } })
    head = await git(['rev-parse', 'main'], { cwd: dir })
    world = await connected({ pointsPerHour: 6 })
    world.github.addRepository(GITOPS, { 'README.md': 'previews' })
    world.github.keepIn(GITOPS, dir)
  })
  afterEach(async () => {
    await world.github.close()
    await rm(dir, { recursive: true, force: true })
  })

  const commitOf = (more: Partial<NewCommit> = {}): NewCommit => ({
    onto: head,
    additions: new Map([['previews/shop/pr-1/ü/a b.yaml', Buffer.from([0, 255, 10])]]),
    deletions: ['previews/shop/pr-2/preview.yaml'],
    message: MESSAGE,
    ...more,
  })
  const writer = (connection = world.connection) =>
    connection.commitOnBranch(`http://127.0.0.1:1/${GITOPS}.git`, 'main')
  const errorOf = (write = writer()) =>
    write(commitOf(), never).then(
      (outcome) => outcome,
      (thrown: unknown) => thrown,
    )
  const commits = async () => (await logOf(dir)).length

  it('is what was asked for, with its message, and signed by GitHub', async () => {
    const outcome = await writer()(commitOf(), never)
    const [made, first] = await logOf(dir)
    const tree = await git(['rev-parse', 'main^{tree}'], { cwd: dir })
    expect(outcome).toEqual({ kind: 'applied', tip: { commit: made?.id, tree } })
    expect([...(await filesAt(dir)).keys()]).toEqual(['README.md', 'previews/shop/pr-1/ü/a b.yaml'])
    expect(await git(['show', 'main:previews/shop/pr-1/ü/a b.yaml'], { cwd: dir })).toBe(
      Buffer.from([0, 255]).toString(),
    )
    expect(made).toMatchObject({ parents: [first?.id], message: MESSAGE.trimEnd() })
    expect(await git(['cat-file', 'commit', 'main'], { cwd: dir })).toMatch(/\ngpgsig /)
    await fsck(dir)
  })

  it('takes one request, and two more before the first one', async () => {
    const write = writer()
    await write(commitOf(), never)
    expect(world.asked()).toEqual([`GET /repos/${GITOPS}/installation`, 'POST /graphql'])
    await write(commitOf(), never)
    expect(world.asked()).toEqual(['POST /graphql'])
    expect(world.github.requests.filter(({ path }) => path.endsWith('/access_tokens'))).toHaveLength(1)
  })

  it('is not made where the branch has moved, by however many writers at once', async () => {
    const write = writer()
    const kinds = await Promise.all([1, 2, 3].map(async () => (await write(commitOf(), never)).kind))
    expect(kinds.sort()).toEqual(['applied', 'moved', 'moved'])
    expect(await commits()).toBe(2)
    expect((await write(commitOf(), never)).kind).toBe('moved')
  })

  it('is told apart from what may have been made: a lost reply, a 502, a connection that never was', async () => {
    world.github.fail(GRAPHQL, { kind: 'cut', when: 'after' })
    expect((await writer()(commitOf(), never)).kind).toBe('unknown')
    expect([await commits(), world.asked().filter((each) => each === 'POST /graphql').length]).toEqual([2, 1])
    head = await git(['rev-parse', 'main'], { cwd: dir })
    const rest = { deletions: [] }
    world.github.fail(GRAPHQL, { kind: 'status', status: 502 })
    expect((await writer()(commitOf(rest), never)).kind).toBe('unknown')
    world.github.fail(GRAPHQL, { kind: 'cut', when: 'before' })
    expect((await writer()(commitOf(rest), never)).kind).toBe('unknown')
    expect(world.asked().filter((each) => each === 'POST /graphql')).toHaveLength(2)
    expect(await commits()).toBe(2)
  })

  it('is not taken for done where GitHub says that something went wrong', async () => {
    for (const when of ['before', 'after'] as const) {
      world.github.fail(GRAPHQL, { kind: 'something wrong', when })
      expect((await writer()(commitOf(), never)).kind).toBe('unknown')
    }
    expect(await commits()).toBe(2)
  })

  it('is refused in GitHub’s own words where the branch is protected, or a path is not there', async () => {
    for (const by of ['protection', 'ruleset'] as const) {
      world.github.protectBranch(GITOPS, 'main', by)
      expect(await writer()(commitOf(), never)).toMatchObject({
        kind: 'rejected',
        words: [expect.stringContaining('Changes must be made through a pull request')],
      })
    }
    world.github.protectBranch(GITOPS, 'main', null)
    expect(await writer()(commitOf({ deletions: ['none'] }), never)).toMatchObject({ kind: 'rejected' })
    expect(await commits()).toBe(1)
  })

  it('ends with what the operator has to change where the App may not write, is not there, or was suspended', async () => {
    const write = writer()
    world.github.setPermissions('acme', { contents: 'read' })
    const forbidden = await errorOf(write)
    expect(forbidden).toBeInstanceOf(Terminal)
    expect(String(forbidden)).toMatch(/contents: write/)
    world.github.setPermissions('acme', { contents: 'write' })
    expect(await errorOf(write)).toMatchObject({ kind: 'applied' })
    head = await git(['rev-parse', 'main'], { cwd: dir })
    world.github.setPermissions('acme', { contents: 'read' })
    expect(String(await errorOf(write))).toMatch(/contents: write/)
    const elsewhere = world.connection.commitOnBranch('http://127.0.0.1/acme/nowhere', 'main')
    expect(String(await errorOf(elsewhere))).toMatch(/not installed/)
    world.github.suspend('acme')
    expect(await errorOf(write)).toBeInstanceOf(Suspended)
  })

  it('comes again with a new token where the old one was revoked', async () => {
    const write = writer()
    await write(commitOf(), never)
    head = await git(['rev-parse', 'main'], { cwd: dir })
    world.github.fail(GRAPHQL, { kind: 'status', status: 401, message: 'Bad credentials' })
    expect(await write(commitOf({ deletions: [], message: 'two' }), never)).toMatchObject({ kind: 'applied' })
    expect(await showFile(dir, 'README.md')).toBe('previews\n')
  })

  it('waits for its turn where the points of the hour are used up', async () => {
    const write = writer()
    for (let nth = 0; nth < 6; nth++) await write(commitOf(), never)
    const used = await errorOf(write)
    expect(used).toBeInstanceOf(NotReady)
    expect(used).toMatchObject({ message: expect.stringContaining('API rate limit exceeded') })
    const before = world.github.requests.length
    expect(await errorOf(write)).toBeInstanceOf(NotReady)
    expect(world.github.requests).toHaveLength(before)
  })

  it('is never sent to another host', () => {
    expect(() => world.connection.commitOnBranch('https://git.example/acme/previews', 'main')).toThrow(Terminal)
  })
})

describe('the address of GraphQL', () => {
  it('lies beside that of REST, on github.com and on an Enterprise Server', () => {
    expect(graphqlUrlOf('https://api.github.com')).toBe('https://api.github.com/graphql')
    expect(graphqlUrlOf('https://ghe.example/api/v3/')).toBe('https://ghe.example/api/graphql')
  })
})
