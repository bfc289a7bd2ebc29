import { createHash } from 'node:crypto'
import { html, raw } from 'hono/html'
import { RUN_SCRIPT } from './run-script.ts'
import { STYLE } from './style.ts'

/** Markup that is safe to send: what `html` made of values it escaped. */
export type Markup = ReturnType<typeof raw> | Promise<ReturnType<typeof raw>>

const ICON = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="4" fill="#1f7a4d"/>' +
    '<circle cx="8" cy="8" r="3.5" fill="#fff"/></svg>',
)}`

export interface Page {
  /** Whose page it is: WeStage's where it is not given. */
  readonly site?: string
  readonly title: string
  /** From this page to the first one, such as `../`. Relative, so that a proxy may put all of them below a path. */
  readonly home: string
  readonly body: Markup
  /** Reload after so many seconds, 0 for a page that doesn't change. */
  readonly reloadSeconds: number
}

/** A whole HTML page around `body`. Every value in it is escaped by `html`. */
export const pageOf = ({ site = 'WeStage', title, home, body, reloadSeconds }: Page) => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
${reloadSeconds > 0 ? html`<meta http-equiv="refresh" content="${reloadSeconds}">` : ''}
<title>${title} · ${site}</title>
<link rel="icon" href="${ICON}">
<style>${raw(STYLE)}</style>
</head>
<body>
<header><a class="brand" href="${home}"><span class="mark"></span>${site}</a></header>
<main>${body}</main>
</body>
</html>
`

/** A link to another site, or plain text where the address is not an http one: a file in a repo may say anything. */
export const linkOf = (url: string, text: string) =>
  /^https?:\/\//i.test(url) ? html`<a href="${url}">${text}</a>` : html`${text}`

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/** W3C: Content Security Policy Level 3. Nothing loads but the one stylesheet and the one script that are in the page. */
export const PAGE_POLICY = [
  "default-src 'none'",
  `style-src ${hashOf(STYLE)}`,
  `script-src ${hashOf(RUN_SCRIPT)}`,
  "connect-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')
