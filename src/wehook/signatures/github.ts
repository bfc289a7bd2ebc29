import { type Check, forged, hmacOf, isMadeWithAny, type Keys, unsigned } from './signature.ts'

/**
 * `X-Hub-Signature-256: sha256=<hex>`: an HMAC-SHA256 of the body (GitHub: "Validating webhook deliveries"). It has no
 * time in it, and who redelivers on GitHub sends the same again: a repetition is no fault.
 */
export const github =
  (keys: Keys): Check =>
  ({ header, body }) => {
    const hex = /^sha256=([0-9a-f]{64})$/i.exec(header('x-hub-signature-256') ?? '')?.[1]
    if (hex === undefined) return unsigned('X-Hub-Signature-256')
    const isGenuine = isMadeWithAny(keys, [Buffer.from(hex, 'hex')], (key) => hmacOf('sha256', key, [body]))
    return isGenuine ? { mark: null } : forged()
  }
