/** Whether a callback comes from its provider: what a check is given, and what it says. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

/** What came, before it is believed. */
interface Received {
  /** The value of a header by its name in lower case; several of one name are joined by a comma. */
  header(name: string): string | undefined
  readonly body: Uint8Array
  readonly atMs: number
}

/**
 * It is genuine, with what tells a repetition of it; or genuine, and no callback but a question, with what the provider
 * wants to be answered; or why it is not believed.
 */
export type Verdict =
  | { readonly mark: string | null }
  | { readonly answer: string }
  | { readonly refused: Refusal; readonly why: string }

/** `unsigned`: no signature at all, or none that can be one. `stale`: signed too long ago, or too far ahead. */
export type Refusal = 'unsigned' | 'forged' | 'stale'

export type Check = (received: Received) => Verdict

/** What a signature is checked against: any of them, so that a secret can be changed while both are in use. */
export type Keys = readonly Uint8Array[]

export const hmacOf = (algorithm: string, key: Uint8Array, parts: readonly (string | Uint8Array)[]): Buffer => {
  const hmac = createHmac(algorithm, key)
  for (const part of parts) hmac.update(part)
  return hmac.digest()
}

/** Whether any given signature is made with any of the keys; takes as long whichever it is. */
export function isMadeWithAny(keys: Keys, given: readonly Buffer[], made: (key: Uint8Array) => Buffer): boolean {
  let found = false
  for (const key of keys) {
    const right = made(key)
    for (const each of given) if (each.length === right.length && timingSafeEqual(each, right)) found = true
  }
  return found
}

/** Why a signature's time is not believed, null where it is. @param seconds since 1970, as text */
export function staleBy(seconds: string, nowMs: number, toleranceSeconds: number): Verdict | null {
  const apart = Math.abs(nowMs / 1000 - Number(seconds))
  if (apart <= toleranceSeconds) return null
  return { refused: 'stale', why: `was signed ${Math.round(apart)} s from now, ${toleranceSeconds} s are allowed` }
}

/** Of the header, which may name several signatures in any order, nothing else is signed. */
export const markOf = (seconds: string, body: Uint8Array): string =>
  `${seconds}.${createHash('sha256').update(body).digest('hex')}`

export const unsigned = (header: string): Verdict => ({ refused: 'unsigned', why: `has no signature in ${header}` })
export const forged = (): Verdict => ({ refused: 'forged', why: 'was not signed with a secret of this source' })
