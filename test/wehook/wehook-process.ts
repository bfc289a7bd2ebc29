/** `westage wehook` in a process of its own, and providers that call it without a pause. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { dump } from 'js-yaml'
import { expect, onTestFinished, vi } from 'vitest'
import type { Command, Running } from '../cli/built-command.ts'
import { called, SECRET, stripeSignature } from './given.ts'
import { API_TOKEN, type PreviewApps, type WeStageApi } from './preview-apps.ts'

export interface WeHookProcess extends Pick<Running, 'kill' | 'ended' | 'hasEnded' | 'stdout'> {
  /** 0 where it ended before it listened. */
  readonly port: number
}

/** @param folder where it keeps what it has, and its configuration. @param settings of `wehook:`, over those that a test has */
export async function weHookConfig(
  folder: string,
  { westage, apps }: { readonly westage: WeStageApi; readonly apps: PreviewApps },
  settings: Readonly<Record<string, unknown>>,
): Promise<string> {
  await mkdir(folder, { recursive: true })
  const wehook = {
    ...{ westage: westage.url, listen: { host: '127.0.0.1', port: 0 }, address: apps.address, timeout: '1s' },
    dataDir: join(folder, 'data'),
    sources: [{ name: 'stripe', check: 'stripe', secrets: ['STRIPE_SECRET'] }],
    ...settings,
  }
  const file = join(folder, 'westage.yaml')
  await writeFile(file, dump({ wehook }))
  return file
}

/** Resolves when it listens, or has ended. @param under what runs it, with arguments, if anything does */
export async function startWeHookProcess(
  command: Command,
  config: string,
  under: readonly string[] = [],
): Promise<WeHookProcess> {
  const env = { WESTAGE_API_TOKEN: API_TOKEN, STRIPE_SECRET: SECRET }
  const running = command.start(['wehook', '--config', config], env, under)
  onTestFinished(() => {
    running.kill('SIGKILL')
  })
  const port = () => Number(/WeHook listens on [^:]+:(\d+)/.exec(running.stdout())?.[1] ?? 0)
  const isStarted = () => expect(running.hasEnded() || port() > 0).toBe(true)
  await vi.waitFor(isStarted, { timeout: 240_000, interval: 20 })
  return { ...running, port: port() }
}

export interface Calls {
  /** Bodies that were answered 200. */
  readonly taken: ReadonlySet<string>
  /** How often each status was answered; 0 where there was no answer. */
  readonly answers: ReadonlyMap<number, number>
  /** Resolves when the last one is answered. */
  stop(): Promise<void>
}

/** @param port of WeHook as it is now. @param senders that many call at a time. @param bytes of a body, at least */
export function callsTo(port: () => number, { senders, bytes }: { senders: number; bytes: number }): Calls {
  const taken = new Set<string>()
  const answers = new Map<number, number>()
  let isOver = false
  let nth = 0
  const send = async () => {
    while (!isOver) {
      nth += 1
      const body = Buffer.from(`{"event":${nth},"text":"${textOf(bytes)}"}`)
      const headers = ['Stripe-Signature', stripeSignature(body)]
      const answer = await called(port(), { body, headers }).catch(() => null)
      const status = answer?.status ?? 0
      answers.set(status, (answers.get(status) ?? 0) + 1)
      if (status === 200) taken.add(body.toString())
      else await delay(20) // it is full, or being started
    }
  }
  const sending = Array.from({ length: senders }, send)
  return {
    taken,
    answers,
    async stop() {
      isOver = true
      await Promise.all(sending)
    },
  }
}

/** Does not get smaller when LevelDB compresses it. */
function textOf(bytes: number): string {
  const text = Buffer.alloc(bytes)
  for (let at = 0; at < bytes; at++) text[at] = 0x23 + Math.floor(Math.random() * 0x38)
  return text.toString('latin1')
}

/** Whichever of these bodies did not reach that preview. */
export function missingAt(apps: PreviewApps, pull: number, taken: Iterable<string>): string[] {
  const had = new Set(apps.reached(pull).map(({ body }) => body.toString()))
  return [...taken].filter((body) => !had.has(body)).map((body) => body.slice(0, 20))
}
