/** What of an API server's refusals is believed, on a virtual clock. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { KubernetesError } from '../../../src/adapters/kubernetes/kubernetes-get.ts'
import { untilAnswered } from '../../../src/adapters/kubernetes-jobs/until-answered.ts'

const forbidden = new KubernetesError(403, 'jobs.batch is forbidden')
const unavailable = new KubernetesError(503, 'the server is currently unable to handle the request')
const never = new AbortController().signal

/** Says what comes of asking an API server that answers with these errors for as long as each says, and then `made`. */
async function asked(...phases: readonly { readonly error: Error; readonly forMs: number }[]) {
  const beganMs = performance.now()
  const ask = async () => {
    let rest = performance.now() - beganMs
    for (const { error, forMs } of phases) {
      if (rest < forMs) throw error
      rest -= forMs
    }
    return 'made'
  }
  const outcome = untilAnswered(ask, never, () => {}).catch((error) => error)
  await vi.advanceTimersByTimeAsync(60_000)
  return outcome
}

describe('An API server', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('that starts, and forbids until it has read the Roles, is asked again', async () => {
    expect(await asked({ error: unavailable, forMs: 20_000 }, { error: forbidden, forMs: 6_000 })).toBe('made')
  })

  it('that forbids for longer than it starts is believed', async () => {
    expect(await asked({ error: forbidden, forMs: 40_000 })).toBe(forbidden)
  })

  it('is believed at once where it refuses for another reason', async () => {
    const missing = new KubernetesError(404, 'namespaces "nowhere" not found')
    expect(await asked({ error: missing, forMs: 1 })).toBe(missing)
  })

  it('is asked again for as long as it is in trouble', async () => {
    expect(await asked({ error: unavailable, forMs: 50_000 })).toBe('made')
  })
})
