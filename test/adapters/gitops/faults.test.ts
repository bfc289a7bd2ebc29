import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { Terminal } from '../../../src/domain/errors.ts'
import { logOf } from '../../servers/git-cli.ts'
import type { Fault } from '../../servers/git-server.ts'
import { connected } from '../github/connected.ts'
import { afterTest, changeOf, folderOf, never, TEMPLATE, world } from './gitops-world.ts'

it('throws what is retried, never less than all, while the server is down or cuts its answers', async () => {
  const { open, server } = await world()
  const branch = open()
  const faults: Fault[] = [
    { kind: 'status', status: 503 },
    { kind: 'drop' },
    { kind: 'lose-reply' },
    { kind: 'cut', afterBytes: 30 },
  ]
  for (const fault of faults) {
    server.inject('upload-pack', fault)
    const failed = branch.folders(never)
    await expect(failed).rejects.toThrow()
    await expect(failed).rejects.not.toBeInstanceOf(Terminal)
  }
  server.inject('upload-pack', { kind: 'delay', ms: 0 }, { kind: 'cut', afterBytes: 200 }) // in the middle of the pack
  await expect(branch.folders(never)).rejects.toThrow()
  expect(await branch.folders(never)).toEqual([])
  await server.close()
  const down = branch.commit(changeOf(1, 'aaa', null), never)
  await expect(down).rejects.toThrow(/ECONNREFUSED/)
  await expect(down).rejects.not.toBeInstanceOf(Terminal)
})

it.each([
  ['a hook', 'No, said the hook.', 'let WeStage write to the branch'],
  ["GitHub's protected branch", 'error: GH006: Protected branch update failed for main.', 'bypass list of that rule'],
  ["GitHub's rule on signatures", '- Commits must have verified signatures.', 'gitops.write'],
  [
    "GitLab's protected branch",
    'GitLab: You are not allowed to push code to protected branches on this project.',
    'those who may push to the protected branch',
  ],
])(
  "tells the operator, in the server's own words and with what to change, that %s refuses the push",
  async (_, words, advice) => {
    const { open, dir, server } = await world()
    const branch = open()
    await server.hook('gitops', 'pre-receive', `echo "${words}" >&2; exit 1`)
    const refused = branch.commit(changeOf(1, 'aaa', null), never)
    await expect(refused).rejects.toMatchObject({
      name: 'Terminal',
      whose: 'operator',
      message: expect.stringMatching(`pre-receive hook declined.*${advice}`),
      details: [words],
    })
    expect(await logOf(dir)).toHaveLength(1)
    await server.hook('gitops', 'pre-receive', null)
    expect(await branch.commit(changeOf(1, 'aaa', null), never)).toMatchObject({ changed: true })
  },
)

it('does not let one change that a hook refuses hold up those that waited with it', async () => {
  const { open, dir, server, check } = await world()
  const branch = open()
  const script = `while read old new ref; do git ls-tree -r --name-only $new | grep -q ${folderOf(2)}/ && echo no >&2 && exit 1; done; exit 0`
  await server.hook('gitops', 'pre-receive', script)
  const done = await Promise.allSettled([1, 2, 3].map((pull) => branch.commit(changeOf(pull, 'aaa', null), never)))
  expect(done).toMatchObject([
    { status: 'fulfilled', value: { changed: true } },
    { status: 'rejected', reason: { name: 'Terminal', details: ['no'] } },
    { status: 'fulfilled', value: { changed: true } },
  ])
  expect(await logOf(dir)).toHaveLength(3)
  await check()
})

it('tries again where another push holds the lock of the branch for a moment', async () => {
  const { open, dir, server } = await world()
  await server.hook('gitops', 'pre-receive', 'test -e tried || { touch tried; touch refs/heads/main.lock; }')
  const lines: string[] = []
  const branch = open({
    log: (line) => {
      lines.push(line)
      if (lines.length === 1) rmSync(join(dir, 'refs/heads/main.lock')) // the first push has been answered
    },
  })
  expect(await branch.commit(changeOf(1, 'aaa', null), never)).toMatchObject({ changed: true })
  expect(lines[0]).toMatch(/did not go through/)
  expect(await logOf(dir)).toHaveLength(2)
})

const GOOD = { username: 'x-access-token', password: 'good' }
const BAD = { username: 'x-access-token', password: 'bad' }

it('asks for a token again when the one that it has has ended', async () => {
  const { open, server, check } = await world({ credentials: GOOD })
  let current = GOOD
  const branch = open({ credentials: async () => current })
  await branch.commit(changeOf(1, 'aaa', null), never)
  // It ends between the request for it and its use: the first answer to that is 401.
  const next = { ...GOOD, password: 'next' }
  let asked = 0
  const late = open({
    credentials: async () => {
      asked += 1
      return asked === 1 ? GOOD : next
    },
  })
  server.accept(next)
  current = next
  expect(await late.commit(changeOf(2, 'aaa', null), never)).toMatchObject({ changed: true })
  expect(await branch.folders(never)).toHaveLength(2)
  await check()
})

it("goes on with a token of GitHub's that was revoked before its time", async () => {
  const { open, server, check } = await world({ repository: 'acme/gitops' })
  const { github, connection } = await connected()
  afterTest(() => github.close())
  github.addRepository('acme/gitops', { 'README.md': 'previews' })
  server.accept(({ password }) => github.isTokenGranted(password, 'acme/gitops', 'contents', 'write'))
  const credentials = connection.gitCredentials(server.url('acme/gitops'))
  const branch = open({ credentials })
  await branch.commit(changeOf(1, 'aaa', null), never)
  github.revokeToken((await credentials()).password)
  expect(await branch.folders(never)).toHaveLength(1)
  github.revokeToken((await credentials()).password)
  expect(await branch.commit(changeOf(2, 'aaa', null), never)).toMatchObject({ changed: true })
  await check()
})

it('sends its credentials at once, so that no request is answered 401', async () => {
  const { open, server } = await world({ credentials: GOOD })
  await open({ credentials: async () => GOOD }).commit(changeOf(1, 'aaa', null), never)
  expect(server.requests().length).toBe(4)
  expect(server.requests().every(({ authorization }) => authorization !== null)).toBe(true)
})

it.each([
  ['are wrong', BAD, /renew the token/],
  ['are missing', null, /wants credentials/],
])('tells the operator what to do where the credentials %s, and never shows them', async (_, credentials, words) => {
  const { open } = await world({ credentials: GOOD })
  const lines: string[] = []
  const branch = open({
    credentials: credentials === null ? null : async () => credentials,
    log: (line) => lines.push(line),
  })
  const failed = await branch.folders(never).catch((error: unknown) => error)
  expect(failed).toBeInstanceOf(Terminal)
  expect(failed).toMatchObject({ whose: 'operator', message: expect.stringMatching(words) })
  expect(JSON.stringify([lines, String(failed)])).not.toContain('bad')
})

it.each([
  ['may read but not write', 403, /does not permit writing.*contents: write/],
  ['is not allowed to see the repo', 404, /check gitops.url/],
])('tells the operator where the token %s', async (_, status, words) => {
  const { open, server } = await world()
  const branch = open()
  await branch.folders(never)
  server.inject('receive-pack', { kind: 'status', status, text: 'Permission denied to westage[bot].' })
  const refused = branch.commit(changeOf(1, 'aaa', null), never)
  await expect(refused).rejects.toMatchObject({
    whose: 'operator',
    message: expect.stringMatching(words),
    details: ['Permission denied to westage[bot].'],
  })
})

it('refuses an address with credentials in it, and one that is no git repo', async () => {
  const { open, server } = await world({ files: TEMPLATE })
  expect(() => open({ url: 'https://user:secret@git.example.com/gitops.git' })).toThrow(Terminal)
  const elsewhere = open({ url: `${new URL(server.url('gitops')).origin}/nothing.git` })
  await expect(elsewhere.folders(never)).rejects.toBeInstanceOf(Terminal)
})
