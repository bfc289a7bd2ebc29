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

/** @param token null: nobody signs in */
export function signIn(token: string | null): SignIn {
  // What the browser has is no token: nobody who sees it can ask the API with it.
  const session = token === null ? null : createHmac('sha256', token).update('a session of WeHook').digest('hex')
  return {
    isThere: token !== null,
    hasToken: (c) => token !== null && isBearer(c.req.header('authorization'), token),
    isSignedIn: (c) =>
      token !== null &&
      session !== null &&
      (isSecret(getCookie(c, COOKIE), session) || isBearer(c.req.header('authorization'), token)),
    take(c, given) {
      if (token === null || session === null || !isSecret(given, token)) return false
      // Strict: another site's form comes without it. MDN: "Set-Cookie", SameSite.
      const secure = c.req.header('x-forwarded-proto') === 'https'
      setCookie(c, COOKIE, session, { httpOnly: true, sameSite: 'Strict', path: '/', secure })
      return true
    },
  }
}
