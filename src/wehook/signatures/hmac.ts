import { type Check, forged, hmacOf, isMadeWithAny, type Keys, unsigned } from './signature.ts'

export interface HmacForm {
  /** The header with the signature, in lower case. */
  readonly header: string
  readonly encoding: 'hex' | 'base64'
  readonly algorithm: 'sha1' | 'sha256' | 'sha512'
  /** What stands before the signature in the header, such as `sha256=`. */
  readonly prefix: string
}

/** An HMAC of the body in a header, as many providers have it. It has no time in it: a repetition is no fault. */
export const hmac =
  (keys: Keys, { header: name, encoding, algorithm, prefix }: HmacForm): Check =>
  ({ header, body }) => {
    const value = header(name)
    if (value === undefined || !value.startsWith(prefix)) return unsigned(name)
    const given = Buffer.from(value.slice(prefix.length), encoding)
    return isMadeWithAny(keys, [given], (key) => hmacOf(algorithm, key, [body])) ? { mark: null } : forged()
  }
