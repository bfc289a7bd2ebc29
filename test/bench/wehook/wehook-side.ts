/** WeHook in a process of its own. */
import { readFile } from 'node:fs/promises'
import { readWeHookConfig } from '../../../src/config/read-wehook-config.ts'
import { startWeHook } from '../../../src/wehook/wehook.ts'
import { SECRET } from './payments.ts'

const [westage = '', dataDir = '', timeout = '10s'] = process.argv.slice(2)
const wehook = {
  ...{ westage, dataDir, timeout, listen: { host: '127.0.0.1', port: 0 }, address: '127.0.0.1' },
  sources: [{ name: 'stripe', check: 'stripe', secrets: ['BENCH_SECRET'] }],
}
const env = { WESTAGE_API_TOKEN: 'a token of sixteen or more', BENCH_SECRET: SECRET }
const { config, secrets } = readWeHookConfig(JSON.stringify({ wehook }), env)
const running = await startWeHook(config, secrets, (level, message) => {
  if (level === 'error') console.error(message)
})

/** proc(5): VmHWM. */
process.on('message', async () => {
  const status = await readFile('/proc/self/status', 'utf8')
  process.send?.({ peakBytes: Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024 })
})
process.send?.({ port: running.port })
