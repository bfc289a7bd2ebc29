/** `westage wehook`, the real process, where nothing more can be kept: it says so, and what it took is there. */
import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { builtCommand, type Command } from '../cli/built-command.ts'
import { STRIPE } from './given.ts'
import { openPreviewApps, openWeStageApi, type PreviewApps, type WeStageApi } from './preview-apps.ts'
import { hasRedis, type RedisServer, startRedis } from './redis-server.ts'
import { callsTo, missingAt, startWeHookProcess, type WeHookProcess, weHookConfig } from './wehook-process.ts'

const HEALTHY = 1
/** Is there once all is over: what it gets is what was kept. */
const LATER = 2
const FALTERING = 3
const MB = 1024 * 1024

let command: Command
let folder: string
beforeAll(async () => {
  command = await builtCommand()
  folder = await mkdtemp(join(tmpdir(), 'wehook-'))
})
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))

interface Previews {
  readonly apps: PreviewApps
  readonly westage: WeStageApi
}

const listed = (...pulls: readonly number[]) => pulls.map((pull) => ({ pull, callbacks: [STRIPE] }))

async function givenPreviews(...pulls: readonly number[]): Promise<Previews> {
  const [apps, westage] = await Promise.all([openPreviewApps(), openWeStageApi(listed(...pulls))])
  onTestFinished(() => apps.close())
  onTestFinished(() => westage.close())
  return { apps, westage }
}

async function givenRedis(name: string): Promise<RedisServer> {
  const path = join(folder, name)
  await mkdir(path)
  const redis = await startRedis(path)
  onTestFinished(() => redis.stop())
  return redis
}

/** A file system in memory, of a few MB. Linux: mount(8) is root's. */
async function givenDisk(name: string, megabytes: number): Promise<string> {
  const path = join(folder, name)
  await mkdir(path)
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', path])
  onTestFinished(() => {
    execFileSync('umount', ['--lazy', path])
  })
  return path
}

const isSoon = (check: () => void) => vi.waitFor(check, { timeout: 240_000, interval: 20 })
const isAt = ({ apps }: Previews, pull: number, taken: ReadonlySet<string>) =>
  isSoon(() => expect(missingAt(apps, pull, taken)).toEqual([]))
const isDelivered = async (previews: Previews, taken: ReadonlySet<string>) => {
  previews.westage.lists(listed(HEALTHY, LATER))
  for (const pull of [HEALTHY, LATER]) await isAt(previews, pull, taken)
}
const isStoppedWell = async (running: WeHookProcess) => {
  running.kill('SIGTERM')
  expect((await running.ended()).code).toBe(0)
}
/** That it takes it, that there is no room, or no answer at all. */
const isHonest = (answers: ReadonlyMap<number, number>) =>
  expect([...answers.keys()].filter((status) => ![0, 200, 503].includes(status))).toEqual([])

const isRoot = process.getuid?.() === 0
const isSkipped = !isRoot && process.env.CI !== 'true'

it.skipIf(isSkipped)(
  `on a full disk answers 503 and ends with 1, as often as it is started; what it took is delivered when there is room${isSkipped ? ' (skipped: only root can mount a small disk)' : ''}`,
  async () => {
    const previews = await givenPreviews(HEALTHY)
    const disk = await givenDisk('disk', 12)
    const other = join(disk, 'of another')
    await writeFile(other, Buffer.alloc(6 * MB))
    const config = await weHookConfig(join(disk, 'wehook'), previews, {})
    let running = await startWeHookProcess(command, config)
    const calls = callsTo(() => running.port, { senders: 4, bytes: 20_000 })
    const first = await running.ended()
    expect(first.code).toBe(1)
    expect(first.stdout).toContain('No space left on device')
    expect(calls.answers.get(503)).toBeGreaterThan(0)
    running = await startWeHookProcess(command, config)
    expect((await running.ended()).code).toBe(1)
    await calls.stop()
    isHonest(calls.answers)
    expect(calls.taken.size).toBeGreaterThan(100)

    await rm(other)
    running = await startWeHookProcess(command, config)
    const more = callsTo(() => running.port, { senders: 1, bytes: 20_000 })
    await isSoon(() => expect(more.taken.size).toBeGreaterThan(10))
    await more.stop()
    await isDelivered(previews, new Set([...calls.taken, ...more.taken]))
    await isStoppedWell(running)
  },
  300_000,
)

const STORES = [
  { kind: 'LevelDB', isHere: true, settings: async () => ({}) },
  { kind: 'Redis', isHere: hasRedis, settings: async (name: string) => ({ store: (await givenRedis(name)).url }) },
]

describe.each(STORES.filter(({ isHere }) => isHere))('with $kind', ({ kind, settings }) => {
  it('answers 503 while as much is kept as may be; told to stop under load, it has all that it took', async () => {
    const previews = await givenPreviews(HEALTHY)
    const place = join(folder, kind)
    const of = await settings(kind)
    const capped = await weHookConfig(place, previews, { ...of, maxBytes: 300_000 })
    let running = await startWeHookProcess(command, capped)
    const calls = callsTo(() => running.port, { senders: 4, bytes: 5000 })
    await isSoon(() => expect(calls.answers.get(503)).toBeGreaterThan(20))
    expect(calls.taken.size).toBeGreaterThan(20)
    await isAt(previews, HEALTHY, calls.taken)
    await isStoppedWell(running)

    const config = await weHookConfig(place, previews, of)
    running = await startWeHookProcess(command, config)
    const before = calls.taken.size
    await isSoon(() => expect(calls.taken.size).toBeGreaterThan(before + 30))
    await isStoppedWell(running)
    running = await startWeHookProcess(command, config)
    await calls.stop()
    isHonest(calls.answers)
    await isDelivered(previews, calls.taken)
    await isStoppedWell(running)
  }, 300_000)
})

it.skipIf(!hasRedis)(
  'answers 503 while its Redis has no memory left, and hands out what is there',
  async () => {
    const previews = await givenPreviews(HEALTHY, FALTERING)
    previews.apps.answers(FALTERING, 500)
    const redis = await givenRedis('memory')
    const used = Number(/used_memory:(\d+)/.exec(await redis.asked('info', 'memory'))?.[1])
    await redis.asked('config', 'set', 'maxmemory', String(used + 4 * MB))
    const config = await weHookConfig(join(folder, 'memory'), previews, { store: redis.url })
    const running = await startWeHookProcess(command, config)
    const calls = callsTo(() => running.port, { senders: 4, bytes: 20_000 })
    await isSoon(() => expect(calls.answers.get(503)).toBeGreaterThan(20))
    await calls.stop()
    isHonest(calls.answers)
    expect(calls.taken.size).toBeGreaterThan(50)
    previews.apps.answers(FALTERING, 200)
    for (const pull of [HEALTHY, FALTERING]) await isAt(previews, pull, calls.taken)

    await redis.asked('config', 'set', 'maxmemory', '0')
    const more = callsTo(() => running.port, { senders: 1, bytes: 20_000 })
    await isSoon(() => expect(more.taken.size).toBeGreaterThan(10))
    await more.stop()
    await isDelivered(previews, new Set([...calls.taken, ...more.taken]))
    await isStoppedWell(running)
  },
  300_000,
)

it.skipIf(!hasRedis)(
  'answers 503 while its Redis is away; what it took is delivered when that is back',
  async () => {
    const previews = await givenPreviews(HEALTHY)
    const redis = await givenRedis('away')
    const config = await weHookConfig(join(folder, 'away'), previews, { store: redis.url })
    const running = await startWeHookProcess(command, config)
    const calls = callsTo(() => running.port, { senders: 4, bytes: 1000 })
    for (let kill = 0; kill < 2; kill++) {
      const before = { taken: calls.taken.size, refused: calls.answers.get(503) ?? 0 }
      await isSoon(() => expect(calls.taken.size).toBeGreaterThan(before.taken + 30))
      await redis.kill()
      await isSoon(() => expect(calls.answers.get(503)).toBeGreaterThan(before.refused))
      await redis.start()
    }
    const before = calls.taken.size
    await isSoon(() => expect(calls.taken.size).toBeGreaterThan(before + 30))
    await calls.stop()
    await isDelivered(previews, calls.taken)
    await isStoppedWell(running)
  },
  300_000,
)
