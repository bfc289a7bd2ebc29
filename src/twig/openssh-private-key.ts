/** OpenSSH's own format of private keys (PROTOCOL.key of OpenSSH; what stands in it of a key: PROTOCOL.agent, RFC 8709). */
import { createPrivateKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import { openSshReader, type SshReader } from './ssh-wire.ts'
import { dsaKey, encryptedKey, MAKE_ONE, UnusableKey } from './unusable-key.ts'

export interface OpenSshPrivateKey {
  readonly key: KeyObject
  /** The public key as the file has it, which need not be this private key's. */
  readonly publicKey: Buffer
}

const MAGIC = 'openssh-key-v1\0'

/**
 * @param content what stands between the lines BEGIN and END, without base64
 * @throws {UnusableKey} it is encrypted, or of a kind that cannot sign here
 * @throws any other error where it is damaged
 */
export function parseOpenSshPrivateKey(content: Buffer): OpenSshPrivateKey {
  if (content.subarray(0, MAGIC.length).toString('latin1') !== MAGIC) throw new Error('it does not begin as one')
  const outer = openSshReader(content.subarray(MAGIC.length))
  const [cipher, derivation] = [outer.string(), outer.string()].map((name) => name.toString('latin1'))
  outer.string() // what the key of the cipher is derived with
  if (outer.uint32() !== 1) throw new Error('it is not one key')
  const publicKey = outer.string()
  const secret = outer.string()
  if (outer.rest().length > 0) throw new Error('something follows')
  if (cipher !== 'none' || derivation !== 'none') throw encryptedKey()
  const inner = openSshReader(secret)
  const check = inner.uint32()
  if (inner.uint32() !== check) throw new Error('its two check numbers differ')
  const key = createPrivateKey({ key: jwkOf(inner.string().toString('latin1'), inner), format: 'jwk' })
  inner.string() // the comment
  if (inner.rest().some((byte, at) => byte !== at + 1)) throw new Error('it is not filled up as it should be')
  return { key, publicKey }
}

/** What node:crypto takes (RFC 7517, 7518, 8037). @param fields stand after the kind's name */
function jwkOf(kind: string, fields: SshReader): JsonWebKey {
  switch (kind) {
    case 'ssh-ed25519': {
      const publicKey = fields.string()
      // RFC 8032, section 5.1.5: the seed; OpenSSH writes the public key behind it once more.
      const seed = fields.string().subarray(0, 32)
      return { kty: 'OKP', crv: 'Ed25519', x: base64Url(publicKey), d: base64Url(seed) }
    }
    case 'ecdsa-sha2-nistp256':
      return curveJwkOf('P-256', 32, fields)
    case 'ecdsa-sha2-nistp384':
      return curveJwkOf('P-384', 48, fields)
    case 'ecdsa-sha2-nistp521':
      return curveJwkOf('P-521', 66, fields)
    case 'ssh-rsa':
      return rsaJwkOf(fields)
    case 'ssh-dss':
      throw dsaKey()
    case 'sk-ssh-ed25519@openssh.com':
    case 'sk-ecdsa-sha2-nistp256@openssh.com':
      throw new UnusableKey(`is in a security key, which somebody has to touch: ${MAKE_ONE}`)
    default: // not named: in a damaged file that may be anything, the key too
      throw new UnusableKey(`is of a kind that is not known: ${MAKE_ONE}`)
  }
}

function curveJwkOf(crv: string, coordinateBytes: number, fields: SshReader): JsonWebKey {
  fields.string() // the curve's name once more
  const point = fields.string()
  const scalar = fields.mpint()
  // SEC 1, section 2.3.3: 4 is for a point with both of its coordinates.
  if (point[0] !== 4 || point.length !== 1 + 2 * coordinateBytes) throw new Error('its point is none')
  if (scalar.length > coordinateBytes) throw new Error('its number is too big')
  return {
    kty: 'EC',
    crv,
    x: base64Url(point.subarray(1, 1 + coordinateBytes)),
    y: base64Url(point.subarray(1 + coordinateBytes)),
    d: base64Url(Buffer.concat([Buffer.alloc(coordinateBytes - scalar.length), scalar])),
  }
}

function rsaJwkOf(fields: SshReader): JsonWebKey {
  const [n, e, d, qi, p, q] = [
    fields.mpint(),
    fields.mpint(),
    fields.mpint(),
    fields.mpint(),
    fields.mpint(),
    fields.mpint(),
  ]
  const exponentBelow = (prime: Buffer) => base64Url(bytesOf(numberOf(d) % (numberOf(prime) - 1n)))
  return {
    kty: 'RSA',
    n: base64Url(n),
    e: base64Url(e),
    d: base64Url(d),
    p: base64Url(p),
    q: base64Url(q),
    dp: exponentBelow(p),
    dq: exponentBelow(q),
    qi: base64Url(qi),
  }
}

const base64Url = (bytes: Buffer): string => bytes.toString('base64url')

const numberOf = (bytes: Buffer): bigint => BigInt(`0x${bytes.toString('hex')}`)

function bytesOf(number: bigint): Buffer {
  const hex = number.toString(16)
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
}
