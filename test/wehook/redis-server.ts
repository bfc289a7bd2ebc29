/** Debian's redis-server, on a port of its own. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { vi } from 'vitest'
import { freePort } from '../demo/free-port.ts'

export interface RedisServer {
  readonly url: string
  stop(): Promise<void>
}

export const hasRedis = await promisify(execFile)('redis-server', ['--version']).then(
  () => true,
  () => false,
)

/** Writes all that it is told to the disk of a folder before it answers. */
export async function startRedis(folder: string): Promise<RedisServer> {
  const port = String(await freePort())
  const durable = ['--dir', folder, '--appendonly', 'yes', '--appendfsync', 'always']
  const child = spawn('redis-server', ['--port', port, '--bind', '127.0.0.1', ...durable], { stdio: 'ignore' })
  await vi.waitFor(() => promisify(execFile)('redis-cli', ['-p', port, 'ping']), { timeout: 20_000 })
  return {
    url: `redis://127.0.0.1:${port}`,
    async stop() {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    },
  }
}
