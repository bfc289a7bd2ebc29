/** Commits that are pushed with a signature, as git and ssh-keygen judge them. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sshSignerOf } from '../../src/twig/ssh-signature.ts'
import { fsck, git, gitBytes, logOf } from '../servers/git-cli.ts'
import { startGitServer } from '../servers/git-server.ts'
import { KEY_KINDS, makeKey, sshKeygenIsMissing } from '../servers/ssh-keygen.ts'
import { afterTest, changeOf, never, open, pathOf } from './branches.ts'
import { ED25519_OF_RFC_8032 } from './private-keys.ts'

const missing = sshKeygenIsMissing()

const MESSAGES = [
  'shop #7: deploy 1234567\n\nWeStage-Preview: 1/7/shop\n',
  'no line end',
  'many line ends\n\n\n\n',
  '\n\nbegins with empty lines\n',
  '',
  'Grüße aus Köln, 日本語, \u{1f680}\n\nÉté\n',
  'half of a character: \ud83d\n',
  'Windows\r\n\r\nline ends\r\n',
  'a NUL \0 in it\n',
  'paragraphs\n\none\n\n\ntwo\n',
  'looks like a header\n\ngpgsig -----BEGIN SSH SIGNATURE-----\n AAAA\n -----END SSH SIGNATURE-----\n',
  'gpgsig first\n',
  ' begins with a space\n\ttab \n',
  'separators \u2028 and \u2029 of lines\n',
]

interface Here {
  readonly url: string
  readonly dir: string
  /** `git verify-commit` with this key, and no other, for the author's address. @throws where it does not pass */
  verify(commit: string, publicKey: string): Promise<string>
}

async function given(): Promise<Here> {
  const server = await startGitServer({ repositories: { gitops: { files: { 'README.md': '# Folders\n' } } } })
  afterTest(() => server.close())
  const folder = await mkdtemp(join(tmpdir(), 'signed-commits-'))
  afterTest(() => rm(folder, { recursive: true, force: true }))
  const dir = server.dir('gitops')
  return {
    url: server.url('gitops'),
    dir,
    async verify(commit, publicKey) {
      const signers = join(folder, 'allowed-signers')
      await writeFile(signers, `twig@example.com namespaces="git" ${publicKey}\n`)
      return await git(['-c', `gpg.ssh.allowedSignersFile=${signers}`, 'verify-commit', '--raw', commit], { cwd: dir })
    },
  }
}

/** The same commit with another byte in its message, as an object of the repo. */
async function withOtherMessage(dir: string, commit: string): Promise<string> {
  const content = await gitBytes(['cat-file', 'commit', commit], { cwd: dir })
  const other = Buffer.from(content)
  other[other.length - 2] = (other[other.length - 2] ?? 0) ^ 1
  return await git(['hash-object', '-w', '-t', 'commit', '--literally', '--stdin'], { cwd: dir, input: other })
}

describe.skipIf(missing !== null)(`a signed commit${missing === null ? '' : ` (${missing})`}`, () => {
  it.each(Object.entries(KEY_KINDS))('by %s passes git verify-commit, and fails it when changed', async (_, args) => {
    const { url, dir, verify } = await given()
    const key = await makeKey(args)
    const branch = open(url, { sign: sshSignerOf(key.text).sign })
    const { commit } = await branch.commit(changeOf('web', 'first'), never)
    await verify(commit, key.publicKey)
    await fsck(dir)
    await expect(verify(await withOtherMessage(dir, commit), key.publicKey)).rejects.toThrow()
    const stranger = await makeKey(['-t', 'ed25519'])
    await expect(verify(commit, stranger.publicKey)).rejects.toThrow()
  })

  it('is so whatever its message, those that share a push too', async () => {
    const { url, dir, verify } = await given()
    const { sign, publicKey } = sshSignerOf(ED25519_OF_RFC_8032)
    const branch = open(url, { sign })
    const committed = await Promise.all(
      MESSAGES.map((message, nth) => branch.commit({ ...changeOf(`f${nth}`, 'x'), message }, never)),
    )
    for (const { commit } of committed) await verify(commit, publicKey)
    await fsck(dir)
    expect((await logOf(dir)).length).toBe(1 + MESSAGES.length)
  })

  it('is signed anew on the tip that another writer left when a race was lost', async () => {
    const { url, dir, verify } = await given()
    const { sign, publicKey } = sshSignerOf(ED25519_OF_RFC_8032)
    const [branch, other] = [open(url, { sign }), open(url)]
    await branch.fresh(never)
    await other.commit(changeOf('theirs', 'x'), never)
    const { commit } = await branch.commit(changeOf('ours', 'x'), never)
    await verify(commit, publicKey)
    await fsck(dir)
  })

  it('by an author whose name git has to shorten is signed as it is written', async () => {
    const { url, dir, verify } = await given()
    const { sign, publicKey } = sshSignerOf(ED25519_OF_RFC_8032)
    const branch = open(url, { sign, author: { name: ' We<Stage>\n [bot] é', email: 'twig@example.com' } })
    const { commit } = await branch.commit(changeOf('web', 'x'), never)
    await verify(commit, publicKey)
    await fsck(dir)
  })
})

it('has what git itself puts into a commit: the same signature over the same bytes, in the same place', async () => {
  const { url, dir } = await given()
  const signer = sshSignerOf(ED25519_OF_RFC_8032)
  const branch = open(url, { sign: signer.sign })
  const { commit } = await branch.commit(changeOf('web', 'x'), never)
  const content = (await gitBytes(['cat-file', 'commit', commit], { cwd: dir })).toString()
  const [, before = '', header = '', message = ''] = /^(.*?\n)gpgsig (.*?)\n(\n.*)$/s.exec(content) ?? []
  expect(header.replaceAll('\n ', '\n')).toBe(signer.sign(Buffer.from(before + message)).trimEnd())
  expect(before).toMatch(/^tree \w+\nparent \w+\nauthor .*\ncommitter .*\n$/)
})

it('is read again with its message, which others’ signatures and headers do not change', async () => {
  const { url, dir } = await given()
  const branch = open(url, { sign: sshSignerOf(ED25519_OF_RFC_8032).sign })
  const message = 'web: first\n\n\none\n\n\ntwo\n'
  const { commit } = await branch.commit({ ...changeOf('web', 'first'), message }, never)
  const made = await branch.changeOf(await branch.fresh(never), pathOf('web'), never)
  expect(made).toMatchObject({ id: commit, message, committer: { name: 'Twig', email: 'twig@example.com' } })

  // A person's commit with what git writes for tags that were merged, and a name with characters that end lines elsewhere.
  const empty = await git(['mktree'], { cwd: dir })
  const theirs = [
    `tree ${empty}`,
    `parent ${commit}`,
    'author A\u2028tree x\rB <a@example.com> 1700000000 +0000',
    'committer A\u2028tree x\rB <a@example.com> 1700000000 +0000',
    'mergetag object 1234',
    ' parent 1234',
    ' ',
    ' committer Nobody <nobody@example.com> 1 +0000',
    'gpgsig -----BEGIN PGP SIGNATURE-----',
    ' ',
    ' tree of life',
    ' -----END PGP SIGNATURE-----',
    '',
    'Remove all\n\nparent of nothing\n',
  ].join('\n')
  const id = await git(['hash-object', '-w', '-t', 'commit', '--literally', '--stdin'], { cwd: dir, input: theirs })
  await git(['update-ref', 'refs/heads/main', id], { cwd: dir })
  const tip = await branch.fresh(never)
  expect(tip).toEqual({ commit: id, tree: empty })
  expect(await branch.changeOf(tip, pathOf('web'), never)).toMatchObject({
    id,
    parents: [commit],
    author: { name: 'A\u2028tree x\rB', email: 'a@example.com' },
    committer: { name: 'A\u2028tree x\rB', email: 'a@example.com' },
    message: 'Remove all\n\nparent of nothing\n',
  })
})
