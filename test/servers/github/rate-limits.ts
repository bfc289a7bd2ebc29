/** GitHub: "Rate limits for the REST API": per installation and hour; an answer 304 costs nothing. */
import type { Caller } from './app-auth.ts'
import { Refusal } from './errors.ts'
import type { JsonObject } from './json.ts'

const WINDOW_MS = 3_600_000

interface Window {
  readonly limit: number
  readonly startedAtMs: number
  used: number
}

export class RateLimits {
  readonly #windows = new Map<string, Window>()
  readonly #now: () => number
  readonly #limit: number
  readonly #resource: string

  /** @param resource what GitHub calls this limit: `core` for REST, `graphql` for GraphQL */
  constructor(now: () => number, limit: number, resource = 'core') {
    this.#now = now
    this.#limit = limit
    this.#resource = resource
  }

  /** @throws {Refusal} 403 where nothing is left of this hour */
  admit(caller: Caller): void {
    if (this.isUsedUp(caller)) throw new Refusal(403, this.words(caller), { headers: this.headers(caller) })
  }

  isUsedUp(caller: Caller): boolean {
    const window = this.#windowOf(caller)
    return window.used >= window.limit
  }

  words(caller: Caller): string {
    return `API rate limit exceeded for ${nameOf(caller)}.`
  }

  spend(caller: Caller): void {
    this.#windowOf(caller).used += 1
  }

  /** What an installation has left of its hour. */
  remaining(installationId: number): number {
    const { limit, used } = this.#windowNamed(installationName(installationId))
    return Math.max(0, limit - used)
  }

  headers(caller: Caller): Record<string, string> {
    return Object.fromEntries(
      Object.entries({ ...this.view(caller), resource: this.#resource }).map(([name, value]) => [
        `x-ratelimit-${name}`,
        String(value),
      ]),
    )
  }

  /** GitHub: REST, "Get rate limit status for the authenticated user". */
  view(caller: Caller): JsonObject {
    const { limit, used, startedAtMs } = this.#windowOf(caller)
    return {
      limit,
      used,
      remaining: Math.max(0, limit - used),
      reset: Math.floor((startedAtMs + WINDOW_MS) / 1000),
    }
  }

  #windowOf(caller: Caller): Window {
    return this.#windowNamed(nameOf(caller))
  }

  #windowNamed(key: string): Window {
    const known = this.#windows.get(key)
    if (known !== undefined && this.#now() < known.startedAtMs + WINDOW_MS) return known
    const window: Window = { limit: this.#limit, startedAtMs: this.#now(), used: 0 }
    this.#windows.set(key, window)
    return window
  }
}

const nameOf = (caller: Caller): string =>
  caller.kind === 'installation' ? installationName(caller.installation.id) : caller.kind

const installationName = (id: number): string => `installation ID ${id}`
