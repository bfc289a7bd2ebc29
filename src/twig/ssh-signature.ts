/** Signatures of commits by an SSH key, as `ssh-keygen -Y sign -n git` makes them (PROTOCOL.sshsig of OpenSSH). */
import { createHash, sign } from 'node:crypto'
import { parseSshKey, type SshKey } from './ssh-key.ts'
import { sshMpint, sshString, sshUint32 } from './ssh-wire.ts'

/** Armours a signature over a commit object's bytes. */
export type SignCommit = (commit: Buffer) => string

export interface SshSigner {
  readonly sign: SignCommit
  /** What a git host and a file of allowed signers take: `ssh-ed25519 AAAA…`. */
  readonly publicKey: string
  /** As `ssh-keygen -l` prints it: `SHA256:…`. */
  readonly fingerprint: string
}

const MAGIC = Buffer.from('SSHSIG')
const VERSION = 1
/** git documentation, gitformat-signature: what keeps a signature of something else from passing for a commit's. */
const NAMESPACE = 'git'
const HASH = 'sha512'
const ARMOUR_WIDTH = 70

/**
 * Signs in this process: no tool is run, and the key stays here.
 * @param privateKey a file's text, as `parseSshKey` takes it
 * @throws {UnusableKey}
 */
export function sshSignerOf(privateKey: string): SshSigner {
  const key = parseSshKey(privateKey)
  return {
    sign: (commit) => armoured(signatureOver(commit, key)),
    publicKey: `${key.kind} ${key.publicKey.toString('base64')}`,
    fingerprint: `SHA256:${createHash('sha256').update(key.publicKey).digest('base64').replace(/=+$/, '')}`,
  }
}

function signatureOver(message: Buffer, key: SshKey): Buffer {
  // Between them stands what is reserved, and empty.
  const about = [sshString(NAMESPACE), sshString(''), sshString(HASH)]
  const signed = Buffer.concat([MAGIC, ...about, sshString(createHash(HASH).update(message).digest())])
  const signature = Buffer.concat(rawSignatureOver(signed, key).map(sshString))
  return Buffer.concat([MAGIC, sshUint32(VERSION), sshString(key.publicKey), ...about, sshString(signature)])
}

/** The algorithm's name and the signature as it is carried beside that. */
function rawSignatureOver(content: Buffer, { kind, privateKey }: SshKey): readonly [string, Buffer] {
  switch (kind) {
    case 'ssh-ed25519': // RFC 8709, section 6
      return [kind, sign(null, content, privateKey)]
    case 'ssh-rsa': // RFC 8332, section 3; PROTOCOL.sshsig takes no SHA-1
      return ['rsa-sha2-512', sign('sha512', content, privateKey)]
    case 'ecdsa-sha2-nistp256':
      return [kind, curveSignature('sha256', content, privateKey)]
    case 'ecdsa-sha2-nistp384':
      return [kind, curveSignature('sha384', content, privateKey)]
    case 'ecdsa-sha2-nistp521':
      return [kind, curveSignature('sha512', content, privateKey)]
  }
}

/** RFC 5656, sections 3.1.2 and 6.2.1: both numbers, and the hash by the curve's size. */
function curveSignature(hash: string, content: Buffer, key: SshKey['privateKey']): Buffer {
  const both = sign(hash, content, { key, dsaEncoding: 'ieee-p1363' })
  const half = both.length / 2
  return Buffer.concat([sshMpint(both.subarray(0, half)), sshMpint(both.subarray(half))])
}

function armoured(signature: Buffer): string {
  const lines = signature.toString('base64').match(new RegExp(`.{1,${ARMOUR_WIDTH}}`, 'g')) ?? []
  return ['-----BEGIN SSH SIGNATURE-----', ...lines, '-----END SSH SIGNATURE-----', ''].join('\n')
}
