/** What WeHook shows: `/`, `/callbacks/<id>`, `/sign-in`, and `POST /api/callbacks/<id>/replay` for programs. */
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { z } from 'zod'
import {
  callbackPage,
  callbacksPage,
  type SeenCallback,
  shownPath,
  signInPage,
  WEHOOK_PAGE_POLICY,
} from './callback-pages.ts'
import type { SignIn } from './sign-in.ts'
import type { CallbackStore } from './store.ts'

export interface LookingOptions {
  readonly store: CallbackStore
  readonly sign: SignIn
  /** Names of the headers that sources sign with, in small letters. */
  readonly signing: ReadonlySet<string>
  readonly now: () => number
  /**
   * Sends a callback again to a preview, null for all that take it.
   * @returns how many, null where there is no such callback
   */
  readonly replay: (id: string, to: string | null) => Promise<number | null>
}

/** Previews are sites beside this one, to which SameSite lets their forms be sent (Fetch standard, Origin). */
function isOwnForm(c: Context): boolean {
  const origin = c.req.header('origin') ?? ''
  return URL.canParse(origin) && new URL(origin).host === c.req.header('host')
}

const FORM_MAX_BYTES = 10_000
const ROWS_MAX = 100
/** Further back is not searched. */
const SEARCHED_MAX = 2000

/** Nothing said is an empty object, what is no JSON nothing that can be taken. */
function jsonOf(text: string): unknown {
  if (text.trim() === '') return {}
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const ReplaySchema = z.strictObject({ to: z.string().nullable().default(null) })

export function looking({ store, sign, signing, now, replay }: LookingOptions): Hono {
  const found = async (query: string, isSignedIn: boolean): Promise<readonly SeenCallback[]> => {
    const words = query.toLowerCase().split(/\s+/)
    const seen: SeenCallback[] = []
    let left = isSignedIn && query.trim() !== '' ? SEARCHED_MAX : ROWS_MAX
    for await (const listed of store.latest()) {
      const outcomes = await store.outcomes(listed)
      const text = [
        listed.id,
        listed.source,
        listed.method,
        shownPath(listed.suffix, isSignedIn), // what is not shown is not found: it could be guessed letter by letter
        ...[...outcomes].flatMap(([name, { state, answer }]) => [name, state, answer]),
      ]
        .join(' ')
        .toLowerCase()
      if (words.every((word) => text.includes(word))) seen.push({ listed, outcomes })
      left -= 1
      if (left === 0 || seen.length === ROWS_MAX) break
    }
    return seen
  }
  return new Hono()
    .use(async (c, next) => {
      c.header('Content-Security-Policy', WEHOOK_PAGE_POLICY)
      c.header('Cache-Control', 'no-store')
      await next()
    })
    .post('*', bodyLimit({ maxSize: FORM_MAX_BYTES }))
    .get('/', async (c) => {
      const query = (c.req.query('q') ?? '').slice(0, 200)
      const who = !sign.isThere ? 'nobody' : sign.isSignedIn(c) ? 'in' : 'out'
      return c.html(callbacksPage({ seen: await found(query, who === 'in'), query, nowMs: now(), sign: who }))
    })
    .get('/sign-in', (c) => (sign.isThere ? c.html(signInPage(false)) : c.text('Not found\n', 404)))
    .post('/sign-in', async (c) => {
      if (!isOwnForm(c)) return c.text('Only the form of this site may do that\n', 403)
      const { token } = await c.req.parseBody()
      return sign.take(c, String(token)) ? c.redirect('./', 303) : c.html(signInPage(true), 401)
    })
    .get('/callbacks/:id', async (c) => {
      const callback = await store.callback(c.req.param('id'))
      if (callback === null) return c.text('No such callback\n', 404)
      const outcomes = await store.outcomes(callback)
      return c.html(callbackPage({ callback, outcomes, nowMs: now(), isSignedIn: sign.isSignedIn(c), signing }))
    })
    .post('/callbacks/:id/again', async (c) => {
      if (!isOwnForm(c)) return c.text('Only the form of this site may do that\n', 403)
      if (!sign.isSignedIn(c)) return c.text('Sign in first\n', 401)
      const sent = await replay(c.req.param('id'), null)
      return sent === null ? c.text('No such callback\n', 404) : c.redirect(`../${c.req.param('id')}`, 303)
    })
    .post('/api/callbacks/:id/replay', async (c) => {
      if (!sign.hasToken(c)) return c.json({ error: 'Needs the header Authorization: Bearer with WEHOOK_TOKEN' }, 401)
      const read = ReplaySchema.safeParse(jsonOf(await c.req.text()))
      if (!read.success) return c.json({ error: 'Takes {"to": "<app>/pr-<number>"}, or nothing' }, 400)
      const sent = await replay(c.req.param('id'), read.data.to)
      return sent === null ? c.json({ error: 'No such callback' }, 404) : c.json({ sent })
    })
}
