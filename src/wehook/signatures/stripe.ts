import { type Check, forged, hmacOf, isMadeWithAny, type Keys, markOf, staleBy, unsigned } from './signature.ts'

/**
 * `Stripe-Signature: t=<seconds>,v1=<hex>,v1=<hex>`: an HMAC-SHA256 of `<seconds>.<body>`; several where a secret is
 * being rolled. Other schemes are passed over, so that nobody can ask for a weaker one. Stripe: "Verify webhook
 * signatures manually".
 */
export const stripe =
  (keys: Keys, toleranceSeconds: number): Check =>
  ({ header, body, atMs }) => {
    const items = (header('stripe-signature') ?? '').split(',').map((item) => item.trim().split('='))
    const seconds = items.find(([name]) => name === 't')?.[1] ?? ''
    const given = items.flatMap(([name, value = '']) => (name === 'v1' && HEX.test(value) ? [value] : []))
    if (!/^[0-9]{1,12}$/.test(seconds) || given.length === 0) return unsigned('Stripe-Signature')
    const signatures = given.map((value) => Buffer.from(value, 'hex'))
    if (!isMadeWithAny(keys, signatures, (key) => hmacOf('sha256', key, [seconds, '.', body]))) return forged()
    return staleBy(seconds, atMs, toleranceSeconds) ?? { mark: markOf(seconds, body) }
  }

const HEX = /^[0-9a-f]{64}$/i
