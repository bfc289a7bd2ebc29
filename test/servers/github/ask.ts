/** A bare client for the double's own tests: no retries, no redirects, nothing that hides an answer. */
import { createSign } from 'node:crypto'
import type { GitHub } from './github.ts'
import { isJsonObject, type Json, type JsonObject } from './json.ts'

interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The body where it is an object, else an empty one. */
  readonly body: JsonObject
  /** The body where it is a list of objects, else an empty one. */
  readonly list: readonly JsonObject[]
}

export type Ask = (method: string, path: string, body?: Json, headers?: Record<string, string>) => Promise<Answer>

/** Asks with these headers; `path` may be a whole address. */
export const askWith =
  (github: GitHub, fixed: Record<string, string>): Ask =>
  async (method, path, body, headers = {}) => {
    const response = await fetch(path.startsWith('http') ? path : `${github.apiUrl}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        'user-agent': 'test',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...fixed,
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    const value: unknown = response.headers.get('content-type')?.includes('json') === true ? JSON.parse(text) : null
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: isJsonObject(value) ? value : {},
      list: Array.isArray(value) ? value.filter(isJsonObject) : [],
    }
  }

/** A JWT of the App, right unless told otherwise. */
export function jwtOf(github: GitHub, claims: JsonObject = {}, alg = 'RS256', key = github.privateKey): string {
  const nowS = Math.floor(Date.now() / 1000)
  const part = (value: JsonObject) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const head = `${part({ alg, typ: 'JWT' })}.${part({ iat: nowS - 30, exp: nowS + 540, iss: github.appId, ...claims })}`
  return `${head}.${createSign('RSA-SHA256').update(head).sign(key, 'base64url')}`
}

/** Asks as the App itself. */
export function askAsApp(github: GitHub, nowMs = Date.now()): Ask {
  const nowS = Math.floor(nowMs / 1000)
  return askWith(github, { authorization: `Bearer ${jwtOf(github, { iat: nowS - 30, exp: nowS + 540 })}` })
}

/** Asks as the installation that has a repo, with a token made for this. */
export async function askAsInstallation(
  github: GitHub,
  repository: string,
  scope: JsonObject = {},
  nowMs = Date.now(),
): Promise<Ask> {
  const app = askAsApp(github, nowMs)
  const { body } = await app('GET', `/repos/${repository}/installation`)
  const { body: made } = await app('POST', `/app/installations/${String(body.id)}/access_tokens`, scope)
  return askWith(github, { authorization: `token ${String(made.token)}` })
}
