/** `westage wehook`, the real process: what it answers 200 to is on the disk, so that the machine may go down as well. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { builtCommand } from '../cli/built-command.ts'
import { called, stripeSignature } from './given.ts'
import { openPreviewApps, openWeStageApi } from './preview-apps.ts'
import { hasStrace, type SystemCall, systemCallsIn, tracedTo } from './system-calls.ts'
import { startWeHookProcess, weHookConfig } from './wehook-process.ts'

/** All of them together are within a block of LevelDB's log, 32 KiB, whose end would cut one in two. */
const COUNT = 24
const callbacks = Array.from({ length: COUNT }, (_, nth) => `evt_${String(nth).padStart(2, '0')}_of_those`)

type Send = (callback: string) => Promise<void>

const SYNCS = ['fsync', 'fdatasync']
/** strace: "Tampering", delay_enter. */
const SLOW_DISK = ['-e', `inject=${SYNCS.join(',')}:delay_enter=100ms`]

/**
 * @param more for strace
 * @returns what WeHook asked of the system from its start to its end while these were sent
 */
async function callsWhile(
  sent: (send: Send) => Promise<void>,
  more: readonly string[] = [],
): Promise<readonly SystemCall[]> {
  const folder = await mkdtemp(join(tmpdir(), 'wehook-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  const apps = await openPreviewApps()
  onTestFinished(() => apps.close())
  const westage = await openWeStageApi([])
  onTestFinished(() => westage.close())
  const config = await weHookConfig(folder, { westage, apps }, {})
  const trace = join(folder, 'trace')
  const under = tracedTo(trace, ['read', 'write', 'writev', ...SYNCS])
  const running = await startWeHookProcess(await builtCommand(), config, [...under, ...more])
  const answerTo = async (call: Parameters<typeof called>[1]) => (await called(running.port, call)).status
  const isReady = async () => expect(await answerTo({ method: 'GET', path: '/readyz' })).toBe(200)
  await vi.waitFor(isReady, { timeout: 60_000, interval: 20 })
  await sent(async (callback) => {
    const body = Buffer.from(`{"id":"${callback}"}`)
    expect(await answerTo({ body, headers: ['Stripe-Signature', stripeSignature(body)] })).toBe(200)
  })
  running.kill('SIGTERM')
  expect((await running.ended()).code).toBe(0)
  return await systemCallsIn(trace)
}

const isSocket = ({ of }: SystemCall) => of.startsWith('socket:')
const isLog = ({ of }: SystemCall) => /\/data\/.*\d+\.log$/.test(of)
const syncsOf = (calls: readonly SystemCall[]) =>
  calls.filter((call) => isLog(call) && SYNCS.includes(call.name) && call.result === 0)

/** The write after which all of a callback is in the log: LevelDB writes some 4 KiB at a time. */
function writeOf(callback: string, calls: readonly SystemCall[]): SystemCall | undefined {
  let log = ''
  return calls.find((call) => {
    if (!isLog(call) || call.name !== 'write') return false
    log += /"(.*)"/.exec(call.text)?.[1] ?? ''
    return log.includes(callback)
  })
}

/** What was done between the arrival of a callback and its 200, in order. */
function wayOf(callback: string, calls: readonly SystemCall[]): readonly string[] {
  const came = calls.find((call) => isSocket(call) && call.name === 'read' && call.text.includes(callback))
  const written = writeOf(callback, calls)
  const synced = syncsOf(calls).find(({ begun }) => written !== undefined && begun > written.ended)
  const answered = calls.find(
    ({ of, name, text }) => of === came?.of && name.startsWith('write') && text.includes('HTTP/1.1 200 '),
  )
  const steps = { came: came?.ended, written: written?.ended, synced: synced?.ended, answered: answered?.begun }
  return Object.entries(steps)
    .flatMap(([step, at]): [string, number][] => (at === undefined ? [] : [[step, at]]))
    .sort(([, one], [, other]) => one - other)
    .map(([step]) => step)
}

const isSkipped = !hasStrace && process.env.CI !== 'true'
const skipped = isSkipped ? ' (skipped: there is no strace, or it may not trace)' : ''
const ways = (calls: readonly SystemCall[]) => callbacks.map((callback) => wayOf(callback, calls).join(', '))
const asItShouldBe = callbacks.map(() => 'came, written, synced, answered')

it.skipIf(isSkipped)(
  `answers 200 when the disk has said that it has the callback${skipped}`,
  async () => {
    const calls = await callsWhile(async (send) => {
      for (const callback of callbacks) await send(callback)
    })
    expect(ways(calls)).toEqual(asItShouldBe)
    expect(syncsOf(calls).length).toBeGreaterThanOrEqual(COUNT)
  },
  300_000,
)

it.skipIf(isSkipped)(
  `to a slow disk writes those that come meanwhile together, each before its 200${skipped}`,
  async () => {
    const calls = await callsWhile(async (send) => {
      await Promise.all(callbacks.map(send))
    }, SLOW_DISK)
    expect(ways(calls)).toEqual(asItShouldBe)
    expect(syncsOf(calls).length).toBeLessThan(COUNT / 2)
  },
  300_000,
)
