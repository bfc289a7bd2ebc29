import { generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseSshKey } from '../../src/twig/ssh-key.ts'
import { UnusableKey } from '../../src/twig/unusable-key.ts'
import { KEY_KINDS, makeKey, sshKeygenIsMissing } from '../servers/ssh-keygen.ts'
import { ED25519_OF_RFC_8032 } from './private-keys.ts'

const missing = sshKeygenIsMissing()
const why = missing === null ? '' : ` (${missing})`

/** What is wrong with it. Throws where nothing is, or what is thrown is anything but the one error. */
function faultOf(text: string): string {
  try {
    parseSshKey(text)
  } catch (error) {
    if (error instanceof UnusableKey) return error.message
    throw new Error('another error than UnusableKey', { cause: error })
  }
  throw new Error('it is taken')
}

const pem = (label: string, body = 'AAAA') => `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`
const PKCS8 = { type: 'pkcs8', format: 'pem' } as const
const made = {
  encrypted: generateKeyPairSync('ed25519', {
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { ...PKCS8, cipher: 'aes-256-cbc', passphrase: 'secret' },
  }),
  x25519: generateKeyPairSync('x25519').privateKey.export(PKCS8).toString(),
  ed448: generateKeyPairSync('ed448').privateKey.export(PKCS8).toString(),
  dsa: generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 }).privateKey.export(PKCS8).toString(),
  curve: generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey.export(PKCS8).toString(),
  pss: generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).privateKey.export(PKCS8).toString(),
  short: generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export(PKCS8).toString(),
}

describe('a key that can not be used is told with what it is and what to do', () => {
  it.each([
    ['nothing', ' \n', /^is empty$/],
    ['text', 'hunter2', /^is not a private key, as no line .* is in it: make one with ssh-keygen -t ed25519$/],
    ['a path', '/etc/westage/key', /^is not a private key/],
    ['a public key', `ssh-ed25519 ${'A'.repeat(60)} me`, /^is a public key: give the private one, .* without \.pub$/],
    ['a public key of a curve', 'ecdsa-sha2-nistp256 AAAA', /^is a public key/],
    ['a public key in PEM', made.encrypted.publicKey, /^is a public key/],
    ['a public key in the format of RFC 4716', '---- BEGIN SSH2 PUBLIC KEY ----\nAAAA\n', /^is a public key/],
    ['an encrypted one', made.encrypted.privateKey, /^is encrypted with a passphrase, .*ssh-keygen -p -N '' -f FILE$/],
    [
      'an encrypted one in an older format',
      pem('RSA PRIVATE KEY', 'Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA'),
      /^is encrypted with a passphrase/,
    ],
    ['PuTTY’s', 'PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n', /^is in PuTTY's format: puttygen FILE/],
    ['PGP’s', pem('PGP PRIVATE KEY BLOCK'), /^is a PGP key, and an SSH key is needed/],
    ['DSA', made.dsa, /^is a DSA key, which nobody takes any more: make one with/],
    ['DSA in an older format', pem('DSA PRIVATE KEY'), /^is a DSA key/],
    ['X25519', made.x25519, /^is of a kind that SSH signs nothing with/],
    ['Ed448', made.ed448, /^is of a kind that SSH signs nothing with/],
    ['RSA-PSS', made.pss, /^is of a kind that SSH signs nothing with/],
    ['another curve', made.curve, /^is on a curve that SSH has not .*P-256, P-384 and P-521/],
    ['a short RSA key', made.short, /^is an RSA key of 1024 bits, and 2048 are the least/],
    ['another format', pem('FOO PRIVATE KEY'), /^is in a format that is not known/],
    ['one without its last line', ED25519_OF_RFC_8032.slice(0, 60), /^has no last line .*: it is cut; give the whole/],
    ['one that is no base64', pem('PRIVATE KEY', '****'), /^is damaged or cut: give the whole file/],
    ['one without content', pem('OPENSSH PRIVATE KEY', ''), /^is damaged or cut/],
    ['a book', 'A'.repeat(100_000), /^is longer than any private key$/],
  ])('%s', (_, text, words) => {
    expect(faultOf(text)).toMatch(words)
  })

  it.skipIf(missing !== null)(`an encrypted one of OpenSSH’s${why}`, async () => {
    const { text } = await makeKey(['-t', 'ed25519'], 'a passphrase')
    expect(faultOf(text)).toMatch(/^is encrypted with a passphrase/)
  })

  it.each([
    ['a security key', 'sk-ssh-ed25519@openssh.com', /^is in a security key, which somebody has to touch/],
    ['DSA', 'ssh-dss', /^is a DSA key/],
    ['a kind of tomorrow', 'ssh-tomorrow', /^is of a kind that is not known: make one/],
  ])('%s in OpenSSH’s format', (_, kind, words) => {
    expect(faultOf(openSshFile(kind))).toMatch(words)
  })
})

/** OpenSSH's format with the name of a kind, and nothing after it. */
function openSshFile(kind: string): string {
  const string = (content: Buffer | string) => {
    const bytes = Buffer.from(content)
    return Buffer.concat([number(bytes.length), bytes])
  }
  const number = (value: number) => Buffer.of(0, 0, value >> 8, value & 0xff)
  const secret = Buffer.concat([number(7), number(7), string(kind)])
  const outer = [string('none'), string('none'), string(''), number(1), string(string(kind)), string(secret)]
  const content = Buffer.concat([Buffer.from('openssh-key-v1\0'), ...outer])
  return pem('OPENSSH PRIVATE KEY', content.toString('base64'))
}

describe.skipIf(missing !== null)(`a key that was mangled${why}`, () => {
  const runs = { numRuns: 150 }

  /** Either it is refused by the one error, which holds nothing of the key, or it is taken. */
  const isSafe = (text: string, original: string): string | null => {
    try {
      return parseSshKey(text).publicKey.toString('base64')
    } catch (error) {
      if (!(error instanceof UnusableKey)) throw error
      expect(error.cause).toBeUndefined()
      const said = `${error.message} ${error.stack}`
      for (const line of [...bodyOf(original), ...bodyOf(text)]) {
        if (line.length >= 8) expect(said).not.toContain(line.slice(0, 8))
      }
      return null
    }
  }
  const bodyOf = (text: string) => text.split('\n').filter((line) => !line.includes('----'))

  it.each(Object.entries(KEY_KINDS))('%s: as text', { timeout: 60_000 }, async (_, args) => {
    const { text } = await makeKey(args)
    const at = fc.nat({ max: text.length })
    fc.assert(
      fc.property(at, at, fc.string({ unit: 'binary', maxLength: 20 }), (from, to, put) => {
        isSafe(`${text.slice(0, from)}${put}${text.slice(to)}`, text)
      }),
      runs,
    )
  })

  it.each(Object.entries(KEY_KINDS))('%s: as the bytes in it', { timeout: 60_000 }, async (kind, args) => {
    const { text, publicKey } = await makeKey(args)
    const label = /BEGIN (.*)-----/.exec(text)?.[1] ?? ''
    const content = Buffer.from(bodyOf(text).join(''), 'base64')
    const isOpenSsh = label === 'OPENSSH PRIVATE KEY'
    fc.assert(
      fc.property(fc.nat({ max: content.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const other = Buffer.from(content)
        other[at] = (other[at] ?? 0) ^ flip
        const taken = isSafe(pem(label, other.toString('base64')), text)
        // The comment may be another. What signs may not: the file has the public key twice.
        if (isOpenSsh && taken !== null) expect(`${kind} ${taken}`).toBe(`${kind} ${publicKey.split(' ')[1]}`)
      }),
      runs,
    )
    for (let length = 0; length < content.length; length += Math.ceil(content.length / 100)) {
      expect(isSafe(pem(label, content.subarray(0, length).toString('base64')), text)).toBeNull()
    }
  })

  it('whatever stands between the lines of a key', () => {
    const labels = fc.constantFrom('OPENSSH PRIVATE KEY', 'PRIVATE KEY', 'RSA PRIVATE KEY', 'EC PRIVATE KEY')
    fc.assert(
      fc.property(labels, fc.uint8Array({ maxLength: 300 }), (label, bytes) => {
        const start = label.startsWith('OPENSSH') ? 'openssh-key-v1\0' : ''
        const text = pem(label, Buffer.concat([Buffer.from(start), bytes]).toString('base64'))
        expect(isSafe(text, text)).toBeNull()
      }),
      { numRuns: 1000 },
    )
  })
})
