import { expect, it } from 'vitest'
import { Terminal } from '../../../src/domain/errors.ts'
import { logOf } from '../../servers/git-cli.ts'
import { connected } from '../github/connected.ts'
import { afterTest, changeOf, never, TEMPLATE, world } from './gitops-world.ts'

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

const GOOD = { username: 'x-access-token', password: 'good' }
const BAD = { username: 'x-access-token', password: 'bad' }

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
