/** Callbacks whose bytes follow from their number, so that who gets one knows whether it is whole. */
import { stripeSignatureOf } from '../../servers/stripe/signature.ts'

export const SECRET = 'whsec_bench'
export const PATH = '/webhooks/stripe'
/** Some 1.1 KB, as an event of Stripe's often is. */
const USUAL_BYTES = 1100
/** As much as a source takes. */
export const LARGEST_BYTES = 1_000_000

/** @param bytes how many it has */
export function bodyOf(nth: number, bytes = USUAL_BYTES): Buffer {
  const [start, end] = [`{"id":"evt_${nth}","padding":"`, '"}']
  return Buffer.from(`${start}${'x'.repeat(bytes - start.length - end.length)}${end}`)
}

/** The number of a callback, -1 where the bytes are not exactly its. */
export function numberOf(body: Buffer): number {
  const nth = Number(/^\{"id":"evt_(\d+)"/.exec(body.toString('latin1', 0, 40))?.[1] ?? -1)
  const bytes = body.length === LARGEST_BYTES ? LARGEST_BYTES : USUAL_BYTES
  return nth >= 0 && bodyOf(nth, bytes).equals(body) ? nth : -1
}

/** As Stripe signs. */
export const signatureOf = (body: Buffer): string => stripeSignatureOf(body, SECRET)
