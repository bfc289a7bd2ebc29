/** OpenSSH's ssh-keygen: keys of each kind that it makes, and what it says of signatures. */
import { execFile, execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Why tests that need it are skipped, null where it is here; in CI it has to be. */
export function sshKeygenIsMissing(): string | null {
  if (process.env.CI !== undefined) return null
  try {
    execFileSync('sh', ['-c', 'command -v ssh-keygen'], { stdio: 'ignore' })
    return null
  } catch {
    return 'skipped: ssh-keygen is not here (Debian: openssh-client)'
  }
}

/** What makes keys, by what they are called in tests. */
export const KEY_KINDS: Readonly<Record<string, readonly string[]>> = {
  Ed25519: ['-t', 'ed25519'],
  'ECDSA P-256': ['-t', 'ecdsa', '-b', '256'],
  'ECDSA P-384': ['-t', 'ecdsa', '-b', '384'],
  'ECDSA P-521': ['-t', 'ecdsa', '-b', '521'],
  'RSA 2048': ['-t', 'rsa', '-b', '2048'],
  'RSA 3072': ['-t', 'rsa', '-b', '3072'],
  'ECDSA P-256, PKCS#8': ['-t', 'ecdsa', '-b', '256', '-m', 'PKCS8'],
  'ECDSA P-384, SEC1': ['-t', 'ecdsa', '-b', '384', '-m', 'PEM'],
  'ECDSA P-521, SEC1': ['-t', 'ecdsa', '-b', '521', '-m', 'PEM'],
  'RSA 2048, PKCS#8': ['-t', 'rsa', '-b', '2048', '-m', 'PKCS8'],
  'RSA 2048, PKCS#1': ['-t', 'rsa', '-b', '2048', '-m', 'PEM'],
}

export interface MadeKey {
  /** The private key's file as text. */
  readonly text: string
  /** The public one's, without the comment. */
  readonly publicKey: string
  readonly fingerprint: string
}

/** @param passphrase encrypts it */
export const makeKey = (args: readonly string[], passphrase = ''): Promise<MadeKey> =>
  inFolder(async (folder) => {
    const file = join(folder, 'key')
    await run(['-q', '-N', passphrase, '-C', 'a comment', '-f', file, ...args])
    const publicLine = await readFile(`${file}.pub`, 'utf8')
    const [, fingerprint = ''] = (await run(['-l', '-f', `${file}.pub`])).split(' ')
    const publicKey = publicLine.split(' ').slice(0, 2).join(' ').trim()
    return { text: await readFile(file, 'utf8'), publicKey, fingerprint }
  })

/** A signature for git, as it makes it itself. */
export const signedByTool = (privateKey: string, message: Buffer): Promise<string> =>
  inFolder(async (folder) => {
    const file = join(folder, 'key')
    await writeFile(file, privateKey, { mode: 0o600 })
    return await run(['-Y', 'sign', '-q', '-n', 'git', '-f', file], message)
  })

/** @throws where the signature is not one of that message by that key, for git */
export const verifyByTool = (publicKey: string, message: Buffer, signature: string): Promise<string> =>
  inFolder(async (folder) => {
    const [signers, file] = [join(folder, 'signers'), join(folder, 'signature')]
    await writeFile(signers, `me@example.com ${publicKey}\n`)
    await writeFile(file, signature)
    return await run(['-Y', 'verify', '-n', 'git', '-I', 'me@example.com', '-f', signers, '-s', file], message)
  })

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'ssh-keygen-'))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function run(args: readonly string[], input: Buffer | string = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile('ssh-keygen', [...args], (error, stdout, stderr) => {
      if (error === null) resolve(stdout)
      else reject(new Error(`ssh-keygen ${args.join(' ')}: ${stderr || error.message}`, { cause: error }))
    })
    child.stdin?.on('error', () => {}) // one that ends before it has read everything says why by its exit code
    child.stdin?.end(input)
  })
}
