/** An instance with an SSH key signs every commit that it pushes. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { git } from '../servers/git-cli.ts'
import { KEY_KINDS, makeKey, sshKeygenIsMissing } from '../servers/ssh-keygen.ts'
import { type Given, givenInstance, REPO } from './given.ts'

const missing = sshKeygenIsMissing()

let here: Given
const folders: string[] = []
afterEach(async () => {
  await here?.close()
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
})

const PREVIEW = 'previews/shop/pr-1/preview.yaml'

describe.skipIf(missing !== null)(`with a signing key${missing === null ? '' : ` (${missing})`}`, () => {
  // Of the kinds it is RSA whose file has lines of the public key in it.
  it.each(['Ed25519', 'RSA 2048'])(
    '%s: each commit passes git verify-commit, and operators are told the public key',
    async (kind) => {
      const key = await makeKey(KEY_KINDS[kind] ?? [])
      const author = { name: 'your-app', email: 'previews@example.com' }
      here = await givenInstance({
        secrets: { WESTAGE_GITOPS_SIGNING_KEY: key.text },
        settings: { gitops: { author } },
      })
      const told = JSON.stringify({ publicKey: key.publicKey, fingerprint: key.fingerprint })
      expect(here.logged).toContain(`info commits are signed ${told}`)

      const pull = here.openPull('feat/pay')
      await here.live(pull)
      here.github.push(REPO, pull, { 'site/index.html': 'two' })
      await here.live(pull)
      here.github.unlabel(REPO, pull, 'westage')
      await here.until(async () => expect(await here.file(PREVIEW)).toBeNull())

      const folder = await mkdtemp(join(tmpdir(), 'allowed-signers-'))
      folders.push(folder)
      const signers = join(folder, 'allowed-signers')
      await writeFile(signers, `${author.email} ${key.publicKey}\n`)
      const log = await here.commits()
      expect(log.length).toBe(4)
      for (const { id } of log.slice(0, -1)) {
        await git(['-c', `gpg.ssh.allowedSignersFile=${signers}`, 'verify-commit', id], { cwd: here.gitDir })
      }
      const secretLines = key.text.split('\n').filter((line) => line.length > 60 && !key.publicKey.includes(line))
      expect(secretLines.length).toBeGreaterThan(0)
      for (const line of here.logged) for (const secret of secretLines) expect(line).not.toContain(secret)
    },
  )
})
