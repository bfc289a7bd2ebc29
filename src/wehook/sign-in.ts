/** Who may see bodies and send callbacks again: who has the token, in a header or once in a form. */
import { createHmac } from 'node:crypto'
import type { Context } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { isBearer, isSecret } from '../web/signature.ts'

export interface SignIn {
  /** Whether anybody can. */
  readonly isThere: boolean
  isSignedIn(c: Context): boolean
  /** The same by the header alone, which no other site's page can send. */
  hasToken(c: Context): boolean
  /** Remembers who gave the token, until the browser is closed. @returns whether it is the token */
  take(c: Context, token: string): boolean
}

const COOKIE = 'wehook'

const NOBODY: SignIn = { isThere: false, hasToken: () => false, isSignedIn: () => false, take: () => false }

/** @param token null: nobody signs in */
export function signIn(token: string | null): SignIn {
  if (token === null) return NOBODY
  // What the browser has is no token: nobody who sees it can ask the API with it.
  const session = createHmac('sha256', token).update('a session of WeHook').digest('hex')
  const hasToken = (c: Context) => isBearer(c.req.header('authorization'), token)
  return {
    isThere: true,
    hasToken,
    isSignedIn: (c) => isSecret(getCookie(c, COOKIE), session) || hasToken(c),
    take(c, given) {
      if (!isSecret(given, token)) return false
      // Strict: another site's form comes without it. MDN: "Set-Cookie", SameSite.
      const secure = c.req.header('x-forwarded-proto') === 'https'
      setCookie(c, COOKIE, session, { httpOnly: true, sameSite: 'Strict', path: '/', secure })
      return true
    },
  }
}
