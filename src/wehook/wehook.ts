/** WeHook put together: what comes in, what is kept, what goes out. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Hono } from 'hono'
import { parseAddress } from '../adapters/fixed-address.ts'
import type { WeHookSecrets } from '../config/read-wehook-config.ts'
import type { WeHookConfig } from '../config/wehook.ts'
import { listen } from '../web/listen.ts'
import { openBodiesOut } from './bodies-out.ts'
import { holdMsOf } from './hold-time.ts'
import { hooks, UNREADY_WORDS, type Unready } from './hooks.ts'
import { openHttpAttempts } from './http-attempt.ts'
import { takeMaxBytes } from './lane.ts'
import { openLanes } from './lanes.ts'
import { openLevelStore } from './level-store.ts'
import { listenersOf } from './listeners.ts'
import { looking } from './looking.ts'
import { messageOf } from './message-of.ts'
import { weHookMetrics } from './metrics.ts'
import { openRedisStore } from './redis-store.ts'
import { followRunningPreviews } from './running-previews.ts'
import { signIn } from './sign-in.ts'
import { sourcesOf } from './sources.ts'
import type { CallbackStore } from './store.ts'

export interface WeHook {
  readonly port: number
  /** Resolves with why it can keep nothing any more, and is to be started anew; mostly never. */
  readonly broken: Promise<unknown>
  /** Takes nothing new, ends what is under way. */
  stop(): Promise<void>
}

export type WeHookLog = (level: 'info' | 'error', message: string, fields?: object) => void

/** What is coming in is taken to its end. */
const CUT_AFTER_MS = 10_000
const TRIM_EVERY_MS = 60_000
/** So often is the list asked for before a preview that is in none is forgotten: another replica's may be late. */
const LISTS_WITHOUT = 3
/** Bytes of bodies that are being read, or wait to be on disk. */
const READING_MAX_BYTES = 64 * 1024 * 1024
/** Bytes of bodies that are being handed out. */
const OUT_MAX_BYTES = 64 * 1024 * 1024

/**
 * Starts WeHook.
 * @throws what the system says, such as EADDRINUSE
 * @throws {Terminal} (operator) `address` is none, Redis can't be reached, or the folder of callbacks can't be opened
 */
export async function startWeHook(config: WeHookConfig, secrets: WeHookSecrets, log: WeHookLog): Promise<WeHook> {
  const now = Date.now
  const failed = (what: string, error: unknown) => log('error', `${what}: ${messageOf(error)}`, { err: error })
  const address = config.address === null ? null : parseAddress(config.address)
  await mkdir(config.dataDir, { recursive: true })
  let breaks: (error: unknown) => void = () => {}
  const broken = new Promise<unknown>((resolve) => {
    breaks = resolve
  })
  const holdMs = holdMsOf(config)
  const store = await openStore(config, secrets, holdMs, breaks, failed)
  const sources = sourcesOf(config.sources, secrets.sources)
  const names = new Set(sources.map(({ name }) => name))
  const signing = new Set(config.sources.flatMap(({ header }) => (header === null ? [] : [header.toLowerCase()])))
  const attempts = openHttpAttempts({ address, timeoutMs: config.timeout })
  const metrics = weHookMetrics()
  const bodyMaxBytes = Math.max(...sources.map(({ maxBytes }) => maxBytes))
  const lanes = openLanes({
    store,
    attempt: attempts.attempt,
    bodies: openBodiesOut({ maxBytes: OUT_MAX_BYTES, takeMaxBytes: takeMaxBytes(bodyMaxBytes) }),
    now,
    ttlMs: config.ttl,
    absentMaxMs: LISTS_WITHOUT * config.every,
    tried: ({ source }, { state, tookMs }) => metrics.attempt(source, state, tookMs),
    failed,
  })
  store.arrivals(lanes.arrived)
  const letGo = async () => {
    await lanes.close()
    await attempts.close()
    await store.close()
  }
  const previews = await followRunningPreviews({
    westage: new URL(config.westage),
    token: secrets.apiToken,
    folder: config.dataDir,
    everyMs: config.every,
    now,
    found: (list, atMs) => {
      const unclear = list.filter(({ callbacks }) => callbacks === null)
      const named = unclear.map(({ app, pull }) => `${app}/pr-${pull.number}`)
      return lanes.set(listenersOf(list, names, config.target), new Set(named), atMs)
    },
    failed,
  }).catch(async (error: unknown) => {
    await letGo() // what goes on would keep the process
    throw error
  })
  let isStopping = false
  const unready = (): Unready | null => {
    if (isStopping) return 'stopping'
    return previews.knownAtMs() === null ? 'not ready' : null
  }
  const app = new Hono()
  app.onError((error, c) => {
    // A body that was cut short is the client's doing, and nobody hears the answer.
    if (c.req.raw.signal.aborted) return c.text('Cut short\n', 400)
    failed(`${c.req.method} ${c.req.routePath}`, error)
    return c.text('Internal server error\n', 500)
  })
  app.route(
    '/hooks',
    hooks({
      unready,
      sources,
      store,
      now,
      totalMaxBytes: READING_MAX_BYTES,
      counted: metrics.callback,
      failed,
    }),
  )
  app.get('/healthz', (c) => c.text('ok\n'))
  app.get('/readyz', (c) => {
    const why = unready()
    return why === null ? c.text('ok\n') : c.text(`${UNREADY_WORDS[why]}\n`, 503)
  })
  app.get('/metrics', async (c) => {
    const atMs = previews.knownAtMs()
    const { type, text } = await metrics.printed({
      listAgeSeconds: atMs === null ? null : (now() - atMs) / 1000,
      listeners: lanes.listeners().length,
      storedBytes: store.bytes(),
    })
    return c.body(text, 200, { 'content-type': type })
  })
  app.route('/', looking({ store, sign: signIn(secrets.token), signing, now, replay: lanes.replay }))
  const trimming = setInterval(() => {
    store.trim(now() - Math.max(config.keep, holdMs)).catch((error: unknown) => failed('what is too old', error))
  }, TRIM_EVERY_MS)
  const close = async () => {
    clearInterval(trimming)
    await previews.close()
    await letGo()
  }
  const listening = await listen(app.fetch, config.listen).catch(async (error: unknown) => {
    await close()
    throw error
  })
  log('info', `WeHook listens on ${config.listen.host}:${listening.port}`)

  return {
    port: listening.port,
    broken,
    async stop() {
      isStopping = true
      const cut = setTimeout(() => listening.cut(), CUT_AFTER_MS)
      await listening.close()
      clearTimeout(cut)
      await close()
    },
  }
}

function openStore(
  { store, dataDir, maxBytes, timeout }: WeHookConfig,
  { redisPassword: password }: WeHookSecrets,
  holdMs: number,
  broke: (error: unknown) => void,
  failed: (what: string, error: unknown) => void,
): Promise<CallbackStore> {
  if (store === 'embedded') {
    return openLevelStore({ folder: join(dataDir, 'callbacks'), maxBytes, holdMs, broke, lockedMs: LOCKED_MS })
  }
  // For the connection and the answer, and some time to say what came of it.
  const leaseMs = 2 * timeout + LEASE_MORE_MS
  return openRedisStore({ url: store, password, maxBytes, leaseMs, holdMs, failed })
}

const LEASE_MORE_MS = 5000
/** What Kubernetes gives a pod to end (argocd/wehook), of which a WeHook takes the half. */
const LOCKED_MS = 30_000
