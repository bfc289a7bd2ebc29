import { createPublicKey, generateKeyPairSync, type KeyObject, verify } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { sshSignerOf } from '../../src/twig/ssh-signature.ts'
import { KEY_KINDS, makeKey, signedByTool, sshKeygenIsMissing, verifyByTool } from '../servers/ssh-keygen.ts'
import { ED25519_OF_RFC_8032 } from './private-keys.ts'

const missing = sshKeygenIsMissing()
const MESSAGES = [
  'tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n\nA commit\n',
  '',
  '\n\n',
  'Grüße \u{1f33f}\r\n\0',
].map((text) => Buffer.from(text))

describe('a signature by the key of RFC 8032, section 7.1, test 1', () => {
  const signer = sshSignerOf(ED25519_OF_RFC_8032)
  const armoured = signer.sign(Buffer.from('tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n'))

  it('is always the same', () => {
    expect(armoured).toBe(
      [
        '-----BEGIN SSH SIGNATURE-----',
        'U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAg11qYAYKxCrfVS/7TyWQHOg7hcv',
        'PapiMlrwIaaPcHURoAAAADZ2l0AAAAAAAAAAZzaGE1MTIAAABTAAAAC3NzaC1lZDI1NTE5',
        'AAAAQIkOaFQ6W+rL7ODWsR/i33+e2qph2uXq/vCbSZYn0pJbpCvt2ny7NMeRulIoeTyzlD',
        'PS5mAyghe4KuOMaZgYow4=',
        '-----END SSH SIGNATURE-----',
        '',
      ].join('\n'),
    )
  })

  it('holds a signature by that key over what PROTOCOL.sshsig says', () => {
    const publicKey = createPublicKey({
      key: Buffer.from(
        `302a300506032b6570032100${'d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'}`,
        'hex',
      ),
      format: 'der',
      type: 'spki',
    })
    // `printf 'tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n' | sha512sum`
    const hash =
      '43f99131d779ca59796636caf23fd6e192a5816e474f65002dca95652a6d7079bacfce892da9920a7b54a72dd8eec52c001073b110d71e82f04df9d250a7d565'
    const signed = Buffer.concat([
      Buffer.from('SSHSIG\0\0\0\x03git\0\0\0\0\0\0\0\x06sha512\0\0\0\x40', 'latin1'),
      Buffer.from(hash, 'hex'),
    ])
    const blob = Buffer.from(armoured.split('\n').slice(1, -2).join(''), 'base64')
    expect(verify(null, signed, publicKey, blob.subarray(-64))).toBe(true)
  })

  it('comes with what people and git hosts know the key by', () => {
    expect(signer.publicKey).toBe('ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea')
    expect(signer.fingerprint).toBe('SHA256:bbXpuKG6zhzdmnxq256TlqzFBzRl2f6OOg722cYNbU8')
  })
})

describe.skipIf(missing !== null)(`what ssh-keygen makes of it${missing === null ? '' : ` (${missing})`}`, () => {
  it.each(Object.entries(KEY_KINDS))('%s: the key is known and the signature is good', async (_, args) => {
    const key = await makeKey(args)
    const signer = sshSignerOf(key.text)
    expect(signer.publicKey).toBe(key.publicKey)
    expect(signer.fingerprint).toBe(key.fingerprint)
    for (const message of MESSAGES) {
      const signature = signer.sign(message)
      await verifyByTool(key.publicKey, message, signature)
      await expect(verifyByTool(key.publicKey, Buffer.concat([message, Buffer.of(32)]), signature)).rejects.toThrow()
    }
  })

  it.each(['Ed25519', 'RSA 3072'])('%s: byte for byte its own signature', async (kind) => {
    const key = await makeKey(KEY_KINDS[kind] ?? [])
    const { sign } = sshSignerOf(key.text)
    for (const message of MESSAGES) expect(sign(message)).toBe(await signedByTool(key.text, message))
  })

  const byOpenSsl = (privateKey: KeyObject, type: 'pkcs8' | 'sec1') =>
    privateKey.export({ format: 'pem', type }).toString()
  it.each([
    ['Ed25519, PKCS#8', () => byOpenSsl(generateKeyPairSync('ed25519').privateKey, 'pkcs8')],
    ['P-256, SEC1', () => byOpenSsl(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey, 'sec1')],
    ['P-521, PKCS#8', () => byOpenSsl(generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey, 'pkcs8')],
  ])('%s, made by OpenSSL: the signature is good', async (_, make) => {
    const signer = sshSignerOf(make())
    for (const message of MESSAGES) await verifyByTool(signer.publicKey, message, signer.sign(message))
  })

  // About one number in 256 begins with a zero byte, and one in two with a bit that would make it negative.
  it('ECDSA: numbers that begin with zeros or a high bit are written as it reads them', {
    timeout: 60_000,
  }, async () => {
    const signer = sshSignerOf(byOpenSsl(generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey, 'sec1'))
    for (let nth = 0; nth < 60; nth += 1) {
      const message = Buffer.from(`message ${nth}`)
      await verifyByTool(signer.publicKey, message, signer.sign(message))
    }
  })

  it.each(['Ed25519', 'RSA 2048', 'ECDSA P-256, PKCS#8'])(
    '%s: line ends of Windows and none at the end are no matter',
    async (kind) => {
      const key = await makeKey(KEY_KINDS[kind] ?? [])
      for (const text of [key.text.replaceAll('\n', '\r\n'), key.text.trim(), `\n\n${key.text}\n\n`]) {
        expect(sshSignerOf(text).publicKey).toBe(key.publicKey)
      }
    },
  )
})
