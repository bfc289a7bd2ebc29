/** A private key that SSH signatures are made with, from its file's text. */
import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { parseOpenSshPrivateKey } from './openssh-private-key.ts'
import { sshMpint, sshString } from './ssh-wire.ts'
import { dsaKey, encryptedKey, MAKE_ONE, UnusableKey } from './unusable-key.ts'

export interface SshKey {
  readonly kind: SshKeyKind
  readonly privateKey: KeyObject
  /** As SSH carries it (RFC 4253, section 6.6; RFC 5656, section 3.1; RFC 8709, section 4). */
  readonly publicKey: Buffer
}

type SshKeyKind = 'ssh-ed25519' | 'ecdsa-sha2-nistp256' | 'ecdsa-sha2-nistp384' | 'ecdsa-sha2-nistp521' | 'ssh-rsa'

/** An RSA key of 16384 bits, the longest that OpenSSH makes, takes 13 KB. */
const TEXT_MAX = 64 * 1024
const RSA_MIN_BITS = 2048
const RSA_MAX_BITS = 16384

/** What a PEM file holds, by the words of its first line (RFC 7468; OpenSSL's documentation of PEM_read_bio_PrivateKey). */
const PEM_TYPES: ReadonlyMap<string, 'pkcs8' | 'pkcs1' | 'sec1'> = new Map([
  ['PRIVATE KEY', 'pkcs8'],
  ['RSA PRIVATE KEY', 'pkcs1'],
  ['EC PRIVATE KEY', 'sec1'],
])

/**
 * @param text of a file in OpenSSH's own format, or PEM (PKCS#8, PKCS#1, SEC1); Ed25519, ECDSA or RSA, not encrypted
 * @throws {UnusableKey} and nothing else
 */
export function parseSshKey(text: string): SshKey {
  const found = framed(text)
  try {
    const { key, publicKey } = decoded(found)
    const parsed = { ...publicKeyOf(key), privateKey: key }
    if (publicKey !== null && !publicKey.equals(parsed.publicKey)) throw new Error('its two halves differ')
    const hash = key.asymmetricKeyType === 'ed25519' ? null : 'sha512'
    const probe = Buffer.from('a probe')
    if (!verify(hash, probe, createPublicKey(key), sign(hash, probe, key))) throw new Error('its two halves differ')
    return parsed
  } catch (error) {
    if (error instanceof UnusableKey) throw error
    // Without the cause: nobody says that a parser's words hold nothing of what it read.
    throw new UnusableKey('is damaged or cut: give the whole file, as ssh-keygen or openssl wrote it')
  }
}

interface Framed {
  readonly label: string
  /** Between the first line and the last. */
  readonly body: string
}

function framed(text: string): Framed {
  if (text.length > TEXT_MAX) throw new UnusableKey('is longer than any private key')
  const begin = /-----BEGIN ((?:[A-Z0-9]{1,12} ){0,2}PRIVATE KEY)-----/.exec(text)
  if (begin === null) throw notPrivate(text)
  const [line, label = ''] = begin
  const rest = text.slice(begin.index + line.length)
  const end = rest.indexOf(`-----END ${label}-----`)
  if (end < 0) throw new UnusableKey('has no last line -----END … PRIVATE KEY-----: it is cut; give the whole file')
  return { label, body: rest.slice(0, end) }
}

function notPrivate(text: string): UnusableKey {
  if (text.trim() === '') return new UnusableKey('is empty')
  if (/^\s*(?:ssh-|ecdsa-|sk-)|-----? ?BEGIN [A-Z0-9 ]{0,30}PUBLIC KEY/.test(text)) {
    return new UnusableKey('is a public key: give the private one, which ssh-keygen writes to the file without .pub')
  }
  if (/^\s*PuTTY-User-Key-File/.test(text)) {
    return new UnusableKey("is in PuTTY's format: puttygen FILE -O private-openssh-new -o NEW makes OpenSSH's of it")
  }
  if (text.includes('-----BEGIN PGP PRIVATE KEY BLOCK-----')) {
    return new UnusableKey(`is a PGP key, and an SSH key is needed: ${MAKE_ONE}`)
  }
  return new UnusableKey(`is not a private key, as no line -----BEGIN … PRIVATE KEY----- is in it: ${MAKE_ONE}`)
}

function decoded({ label, body }: Framed): { readonly key: KeyObject; readonly publicKey: Buffer | null } {
  // RFC 1421, section 4.6.1.1: so OpenSSL's older formats say it.
  if (label === 'ENCRYPTED PRIVATE KEY' || body.includes('Proc-Type: 4,ENCRYPTED')) {
    throw encryptedKey()
  }
  if (label === 'DSA PRIVATE KEY') throw dsaKey()
  const base64 = body.replace(/\s/g, '')
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) throw new Error('it is not base64')
  const content = Buffer.from(base64, 'base64')
  if (label === 'OPENSSH PRIVATE KEY') return parseOpenSshPrivateKey(content)
  const type = PEM_TYPES.get(label)
  if (type === undefined) throw new UnusableKey(`is in a format that is not known: ${MAKE_ONE}`)
  return { key: createPrivateKey({ key: content, format: 'der', type }), publicKey: null }
}

function publicKeyOf(key: KeyObject): Pick<SshKey, 'kind' | 'publicKey'> {
  switch (key.asymmetricKeyType) {
    case 'ed25519': {
      const { x } = createPublicKey(key).export({ format: 'jwk' })
      return { kind: 'ssh-ed25519', publicKey: Buffer.concat([sshString('ssh-ed25519'), sshString(bytesOf(x))]) }
    }
    case 'ec':
      return curveKeyOf(key)
    case 'rsa':
      return rsaKeyOf(key)
    case 'dsa':
      throw dsaKey()
    default:
      throw new UnusableKey(`is of a kind that SSH signs nothing with: ${MAKE_ONE}`)
  }
}

function curveKeyOf(key: KeyObject): Pick<SshKey, 'kind' | 'publicKey'> {
  const curve = sshCurveOf(key.asymmetricKeyDetails?.namedCurve)
  const { x, y } = createPublicKey(key).export({ format: 'jwk' })
  const point = Buffer.concat([Buffer.of(4), bytesOf(x), bytesOf(y)]) // SEC 1, section 2.3.3
  const kind = `ecdsa-sha2-${curve}` as const
  return { kind, publicKey: Buffer.concat([sshString(kind), sshString(curve), sshString(point)]) }
}

/** @param name OpenSSL's of a curve */
function sshCurveOf(name: string | undefined): 'nistp256' | 'nistp384' | 'nistp521' {
  switch (name) {
    case 'prime256v1':
      return 'nistp256'
    case 'secp384r1':
      return 'nistp384'
    case 'secp521r1':
      return 'nistp521'
    default:
      throw new UnusableKey(`is on a curve that SSH has not (of ECDSA's it has P-256, P-384 and P-521): ${MAKE_ONE}`)
  }
}

function rsaKeyOf(key: KeyObject): Pick<SshKey, 'kind' | 'publicKey'> {
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
  if (bits < RSA_MIN_BITS) {
    throw new UnusableKey(`is an RSA key of ${bits} bits, and ${RSA_MIN_BITS} are the least: ${MAKE_ONE}`)
  }
  if (bits > RSA_MAX_BITS) {
    throw new UnusableKey(`is an RSA key of ${bits} bits, and ${RSA_MAX_BITS} are the most: ${MAKE_ONE}`)
  }
  const { e, n } = createPublicKey(key).export({ format: 'jwk' })
  const publicKey = Buffer.concat([sshString('ssh-rsa'), sshMpint(bytesOf(e)), sshMpint(bytesOf(n))])
  return { kind: 'ssh-rsa', publicKey }
}

const bytesOf = (base64Url: string | undefined): Buffer => Buffer.from(base64Url ?? '', 'base64url')
