import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { lane } from '../../../src/adapters/argocd/nudge-lane.ts'
import { KubernetesError } from '../../../src/adapters/kubernetes/kubernetes-get.ts'

let ending: AbortController
let sent: (readonly string[])[]
let logged: string[]
/** Ends the send that is under way. */
let end: (error?: Error) => void
let take: (item: string) => void

beforeEach(() => {
  ending = new AbortController()
  sent = []
  logged = []
  take = lane<string>({
    what: 'the ApplicationSet',
    textOf: (item) => item,
    send: (items) => {
      sent.push(items)
      return new Promise((resolve, reject) => {
        end = (error) => (error === undefined ? resolve() : reject(error))
      })
    },
    log: (level, line) => logged.push(`${level} ${line}`),
    signal: ending.signal,
    spacingMs: 1,
  })
})
afterEach(() => {
  ending.abort()
})

const until = (condition: () => unknown) => vi.waitFor(condition, { timeout: 10_000, interval: 2 })
async function sendAndFail(error: Error): Promise<void> {
  const before = sent.length
  take('a')
  await until(() => expect(sent).toHaveLength(before + 1))
  end(error)
}

describe('what is to be sent', () => {
  it('goes at once, and what comes meanwhile goes after it together, each once', async () => {
    take('a')
    expect(sent).toEqual([['a']])
    for (const item of ['b', 'c', 'b', 'a']) take(item)
    await setImmediate()
    expect(sent).toEqual([['a']])
    end()
    await until(() => expect(sent).toEqual([['a'], ['b', 'c', 'a']]))
    end()
  })

  it('goes no more once the service stops', async () => {
    take('a')
    take('b')
    ending.abort()
    end(new Error('aborted'))
    await setImmediate()
    take('c')
    await setImmediate()
    expect(sent).toEqual([['a']])
    expect(logged).toEqual([])
  })
})

describe('a failure', () => {
  it('is said once for as long as it stays the same, then what follows it', async () => {
    await sendAndFail(new Error('ECONNREFUSED'))
    await sendAndFail(new Error('ECONNREFUSED'))
    await sendAndFail(new KubernetesError(403, 'applications.argoproj.io "a" is forbidden'))
    await sendAndFail(new KubernetesError(403, 'applications.argoproj.io "b" is forbidden'))
    take('a')
    await until(() => expect(sent).toHaveLength(5))
    end()
    await sendAndFail(new Error('ECONNREFUSED'))
    await until(() => expect(logged).toHaveLength(4))
    const cannot = "warn Argo CD: can't nudge the ApplicationSet, it looks when it polls"
    expect(logged).toEqual([
      `${cannot}: ECONNREFUSED`,
      `${cannot}: applications.argoproj.io "a" is forbidden`,
      'info Argo CD: nudges of the ApplicationSet arrive again',
      `${cannot}: ECONNREFUSED`,
    ])
  })
})
