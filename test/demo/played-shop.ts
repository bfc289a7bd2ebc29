/** The sample app where no container runs: what its server does in one (test/e2e/app), done by the stand-in. */
import { Stripe } from 'stripe'
import { z } from 'zod'
import type { PlayedApp } from '../servers/argocd-standin/preview-web.ts'
import type { Orders } from './orders.ts'

/** As long as WeHook tries to hand a callback over: `wehook.ttl`. */
const TOLERANCE_SECONDS = 3600

const SessionSchema = z.object({ id: z.string(), client_reference_id: z.string().nullable() })

export function playedShop(): PlayedApp {
  // Each revision is a container of its own, and remembers no more than it saw itself.
  const taken = new Map<string, Orders['callbacks'][number][]>()
  const takenBy = (env: ReadonlyMap<string, string>) => {
    const container = `${env.get('WESTAGE_NAMESPACE')} ${env.get('WESTAGE_SHA')}`
    const callbacks = taken.get(container) ?? []
    taken.set(container, callbacks)
    return callbacks
  }
  return {
    markup: `<form method="post" action="/pay" target="_blank"><button type="submit">Pay</button></form>
<iframe src="/orders" title="Orders" style="border:0;width:100%;height:7rem"></iframe>`,
    async answer(request, env) {
      switch (`${request.method} ${new URL(request.url).pathname}`) {
        case 'POST /pay': {
          const link = new URL(env.get('PAYMENT_LINK') ?? '')
          link.searchParams.set('client_reference_id', env.get('WESTAGE_NAMESPACE') ?? '')
          return Response.redirect(link, 303)
        }
        case 'POST /webhooks/stripe':
          return take(takenBy(env), request, env)
        case 'GET /orders':
          return new Response(ordersPage(takenBy(env)), { headers: { 'content-type': 'text/html; charset=utf-8' } })
        case 'GET /orders.json':
          return Response.json({ callbacks: takenBy(env) } satisfies Orders)
        default:
          return null
      }
    },
  }
}

/** Believes what Stripe's own library believes, and takes an event once, however often it comes. */
async function take(
  callbacks: Orders['callbacks'][number][],
  request: Request,
  env: ReadonlyMap<string, string>,
): Promise<Response> {
  const body = await request.text()
  const signature = request.headers.get('stripe-signature') ?? ''
  const secret = env.get('STRIPE_WEBHOOK_SECRET') ?? ''
  let event: Stripe.Event
  try {
    event = Stripe.webhooks.constructEvent(body, signature, secret, TOLERANCE_SECONDS)
  } catch (error) {
    return new Response(`${error instanceof Error ? error.message : String(error)}\n`, { status: 400 })
  }
  if (event.type !== 'checkout.session.completed') return new Response('not of interest\n')
  const session = SessionSchema.parse(event.data.object)
  const isMine = session.client_reference_id === env.get('WESTAGE_NAMESPACE')
  if (!callbacks.some((each) => each.event === event.id)) {
    callbacks.push({ event: event.id, session: session.id, isMine })
  }
  return new Response(isMine ? 'paid\n' : 'not mine\n')
}

function ordersPage(callbacks: Orders['callbacks']): string {
  const paid = callbacks.filter(({ isMine }) => isMine).length
  return `<!doctype html>
<meta charset="utf-8">
<meta http-equiv="refresh" content="2">
<link rel="stylesheet" href="/style.css">
<p>${paid === 0 ? 'Nothing is paid yet.' : `<strong>Paid:</strong> ${paid}`}</p>
<p>Callbacks that belong to another preview: ${callbacks.length - paid}</p>
`
}
