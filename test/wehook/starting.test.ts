/** WeHook where it can't start. */
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readWeHookConfig } from '../../src/config/read-wehook-config.ts'
import { startWeHook } from '../../src/wehook/wehook.ts'

it('lets go of all that it has where its port is taken, so that it ends and another can start', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'wehook-'))
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const at = (port: number) => {
    const sources = [{ name: 'stripe', check: 'stripe', secrets: ['STRIPE_SECRET'] }]
    const wehook = { westage: 'http://127.0.0.1:9', listen: { host: '127.0.0.1', port }, dataDir: folder, sources }
    return readWeHookConfig(JSON.stringify({ wehook }), { WESTAGE_API_TOKEN: 'a-token', STRIPE_SECRET: 'a secret' })
  }
  const taken = at((other.address() as AddressInfo).port)
  await expect(startWeHook(taken.config, taken.secrets, () => {})).rejects.toThrow('EADDRINUSE')
  const free = at(0)
  const running = await startWeHook(free.config, free.secrets, () => {})
  await running.stop()
  other.close()
  await rm(folder, { recursive: true })
})
