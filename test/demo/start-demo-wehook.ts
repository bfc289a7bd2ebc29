/** WeHook in the demo, as `westage wehook` runs it. */

import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readWeHookConfig } from '../../src/config/read-wehook-config.ts'
import { startWeHook, type WeHookLog } from '../../src/wehook/wehook.ts'

export interface DemoWeHook {
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  /** A file with what people sign in with. */
  readonly tokenFile: string
  close(): Promise<void>
}

/** `wehook:` of the demo's westage.yaml. @param previewAddress what answers for all previews, null: their names lead there */
export const weHookSettings = (dir: string, westage: string, previewAddress: string | null) => ({
  westage,
  listen: { host: '127.0.0.1', port: 0 },
  dataDir: join(dir, 'wehook'),
  address: previewAddress,
  sources: [{ name: 'stripe', check: 'stripe', secrets: ['STRIPE_WEBHOOK_SECRET'] }],
})

/** @param yaml the whole of westage.yaml @throws what keeps it from starting */
export async function startDemoWeHook(
  dir: string,
  yaml: string,
  secrets: { readonly apiToken: string; readonly stripe: string },
  log: WeHookLog,
): Promise<DemoWeHook> {
  const tokenFile = join(dir, 'wehook-token')
  await writeFile(tokenFile, `${randomBytes(16).toString('hex')}\n`, { mode: 0o600 })
  const { config, secrets: read } = readWeHookConfig(yaml, {
    WESTAGE_API_TOKEN: secrets.apiToken,
    STRIPE_WEBHOOK_SECRET: secrets.stripe,
    WEHOOK_TOKEN_FILE: tokenFile,
  })
  const weHook = await startWeHook(config, read, log)
  return { url: `http://127.0.0.1:${weHook.port}`, tokenFile, close: weHook.stop }
}
