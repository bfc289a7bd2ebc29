/** Callbacks whose bytes follow from their number, so that who gets one knows whether it is whole. */
import { createHmac } from 'node:crypto'

export const SECRET = 'whsec_bench'
export const PATH = '/webhooks/stripe'
const PADDING = 'x'.repeat(1024)

/** Some 1.1 KB, as an event of Stripe's often is. */
export const bodyOf = (nth: number): Buffer => Buffer.from(`{"id":"evt_${nth}","padding":"${PADDING}"}`)

/** The number of a callback, -1 where the bytes are not exactly its. */
export function numberOf(body: Buffer): number {
  const nth = Number(/^\{"id":"evt_(\d+)"/.exec(body.toString('latin1', 0, 40))?.[1] ?? -1)
  return nth >= 0 && bodyOf(nth).equals(body) ? nth : -1
}

/** Stripe: "Verify webhook signatures manually". */
export function signatureOf(body: Buffer): string {
  const seconds = Math.floor(Date.now() / 1000)
  return `t=${seconds},v1=${createHmac('sha256', SECRET).update(`${seconds}.`).update(body).digest('hex')}`
}
