import { KubernetesError } from '../kubernetes/kubernetes-get.ts'
import { pause } from '../pause.ts'

const FIRST_RETRY_MS = 200
const LAST_RETRY_MS = 5_000

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
  for (let retryMs = FIRST_RETRY_MS; ; retryMs = Math.min(LAST_RETRY_MS, retryMs * 2)) {
    signal.throwIfAborted()
    try {
      return await ask()
    } catch (error) {
      signal.throwIfAborted()
      if (isRefusal(error)) throw error
      away(error)
    }
    await pause(retryMs * (0.75 + Math.random() / 2), signal)
  }
}

/** Kubernetes: API concepts, HTTP status codes; 429 and those from 500 on may pass. */
export const isRefusal = (error: unknown): error is KubernetesError =>
  error instanceof KubernetesError && error.code >= 400 && error.code < 500 && error.code !== 429 && error.code !== 408
