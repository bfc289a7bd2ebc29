/** What became of payments at the previews that run, as each of them says itself. */
import type { Payment } from '../servers/stripe/stripe.ts'
import { type Orders, ordersOf } from './orders.ts'
import { livePreviewOf, type ShownPull } from './shown-pull.ts'

export interface GotCallback {
  readonly pull: number
  /** `waits`: it ran when the payment was made, and has not got it yet. */
  readonly state: 'paid' | 'not its own' | 'waits' | 'does not say'
}

export interface PaymentAtPreviews {
  readonly payment: Payment
  /** Of the previews that ran then and run now, by pull request. */
  readonly got: readonly GotCallback[]
}

const SHOWN_MAX = 3

/** The newest payments, newest first. @param address see askPreview */
export async function gotCallbacks(
  payments: readonly Payment[],
  pulls: readonly ShownPull[],
  address: string | null,
): Promise<readonly PaymentAtPreviews[]> {
  if (payments.length === 0) return []
  const previews = pulls.flatMap((shown) => {
    const live = livePreviewOf(shown)
    return live === null ? [] : [{ pull: shown.pull.number, ...live }]
  })
  const asked = await Promise.all(
    previews.map(async (preview) => ({ ...preview, orders: await ordersOf(preview.url, address).catch(() => null) })),
  )
  return payments
    .slice(-SHOWN_MAX)
    .reverse()
    .map((payment) => ({
      payment,
      got: asked.flatMap(({ pull, sinceMs, orders }) => {
        const state = stateOf(payment, sinceMs, orders)
        return state === null ? [] : [{ pull, state }]
      }),
    }))
}

function stateOf({ eventId, session }: Payment, sinceMs: number, orders: Orders | null): GotCallback['state'] | null {
  const taken = orders?.callbacks.find(({ event }) => event === eventId)
  if (taken !== undefined) return taken.isMine ? 'paid' : 'not its own'
  if (session.paidAtMs < sinceMs) return null // the revision that ran then is gone, with what it remembered
  return orders === null ? 'does not say' : 'waits'
}
