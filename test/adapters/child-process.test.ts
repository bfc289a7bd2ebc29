import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import {
  runTool,
  ToolFailed,
  ToolMissing,
  ToolOutOfMemory,
  ToolOutputTooLarge,
  type ToolRun,
  ToolTimedOut,
} from '../../src/adapters/child-process.ts'

const isLinux = process.platform === 'linux'
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'child-process-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const sh = (script: string, more: Partial<ToolRun> = {}) =>
  runTool({
    command: 'sh',
    args: ['-c', script],
    cwd: folder,
    env: { PATH: '/usr/bin:/bin' },
    signal: new AbortController().signal,
    ...more,
  })

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  // A zombie that nobody has reaped yet is not alive.
  return !isLinux || !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
}

it('gives what the tool wrote, each line as it came', async () => {
  const lines: string[] = []
  const { stdout, stderr } = await sh('cat; echo out; echo err >&2', {
    stdin: 'in\n',
    onLine: (line, stream) => lines.push(`${stream} ${line}`),
  })
  expect([stdout, stderr]).toEqual(['in\nout\n', 'err\n'])
  expect(lines.toSorted()).toEqual(['stderr err', 'stdout in', 'stdout out'])
})

it('shows the tool nothing of our own environment', async () => {
  vi.stubEnv('WESTAGE_WEBHOOK_SECRET', 'secret')
  const { stdout } = await sh('env', { env: { PATH: '/usr/bin:/bin', ONLY: 'this' } })
  vi.unstubAllEnvs()
  expect(stdout).toContain('ONLY=this')
  expect(stdout).not.toContain('WESTAGE')
  expect(stdout).not.toContain('HOME=')
})

it('tells an exit code, with the last lines', async () => {
  const error = await sh('seq 1 100; echo broken >&2; exit 3').catch((error) => error)
  expect(error).toBeInstanceOf(ToolFailed)
  expect(error).toMatchObject({ code: 3, killedBy: null, stderr: 'broken\n' })
  expect(error.tail).toContain('broken')
  expect(error.tail).toHaveLength(40)
})

it('tells a signal from an exit code', async () => {
  await expect(sh('kill -KILL $$')).rejects.toMatchObject({ name: 'ToolFailed', code: null, killedBy: 'SIGKILL' })
})

it('says that a tool is missing, by name and by path', async () => {
  await expect(sh('', { command: 'no-such-tool' })).rejects.toBeInstanceOf(ToolMissing)
  await expect(sh('', { command: join(folder, 'none') })).rejects.toBeInstanceOf(ToolMissing)
  await expect(sh('', { command: 'sh', env: { PATH: '' } })).rejects.toBeInstanceOf(ToolMissing)
})

it('passes arguments on as they are under a memory cap', async () => {
  const { stdout } = await sh('printf "%s|" "$0" "$@"', {
    args: ['-c', 'printf "%s|" "$0" "$@"', 'a b', '$(id)', "'"],
    maxMemoryMb: 100,
  })
  expect(stdout).toBe("a b|$(id)|'|")
})

it.each([
  ['that ends on SIGTERM', 'sleep 60 & echo $! > pid; wait'],
  ['that ignores SIGTERM', 'trap "" TERM; sleep 60 & echo $! > pid; while :; do sleep 60; done'],
])('leaves nothing of a tool %s within a second of an abort', async (_, script) => {
  const controller = new AbortController()
  const running = sh(script, { signal: controller.signal }).catch((error) => error)
  await vi.waitFor(() => expect(readFileSync(join(folder, 'pid'), 'utf8')).toMatch(/\d+\n/))
  const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'))
  const abortedAtMs = performance.now()
  controller.abort(new Error('newer'))
  expect(await running).toMatchObject({ message: 'newer' })
  expect(performance.now() - abortedAtMs).toBeLessThan(1000)
  await vi.waitFor(() => expect(isAlive(pid)).toBe(false))
})

it('ends what a tool left running behind it', async () => {
  const { stdout } = await sh('sleep 60 & echo $!')
  await vi.waitFor(() => expect(isAlive(Number(stdout))).toBe(false))
})

it('starts nothing after an abort', async () => {
  await expect(sh('touch started', { signal: AbortSignal.abort(new Error('newer')) })).rejects.toThrow('newer')
  expect(existsSync(join(folder, 'started'))).toBe(false)
})

it('ends a tool that takes too long', async () => {
  const error = await sh('echo begun; sleep 60', { timeoutMs: 300 }).catch((error) => error)
  expect(error).toBeInstanceOf(ToolTimedOut)
  expect(error).toMatchObject({ tail: ['begun'], message: 'sh took longer than 0.3 s' })
})

it('ends a tool that writes too much', async () => {
  await expect(sh('yes', { maxOutputBytes: 100_000 })).rejects.toBeInstanceOf(ToolOutputTooLarge)
})

it('ends a tool when a listener of its lines fails', async () => {
  const onLine = () => {
    throw new Error('disk full')
  }
  await expect(sh('echo one; sleep 60', { onLine })).rejects.toThrow('disk full')
})

/** Takes 240 MB, which its limit on addresses still lets it, and keeps them, so that nobody who looks late finds it gone. */
const GREEDY = 'const kept = []; setInterval(() => kept.length < 12 && kept.push(Buffer.alloc(20e6, 1)), 10)'

it.runIf(isLinux)('ends a tool that takes too much memory, counting its children', async () => {
  const greedy = join(folder, 'greedy.mjs')
  writeFileSync(greedy, GREEDY)
  await expect(sh(`"${process.execPath}" greedy.mjs; true`, { maxMemoryMb: 200 })).rejects.toBeInstanceOf(
    ToolOutOfMemory,
  )
})

it.runIf(isLinux)('ends a tool that takes too much memory in a process that one of its threads started', async () => {
  const thread = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(GREEDY)}])`
  const tool = `new (require('node:worker_threads').Worker)(${JSON.stringify(thread)}, { eval: true })`
  writeFileSync(join(folder, 'tool.cjs'), tool)
  const run = sh(`exec "${process.execPath}" tool.cjs`, { maxMemoryMb: 300, timeoutMs: 30_000 })
  await expect(run).rejects.toBeInstanceOf(ToolOutOfMemory)
})

it.runIf(isLinux)('stops at once what asks for far more memory than it may have', async () => {
  const script = 'ulimit -v'
  const { stdout } = await sh(script, { maxMemoryMb: 200 })
  expect(Number(stdout)).toBe((200 + 1024) * 1024)
})
