/** WeHook as it runs, with previews and WeStage beside. */
import { mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dump } from 'js-yaml'
import { expect, vi } from 'vitest'
import { readWeHookConfig } from '../../src/config/read-wehook-config.ts'
import { startWeHook, type WeHook } from '../../src/wehook/wehook.ts'
import { stripeSignatureOf } from '../servers/stripe/signature.ts'
import {
  API_TOKEN,
  openPreviewApps,
  openWeStageApi,
  type PreviewApps,
  type PreviewOfList,
  type WeStageApi,
} from './preview-apps.ts'

export const STRIPE = { source: 'stripe', path: '/webhooks/stripe' }
export const SECRET = 'whsec_test'

interface Answered {
  readonly status: number
  readonly body: string
}

interface Call {
  readonly method?: string
  readonly path?: string
  /** Name, value, name, value. */
  readonly headers?: readonly string[]
  readonly body?: Buffer
}

export interface GivenWeHook {
  readonly apps: PreviewApps
  readonly westage: WeStageApi
  /** Calls as a provider does, byte for byte. */
  call(call: Call): Promise<Answered>
  /** A callback of Stripe's, signed now. */
  pay(body: Buffer, more?: Call): Promise<Answered>
  url(): string
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Response>
  /** Sends a form, and follows no redirect. */
  form(path: string, fields: Record<string, string>, headers?: Readonly<Record<string, string>>): Promise<Response>
  restart(): Promise<void>
  stop(): Promise<void>
  until(check: () => void | Promise<void>): Promise<void>
  close(): Promise<void>
}

/** @param settings of `wehook:`, over those that a test has. @param env secrets that they name */
export async function givenWeHook(
  previews: readonly PreviewOfList[],
  settings: Readonly<Record<string, unknown>> = {},
  env: Readonly<Record<string, string>> = {},
): Promise<GivenWeHook> {
  const folder = await mkdtemp(join(tmpdir(), 'wehook-'))
  const apps = await openPreviewApps()
  const westage = await openWeStageApi(previews)
  const yaml = dump({
    wehook: {
      ...{
        westage: westage.url,
        listen: { host: '127.0.0.1', port: 0 },
        dataDir: folder,
        address: apps.address,
        every: '20ms',
      },
      sources: [{ name: 'stripe', check: 'stripe', secrets: ['STRIPE_SECRET'] }],
      ...settings,
    },
  })
  const { config, secrets } = readWeHookConfig(yaml, { WESTAGE_API_TOKEN: API_TOKEN, STRIPE_SECRET: SECRET, ...env })
  const errors: string[] = []
  const start = () => startWeHook(config, secrets, (level, message) => level === 'error' && errors.push(message))
  const until = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 30_000, interval: 20 })
  const isReady = async () =>
    expect((await called(running?.port ?? 0, { method: 'GET', path: '/readyz' })).status).toBe(200)
  let running: WeHook | null = await start()
  await until(isReady)
  const stop = async () => {
    await running?.stop()
    running = null
  }
  const url = () => `http://127.0.0.1:${running?.port}`
  const call = (asked: Call) => called(running?.port ?? 0, asked)
  return {
    apps,
    westage,
    call,
    pay: (body, more = {}) =>
      call({ body, ...more, headers: ['Stripe-Signature', stripeSignature(body), ...(more.headers ?? [])] }),
    url,
    get: (path, headers = {}) => fetch(`${url()}${path}`, { headers }),
    form: (path, fields, headers = {}) =>
      fetch(`${url()}${path}`, {
        method: 'POST',
        body: new URLSearchParams(fields),
        headers: { origin: url(), ...headers },
        redirect: 'manual',
      }),
    stop,
    async restart() {
      await stop()
      running = await start()
    },
    until,
    async close() {
      await stop()
      await westage.close()
      await apps.close()
      await rm(folder, { recursive: true })
    },
  }
}

/** As Stripe signs. */
export const stripeSignature = (body: Buffer, atMs = Date.now(), secret = SECRET): string =>
  stripeSignatureOf(body, secret, atMs)

/** Calls WeHook on that port. @throws where it does not answer */
export function called(
  port: number,
  { method = 'POST', path = '/hooks/stripe', headers = [], body }: Call,
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const sent = [
      ...['Host', 'hooks.test'],
      ...headers,
      ...(body === undefined ? [] : ['Content-Length', String(body.length)]),
    ]
    const asked = request({ host: '127.0.0.1', port, method, path, headers: sent, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }))
      response.on('error', reject)
    })
    asked.on('error', reject)
    asked.end(body)
  })
}
