/** Deliveries: signed, kept, and sent once, as GitHub does. GitHub: "Webhook events and payloads", delivery headers. */
import { createHmac, randomUUID } from 'node:crypto'
import type { JsonObject } from './json.ts'
import type { State } from './state.ts'

export interface Attempt {
  /** null where no answer came: refused, cut, or slower than GitHub waits. */
  readonly status: number | null
  readonly ms: number
}

export interface Delivery {
  readonly id: number
  readonly guid: string
  readonly event: string
  readonly action: string | null
  /** The raw bytes, which the signature is over. */
  readonly body: string
  readonly payload: JsonObject
  readonly attempts: readonly Attempt[]
}

/** What becomes of a delivery: `hold` keeps it until `release`. */
export type Fate = 'send' | 'lose' | 'twice' | 'hold'

/** GitHub: "Best practices for using webhooks": a server that has not answered after 10 seconds has failed. */
const TIMEOUT_MS = 10_000

export class Webhooks {
  readonly deliveries: Delivery[] = []
  readonly #attempts = new Map<number, Attempt[]>()
  readonly #held: Delivery[] = []
  readonly #underWay = new Set<Promise<void>>()
  readonly #stopped = new AbortController()
  readonly #state: State
  readonly #secret: string
  url: string | null
  fateOf: (delivery: Delivery) => Fate = () => 'send'
  /** Hears of every delivery, sent or not. */
  readonly #keep: (event: string, payload: JsonObject) => void

  constructor(state: State, secret: string, url: string | null, keep: (event: string, payload: JsonObject) => void) {
    this.#keep = keep
    this.#state = state
    this.#secret = secret
    this.url = url
  }

  /** Keeps a delivery and sends it as its fate has it. Without a URL it is kept only. */
  emit(event: string, payload: JsonObject): void {
    const attempts: Attempt[] = []
    const action = payload.action
    const delivery: Delivery = {
      id: this.#state.nextId(),
      guid: randomUUID(),
      event,
      action: typeof action === 'string' ? action : null,
      body: JSON.stringify(payload),
      payload,
      attempts,
    }
    this.deliveries.push(delivery)
    this.#attempts.set(delivery.id, attempts)
    this.#keep(event, payload)
    const fate = this.fateOf(delivery)
    if (fate === 'hold') this.#held.push(delivery)
    if (fate === 'send' || fate === 'twice') this.#send(delivery)
    if (fate === 'twice') this.#send(delivery)
  }

  /** Sends what was held, in the order it came or the other way round. */
  release(order: 'in order' | 'reversed'): void {
    const held = this.#held.splice(0)
    for (const delivery of order === 'reversed' ? held.reverse() : held) this.#send(delivery)
  }

  /** Sends a delivery again, with the same id in X-GitHub-Delivery as GitHub does. */
  redeliver(id: number): void {
    const delivery = this.deliveries.find((each) => each.id === id)
    if (delivery === undefined) throw new Error(`no delivery ${id}`)
    this.#send(delivery)
  }

  /** When nothing is under way any more. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay)
  }

  async stop(): Promise<void> {
    this.#stopped.abort()
    await this.settled()
  }

  #send(delivery: Delivery): void {
    if (this.url === null || this.#stopped.signal.aborted) return
    const attempt = this.#attempt(delivery, this.url).then((made) => {
      this.#attempts.get(delivery.id)?.push(made)
      this.#underWay.delete(attempt)
    })
    this.#underWay.add(attempt)
  }

  async #attempt({ guid, event, body }: Delivery, url: string): Promise<Attempt> {
    const startedAtMs = performance.now()
    const ms = () => performance.now() - startedAtMs
    try {
      const response = await fetch(url, {
        method: 'POST',
        redirect: 'manual',
        signal: AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(TIMEOUT_MS)]),
        headers: {
          accept: '*/*',
          'content-type': 'application/json',
          'user-agent': 'GitHub-Hookshot/5f3a2b1',
          'x-github-delivery': guid,
          'x-github-event': event,
          'x-github-hook-id': String(this.#state.app.id),
          'x-github-hook-installation-target-id': String(this.#state.app.id),
          'x-github-hook-installation-target-type': 'integration',
          'x-hub-signature-256': `sha256=${createHmac('sha256', this.#secret).update(body).digest('hex')}`,
        },
        body,
      })
      await response.arrayBuffer()
      return { status: response.status, ms: ms() }
    } catch {
      // GitHub shows a delivery that got no answer as failed, and leaves it at that.
      return { status: null, ms: ms() }
    }
  }
}
