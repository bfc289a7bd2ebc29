/** Debian's redis-server, on a port of its own. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, vi } from 'vitest'
import { freePort } from '../demo/free-port.ts'

export interface RedisServer {
  readonly url: string
  /** What `redis-cli` prints. */
  asked(...command: readonly string[]): Promise<string>
  /** Ends it at once. */
  kill(): Promise<void>
  /** Starts it again at the same place, with what is on its disk. Resolves when it answers. */
  start(): Promise<void>
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
  const asked = async (...command: readonly string[]) =>
    (await promisify(execFile)('redis-cli', ['-e', '-p', port, ...command])).stdout.trim()
  const started = async (): Promise<ChildProcess> => {
    const child = spawn('redis-server', ['--port', port, '--bind', '127.0.0.1', ...durable], { stdio: 'ignore' })
    await vi.waitFor(() => asked('ping'), { timeout: 20_000 })
    return child
  }
  const end = async (signal: NodeJS.Signals) => {
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }
  let child = await started()
  return {
    url: `redis://127.0.0.1:${port}`,
    asked,
    kill: () => end('SIGKILL'),
    async start() {
      child = await started()
    },
    stop: () => end('SIGTERM'),
  }
}

/** For all tests of a file: a folder, and a Redis in it, null on a machine without. */
export async function redisForAll(): Promise<{ readonly folder: string; readonly redis: RedisServer | null }> {
  const folder = await mkdtemp(join(tmpdir(), 'wehook-'))
  const redis = hasRedis ? await startRedis(folder) : null
  afterAll(async () => {
    await redis?.stop()
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  })
  return { folder, redis }
}
