import type { KubeConfig } from '@kubernetes/client-node'
import { z } from 'zod'
import { pause } from '../pause.ts'
import { errorOfStatus, jsonLinesOf, jsonOf, KubernetesError, kubernetesGet } from './kubernetes-get.ts'

const LIST_TIMEOUT_MS = 60_000
const PAGE_ITEMS = 500
/** Kubernetes: API concepts, Watch bookmarks: about one a minute; a watch that is silent for longer may be cut off. */
const SILENCE_MS = 120_000
/** A watch that lasted for so long was no failure. */
const STEADY_MS = 1_000
const FIRST_RETRY_MS = 250
const LAST_RETRY_MS = 20_000

const ListSchema = z.object({
  metadata: z.object({ resourceVersion: z.string(), continue: z.string().default('') }),
  items: z.array(z.unknown()),
})
const EventSchema = z.object({ type: z.string(), object: z.unknown() })
const VersionedSchema = z.object({ metadata: z.object({ resourceVersion: z.string() }) })

export interface Follower {
  /** The whole collection, as listed. */
  replace(items: readonly unknown[]): void
  put(item: unknown): void
  remove(item: unknown): void
  /** The cluster answered: what is known is as new as can be. */
  up(): void
  /** It did not; tried again after `retryMs`. */
  down(error: unknown, retryMs: number): void
}

/**
 * Lists a collection and watches it, again and again until `signal` is aborted (Kubernetes: API concepts, Efficient
 * detection of changes): from the last resourceVersion after a cut, by a new list after 410 Gone, where watching fails
 * repeatedly, and every `relistMs`. Never rejects.
 */
export async function followCollection(
  config: KubeConfig,
  collection: { path: string; labelSelector: string; relistMs: number },
  follower: Follower,
  signal: AbortSignal,
): Promise<void> {
  const { path, labelSelector, relistMs } = collection
  let version = ''
  let listedAtMs = 0
  let failures = 0

  async function list(): Promise<void> {
    const items: unknown[] = []
    let page = ''
    let listed = ''
    do {
      const query = { labelSelector, limit: String(PAGE_ITEMS), ...(page !== '' && { continue: page }) }
      const { metadata, items: some } = await during(LIST_TIMEOUT_MS, signal, async (limited) =>
        ListSchema.parse(await jsonOf(await kubernetesGet(config, path, query, limited.signal))),
      )
      items.push(...some)
      page = metadata.continue
      listed = metadata.resourceVersion
    } while (page !== '')
    follower.up()
    follower.replace(items)
    version = listed
    listedAtMs = performance.now()
  }

  async function watch(): Promise<void> {
    const relistInMs = Math.max(0, listedAtMs + relistMs - performance.now())
    const query = {
      watch: 'true',
      allowWatchBookmarks: 'true',
      labelSelector,
      resourceVersion: version,
      timeoutSeconds: String(Math.max(1, Math.ceil(relistInMs / 1000))),
    }
    await during(SILENCE_MS, signal, async (limited) => {
      const response = await kubernetesGet(config, path, query, limited.signal)
      follower.up()
      const openedAtMs = performance.now()
      try {
        for await (const line of jsonLinesOf(response)) {
          limited.restart()
          take(EventSchema.parse(line))
          failures = 0
        }
      } finally {
        if (performance.now() - openedAtMs > STEADY_MS) failures = 0
      }
      if (performance.now() - openedAtMs < STEADY_MS && relistInMs > STEADY_MS) throw new Error('the watch ended early')
    })
  }

  function take({ type, object }: z.output<typeof EventSchema>): void {
    if (type === 'ERROR') throw errorOfStatus(object, 500)
    if (type === 'ADDED' || type === 'MODIFIED') follower.put(object)
    else if (type === 'DELETED') follower.remove(object)
    else if (type !== 'BOOKMARK') throw new Error(`the Kubernetes API sent an event of type ${type}`)
    version = VersionedSchema.parse(object).metadata.resourceVersion
  }

  while (!signal.aborted) {
    try {
      if (version === '' || failures > 1 || performance.now() >= listedAtMs + relistMs) {
        await list()
      }
      await watch()
    } catch (error) {
      if (signal.aborted) return
      failures++
      if (error instanceof KubernetesError && error.code === 410) version = ''
      const retryMs = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** (failures - 1)) * (0.75 + Math.random() / 2)
      follower.down(error, Math.round(retryMs))
      await pause(retryMs, signal)
    }
  }
}

/** Runs `work` with a signal that is aborted with `signal`, or when nothing restarted it for `limitMs`. */
async function during<Result>(
  limitMs: number,
  signal: AbortSignal,
  work: (limited: { signal: AbortSignal; restart: () => void }) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController()
  const end = () => controller.abort(signal.reason)
  const timer = setTimeout(
    () => controller.abort(new Error(`the Kubernetes API was silent for ${limitMs / 1000} s`)),
    limitMs,
  )
  signal.addEventListener('abort', end, { once: true })
  if (signal.aborted) end()
  try {
    return await work({ signal: controller.signal, restart: () => timer.refresh() })
  } catch (error) {
    throw controller.signal.aborted ? controller.signal.reason : error
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', end)
    controller.abort()
  }
}
