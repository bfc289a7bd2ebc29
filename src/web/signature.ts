import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

const SIGNATURE = /^sha256=([0-9a-f]{64})$/i

/** Whether a header has the form of a signature, to be asked before a body is read for it. */
export const isSignature = (header: string | undefined): header is string =>
  header !== undefined && SIGNATURE.test(header)

/**
 * Whether `header` (X-Hub-Signature-256) is the HMAC-SHA256 of exactly these bytes, compared in constant time.
 * GitHub: "Validating webhook deliveries".
 */
export function isSigned(bytes: Uint8Array, header: string, secret: string): boolean {
  const given = Buffer.from(SIGNATURE.exec(header)?.[1] ?? '', 'hex')
  const right = createHmac('sha256', secret).update(bytes).digest()
  return given.length === right.length && timingSafeEqual(given, right)
}

/** Whether a header is the secret itself, compared in constant time whatever its length. */
export const isSecret = (header: string | undefined, secret: string): boolean =>
  header !== undefined && timingSafeEqual(sha256(header), sha256(secret))

/** Whether an Authorization header carries this bearer token (RFC 6750), compared in constant time whatever its length. */
export function isBearer(header: string | undefined, token: string): boolean {
  const given = /^bearer +(\S+) *$/i.exec(header ?? '')?.[1]
  return given !== undefined && timingSafeEqual(sha256(given), sha256(token))
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest()
