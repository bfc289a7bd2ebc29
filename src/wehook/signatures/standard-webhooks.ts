import { type Check, forged, hmacOf, isMadeWithAny, type Keys, staleBy, unsigned } from './signature.ts'

/**
 * `webhook-signature: v1,<base64> v1,<base64>` with `webhook-id` and `webhook-timestamp`: an HMAC-SHA256 of
 * `<id>.<seconds>.<body>` (Standard Webhooks specification, "Signature scheme"). What is signed with a key pair (`v1a`)
 * is passed over. Svix, which it comes from, calls the same headers `svix-`.
 */
export const standardWebhooks =
  (keys: Keys, toleranceSeconds: number): Check =>
  ({ header, body, atMs }) => {
    const named = (name: string) => header(`webhook-${name}`) ?? header(`svix-${name}`)
    const id = named('id')
    const seconds = named('timestamp') ?? ''
    const given = (named('signature') ?? '').split(' ').flatMap((item) => {
      const [version, value] = item.split(',')
      return version === 'v1' && value !== undefined ? [Buffer.from(value, 'base64')] : []
    })
    if (id === undefined || !/^[0-9]{1,12}$/.test(seconds) || given.length === 0) return unsigned('webhook-signature')
    const made = (key: Uint8Array) => hmacOf('sha256', key, [id, '.', seconds, '.', body])
    if (!isMadeWithAny(keys, given, made)) return forged()
    return staleBy(seconds, atMs, toleranceSeconds) ?? { mark: `${id}.${seconds}` }
  }

/** A secret as the specification writes it, `whsec_` and base64: the key that it stands for. */
export const standardWebhooksKey = (secret: string): Buffer => Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
