/** What a payment link opens: the page to pay on, and the one that thanks. */
import { createHash } from 'node:crypto'
import { html, raw } from 'hono/html'
import type { CheckoutSession, PaymentLink } from './checkout-session.ts'

const STYLE = `
:root { color-scheme: light dark; --paper: #f4f5f2; --card: #fff; --ink: #1c2024; --soft: #5f6a72; --line: #e1e4df; }
@media (prefers-color-scheme: dark) { :root { --paper: #101316; --card: #191d21; --ink: #e4e7ea; --soft: #98a2ab; --line: #2c3238; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { width: 100%; max-width: 26rem; padding: 1.6rem 1.8rem 1.8rem; border: 1px solid var(--line); border-radius: .8rem; background: var(--card); }
h1 { margin: .1rem 0 1rem; font-size: 1.9rem; font-weight: 650; letter-spacing: -.02em; }
p { margin: 0 0 .9rem; overflow-wrap: anywhere; }
.soft { color: var(--soft); font-size: 13px; }
code { font: 12.5px ui-monospace, Menlo, Consolas, monospace; }
button { width: 100%; padding: .7rem; border: 0; border-radius: .5rem; background: #1f7a4d; color: #fff; font: inherit; font-weight: 600; cursor: pointer; }
button:hover { filter: brightness(1.08); }
`

/** W3C: Content Security Policy Level 3. */
export const PAYMENT_PAGE_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  'img-src data:',
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

const around = (title: string, body: ReturnType<typeof html>) => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${raw(STYLE)}</style>
</head>
<body><main>
${body}
<p class="soft">A double of Stripe on this machine: no money moves.</p>
</main></body>
</html>
`

export const payPage = (link: PaymentLink, reference: string | null) =>
  around(
    `Pay for ${link.product}`,
    html`<p class="soft">${link.product}</p>
<h1>${priceOf(link)}</h1>
<form method="post"><p><button>Pay</button></p></form>
${reference === null ? '' : html`<p class="soft">For <code>${reference}</code></p>`}`,
  )

export const paidPage = ({ id, link, clientReferenceId }: CheckoutSession) =>
  around(
    'Paid',
    html`<p class="soft">${link.product}</p>
<h1>Paid ${priceOf(link)}</h1>
<p>Thank you. You can close this page: what you bought at hears of it by a webhook.</p>
<p class="soft"><code>${id}</code>${clientReferenceId === null ? '' : html` for <code>${clientReferenceId}</code>`}</p>`,
  )

/** `€12.00` */
export const priceOf = ({ amount, currency }: PaymentLink): string =>
  new Intl.NumberFormat('en', { style: 'currency', currency }).format(amount / 100)
