import type { Octokit } from '@octokit/core'
import { throttling } from '@octokit/plugin-throttling'
import Bottleneck from 'bottleneck'

type ThrottlingOptions = Parameters<typeof throttling>[1]

/** GitHub: "Rate limits for the REST API", secondary limits: no more than 100 requests at a time. */
const MAX_CONCURRENT = 20
const IDLE_MS = 120_000

/**
 * @octokit/plugin-throttling with groups that are this client's own, and limits for each installation, as GitHub has
 * them: the plugin's own are shared by the whole process, and let one write pass in a second. How many writes there are
 * is write-budget's to say; here it is only how many at once. A request that hits a limit is never held back here: it
 * fails, and who asked comes back later.
 */
export function ownThrottling(): (octokit: Octokit, options: ThrottlingOptions) => ReturnType<typeof throttling> {
  const group = (name: string, maxConcurrent: number) =>
    new Bottleneck.Group({ id: `github-${name}`, maxConcurrent, timeout: IDLE_MS })
  const throttle = {
    Bottleneck,
    global: lanes(MAX_CONCURRENT),
    auth: group('auth', 1),
    write: group('write', MAX_CONCURRENT),
    search: group('search', 1),
    notifications: group('notifications', MAX_CONCURRENT),
    retryLimiter: WITHOUT_RETRIES,
    onRateLimit: () => false,
    onSecondaryRateLimit: () => false,
  }
  return (octokit, options) =>
    throttling(octokit, { ...options, throttle: { ...throttle, id: installationOf(options.auth) } })
}

type Work<A extends unknown[], T> = (...parameters: A) => Promise<T>

/** What the plugin asks of the limiter that repeats requests; nothing is repeated here. */
const WITHOUT_RETRIES = {
  on: () => undefined,
  schedule: <A extends unknown[], T>(work: Work<A, T>, ...parameters: A): Promise<T> => work(...parameters),
}

/**
 * What the plugin asks of a Bottleneck group, for the requests that need no more than so many lanes: every turn of a
 * Bottleneck goes through timers, which cost each request 5 ms.
 */
function lanes(count: number) {
  const free = new Map<string, number>()
  const waiting = new Map<string, (() => void)[]>()

  async function enter(id: string): Promise<void> {
    const left = free.get(id) ?? count
    if (left > 0) free.set(id, left - 1)
    else await new Promise<void>((resolve) => waiting.set(id, [...(waiting.get(id) ?? []), resolve]))
  }

  /** Whoever waits longest takes over the lane. */
  function leave(id: string): void {
    const [first, ...rest] = waiting.get(id) ?? []
    waiting.set(id, rest)
    if (first === undefined) free.set(id, (free.get(id) ?? 0) + 1)
    else first()
  }

  return {
    key: (id: string) => ({
      async schedule<A extends unknown[], T>(_: object, work: Work<A, T>, ...parameters: A): Promise<T> {
        await enter(id)
        try {
          return await work(...parameters)
        } finally {
          leave(id)
        }
      },
    }),
  }
}

function installationOf(auth: unknown): string {
  return typeof auth === 'object' && auth !== null && 'installationId' in auth ? String(auth.installationId) : 'app'
}
