import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openLevelStore } from '../../src/wehook/level-store.ts'
import { openRedisStore } from '../../src/wehook/redis-store.ts'
import type { CallbackStore } from '../../src/wehook/store.ts'
import { hasRedis, redisForAll } from './redis-server.ts'

const LIMITS = { maxBytes: 1_000_000_000, holdMs: 3_600_000 }
const BODY_BYTES = 1_000_000
/** Fewer than V8 lets be before it looks for what nobody has any more. */
const COUNT = 20

const { folder, redis } = await redisForAll()

const KINDS = [
  {
    kind: 'LevelDB',
    isHere: true,
    open: () => openLevelStore({ folder: join(folder, 'level'), ...LIMITS, broke: () => {}, lockedMs: 0 }),
    /** Bytes that came out of it, and that nobody has let go of yet. */
    bytesOut: async () => process.memoryUsage().arrayBuffers,
  },
  {
    kind: 'Redis',
    isHere: hasRedis,
    open: () => openRedisStore({ url: redis?.url ?? '', password: null, ...LIMITS, leaseMs: 60_000, failed: () => {} }),
    bytesOut: async () => Number(/total_net_output_bytes:(\d+)/.exec((await redis?.asked('info', 'stats')) ?? '')?.[1]),
  },
]

const keep = async (store: CallbackStore) => {
  for (let nth = 0; nth < COUNT; nth++) {
    const about = { source: 'stripe', mark: null, receivedAtMs: Date.now(), method: 'POST', suffix: `/${nth}` }
    await store.keep({ ...about, headers: [], body: Buffer.alloc(BODY_BYTES, nth) })
  }
}

it.each(KINDS.filter(({ isHere }) => isHere))(
  'of $kind takes none of their bodies out of it',
  async ({ open, bytesOut }) => {
    const before = await open()
    await keep(before)
    await before.close()
    const store = await open()
    try {
      const atFirst = await bytesOut()
      let most = 0
      const suffixes: string[] = []
      for await (const { suffix } of store.latest()) {
        suffixes.unshift(suffix)
        most = Math.max(most, (await bytesOut()) - atFirst)
      }
      expect(suffixes).toEqual(Array.from({ length: COUNT }, (_, nth) => `/${nth}`))
      expect(most).toBeLessThan(BODY_BYTES)
    } finally {
      await store.close()
    }
  },
  60_000,
)
