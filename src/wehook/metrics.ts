/** What WeHook counts, for Prometheus. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client'

export interface WeHookMetrics {
  /** @param result `kept`, `answered` where it is a question, or why it was refused */
  callback(source: string, result: string): void
  /** @param result what came of an attempt; `gave up`: of none @param tookMs what the preview took to answer */
  attempt(source: string, result: 'delivered' | 'waiting' | 'gave up', tookMs: number): void
  /** Its format, and all of it (Prometheus: "Exposition formats"). */
  printed(now: StateNow): Promise<{ readonly type: string; readonly text: string }>
}

interface StateNow {
  /** Seconds since the list of previews was last known to be right, null where it never was. */
  readonly listAgeSeconds: number | null
  readonly listeners: number
  readonly storedBytes: number
}

export function weHookMetrics(): WeHookMetrics {
  const registry = new Registry()
  const registers = [registry]
  const callbacks = new Counter({
    ...{ name: 'wehook_callbacks_total', help: 'Callbacks that came, by what became of them', registers },
    labelNames: ['source', 'result'],
  })
  const attempts = new Counter({
    ...{ name: 'wehook_attempts_total', help: 'Attempts to hand a callback to a preview, by outcome', registers },
    labelNames: ['source', 'result'],
  })
  const seconds = new Histogram({
    ...{ name: 'wehook_attempt_seconds', help: 'How long a preview took to answer', registers },
    labelNames: ['source'],
    buckets: [0.005, 0.02, 0.1, 0.5, 1, 5, 10],
  })
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers })
  const age = gauge('wehook_list_age_seconds', 'Since the list of previews was last known to be right')
  const listening = gauge('wehook_listeners', 'Previews by the callbacks that they take')
  const stored = gauge('wehook_stored_bytes', 'What is kept: callbacks, and what came of them')
  return {
    callback: (source, result) => callbacks.inc({ source, result }),
    attempt(source, result, tookMs) {
      attempts.inc({ source, result })
      if (result !== 'gave up') seconds.observe({ source }, tookMs / 1000)
    },
    async printed({ listAgeSeconds, listeners, storedBytes }) {
      age.set(listAgeSeconds ?? Number.NaN)
      listening.set(listeners)
      stored.set(storedBytes)
      return { type: registry.contentType, text: await registry.metrics() }
    },
  }
}
