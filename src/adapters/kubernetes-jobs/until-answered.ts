import { KubernetesError } from '../kubernetes/kubernetes-get.ts'
import { pause } from '../pause.ts'

const FIRST_RETRY_MS = 200
const LAST_RETRY_MS = 5_000
const FORBIDDEN = 403
/** An API server that starts has not read all Roles yet, and forbids for seconds what it grants. */
const FORBIDDEN_FOR_MS = 10_000

/**
 * Asks the API server again and again while it is away, overloaded or in trouble: its restart is no end of a Job.
 * @param ask safe to be repeated after an answer that was lost
 * @throws {KubernetesError} what it refuses @throws the reason of `signal`
 */
export async function untilAnswered<Answer>(
  ask: () => Promise<Answer>,
  signal: AbortSignal,
  away: (error: unknown) => void,
): Promise<Answer> {
  const isLasting = lastingRefusal()
  for (let retryMs = FIRST_RETRY_MS; ; retryMs = Math.min(LAST_RETRY_MS, retryMs * 2)) {
    signal.throwIfAborted()
    try {
      return await ask()
    } catch (error) {
      signal.throwIfAborted()
      if (isLasting(error)) throw error
      away(error)
    }
    await pause(retryMs * (0.75 + Math.random() / 2), signal)
  }
}

/**
 * Tells what an API server refuses from what it forbids only while it starts: the latter is refused once it has said so
 * for ten seconds on end.
 * @returns asked of each error, one after the other; null is an answer
 */
export function lastingRefusal(): (error: unknown) => error is KubernetesError {
  let forbiddenSinceMs: number | null = null
  return (error): error is KubernetesError => {
    if (!isRefusal(error) || error.code !== FORBIDDEN) {
      forbiddenSinceMs = null
      return isRefusal(error)
    }
    forbiddenSinceMs ??= performance.now()
    return performance.now() - forbiddenSinceMs >= FORBIDDEN_FOR_MS
  }
}

/** Kubernetes: API concepts, HTTP status codes; 429 and those from 500 on may pass. */
export const isRefusal = (error: unknown): error is KubernetesError =>
  error instanceof KubernetesError && error.code >= 400 && error.code < 500 && error.code !== 429 && error.code !== 408
