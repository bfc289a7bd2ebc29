import { KubernetesError } from '../kubernetes/kubernetes-get.ts'
import { pause } from '../pause.ts'

export interface LaneOptions<Item> {
  /** Who is nudged, as operators read it. */
  readonly what: string
  /** Two items of one text are one. */
  readonly textOf: (item: Item) => string
  readonly send: (items: readonly Item[], signal: AbortSignal) => Promise<void>
  readonly log: (level: 'info' | 'warn', line: string) => void
  readonly signal: AbortSignal
  /** The time between two sends at least, so that many previews that wait do not keep Argo CD busy with looking. */
  readonly spacingMs?: number
}

const SPACING_MS = 300

/**
 * Sends items as they come, one send at a time: what comes meanwhile goes with the next one, together. Never throws: a
 * failure is logged, once for as long as it stays the same, and what failed to be sent is not sent again by itself.
 */
export function lane<Item>(options: LaneOptions<Item>): (item: Item) => void {
  const { what, textOf, send, log, signal, spacingMs = SPACING_MS } = options
  let waiting = new Map<string, Item>()
  let isSending = false
  /** The failure that was said last; null while all is well. */
  let said: string | null = null

  async function sendAll(): Promise<void> {
    isSending = true
    while (waiting.size > 0 && !signal.aborted) {
      const items = [...waiting.values()]
      waiting = new Map()
      try {
        await send(items, signal)
        if (said !== null) log('info', `Argo CD: nudges of ${what} arrive again`)
        said = null
      } catch (error) {
        if (!signal.aborted) fail(error)
      }
      await pause(spacingMs, signal)
    }
    isSending = false
  }

  function fail(error: unknown): void {
    const why = error instanceof Error ? error.message : String(error)
    // The Kubernetes API's words name the object: the same trouble with another one is not news.
    const kind = error instanceof KubernetesError ? `${error.code}` : why
    if (kind !== said) log('warn', `Argo CD: can't nudge ${what}, it looks when it polls: ${why}`)
    said = kind
  }

  return (item) => {
    if (signal.aborted) return
    waiting.set(textOf(item), item)
    if (!isSending) void sendAll()
  }
}
