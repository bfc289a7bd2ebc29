import { type Check, forged, hmacOf, isMadeWithAny, type Keys, markOf, staleBy, unsigned } from './signature.ts'

/**
 * `X-Slack-Signature: v0=<hex>` with `X-Slack-Request-Timestamp`: an HMAC-SHA256 of `v0:<seconds>:<body>` (Slack:
 * "Verifying requests from Slack").
 */
export const slack =
  (keys: Keys, toleranceSeconds: number): Check =>
  ({ header, body, atMs }) => {
    const seconds = header('x-slack-request-timestamp') ?? ''
    const hex = /^v0=([0-9a-f]{64})$/i.exec(header('x-slack-signature') ?? '')?.[1]
    if (hex === undefined || !/^[0-9]{1,12}$/.test(seconds)) return unsigned('X-Slack-Signature')
    const made = (key: Uint8Array) => hmacOf('sha256', key, ['v0:', seconds, ':', body])
    if (!isMadeWithAny(keys, [Buffer.from(hex, 'hex')], made)) return forged()
    return staleBy(seconds, atMs, toleranceSeconds) ?? { mark: markOf(seconds, body) }
  }
