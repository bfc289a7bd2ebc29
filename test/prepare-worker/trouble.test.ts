import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Terminal } from '../../src/domain/errors.ts'
import { kustomize } from '../adapters/kustomize/real-kustomize.ts'
import { SAMPLE } from '../loop/sample.ts'
import { archiveOf, type Given, givenWorker, REQUEST } from './given-worker.ts'
import { ELSEWHERE, UNTRUE } from './untrue.ts'

let given: Given | null = null
afterEach(async () => {
  vi.unstubAllEnvs()
  await given?.close()
  given = null
})

const REPO = { tarball: archiveOf(SAMPLE) }
const UNTIL = { timeout: 20_000, interval: 10 }
/** A program in the worker's place: its input are frames, and on 3 it is heard. */
const shell = (script: string) => ({ command: '/bin/sh', args: ['-c', script] })
const errorOf = async (changes: Parameters<typeof givenWorker>[0]) => {
  given = await givenWorker(changes)
  const { outcome, steps } = await given.onWorker(REPO)
  if (!('error' in outcome)) throw new Error('it did not fail')
  return { error: outcome.error as Error, steps }
}
const saying = (said: string) => shell(`echo '${said}' >&3; cat >/dev/null`)
/** The processes that a folder of this test is the home of. */
const workersIn = (workDir: string): number[] =>
  readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name) && environOf(Number(name)).includes(`HOME=${workDir}/`))
    .map(Number)
const environOf = (pid: number) => aboutProcess(pid, 'environ')
const commandOf = (pid: number) => aboutProcess(pid, 'cmdline')
const aboutProcess = (pid: number, file: 'environ' | 'cmdline'): string => {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}
const isFetching = (workDir: string) => readdirSync(workDir).some((name) => existsSync(join(workDir, name, 'repo')))
/** An archive that begins and never ends. */
const endless = () => new Readable({ read: () => {} })

describe.skipIf(process.platform !== 'linux' || kustomize === null)('a worker', () => {
  it('is shown no secret, and nothing else of the environment of the service', async () => {
    vi.stubEnv('WESTAGE_GITHUB_PRIVATE_KEY', 'secret')
    given = await givenWorker()
    const { workDir } = given
    await vi.waitFor(() => expect(workersIn(workDir)).toHaveLength(1), UNTIL)
    const [pid = 0] = workersIn(workDir)
    const variables = environOf(pid).split('\0').filter(Boolean)
    expect(variables.map((one) => one.split('=')[0]).toSorted()).toEqual(['HOME', 'TMPDIR'])
    expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).not.toContain('secret')
  })

  it('is ended within a second of an abort, wherever it is, and leaves nothing', async () => {
    given = await givenWorker()
    const { workDir } = given
    const stop = new AbortController()
    const running = given.onWorker({ tarball: endless, signal: stop.signal })
    await vi.waitFor(() => expect(isFetching(workDir)).toBe(true), UNTIL)
    const before = workersIn(workDir)
    const startedAt = performance.now()
    stop.abort(new Error('a newer push'))
    expect((await running).outcome).toEqual({ error: new Error('a newer push') })
    expect(performance.now() - startedAt).toBeLessThan(1000)
    expect(workersIn(workDir).filter((pid) => before.includes(pid))).toEqual([])
    expect(readdirSync(workDir).filter((name) => !name.startsWith('worker-'))).toEqual([])
  })

  it.each(['SIGTERM to it', 'its kill'])('takes its kustomize along, by %s', async (way) => {
    const bin = mkdtempSync(join(tmpdir(), 'westage-slow-kustomize-'))
    writeFileSync(
      join(bin, 'kustomize'),
      '#!/bin/sh\n[ "$1" = version ] && echo v5.0.0 && exit\nexec /bin/sleep 1000\n',
    )
    chmodSync(join(bin, 'kustomize'), 0o755)
    given = await givenWorker({ path: bin })
    const { workDir } = given
    const stop = new AbortController()
    const running = given.onWorker({ ...REPO, signal: stop.signal })
    const sleeping = () => workersIn(workDir).filter((pid) => commandOf(pid).startsWith('/bin/sleep'))
    await vi.waitFor(() => expect(sleeping()).toHaveLength(1), UNTIL)
    if (way === 'its kill')
      for (const pid of workersIn(workDir)) if (!sleeping().includes(pid)) process.kill(pid, 'SIGKILL')
    stop.abort(new Error('closed'))
    expect((await running).outcome).toHaveProperty('error')
    await vi.waitFor(() => expect(sleeping()).toEqual([]), { timeout: 1000, interval: 10 })
    rmSync(bin, { recursive: true })
  })

  it('that is killed is the platform’s trouble, and the next one does the work', async () => {
    given = await givenWorker()
    const { workDir } = given
    const running = given.onWorker({ tarball: endless })
    await vi.waitFor(() => expect(isFetching(workDir)).toBe(true), UNTIL)
    for (const pid of workersIn(workDir)) process.kill(pid, 'SIGKILL')
    const { outcome, steps } = await running
    expect(outcome).toMatchObject({ error: { name: 'WorkerBroken', message: expect.stringContaining('SIGKILL') } })
    expect(steps[0]).toContain('fetch failed')
    expect((await given.onWorker(REPO)).outcome).toHaveProperty('bundle')
  })

  it('that ends with words of its own has them told to operators', async () => {
    const { error } = await errorOf({ program: shell('echo no room >&2; exit 3') })
    expect(error).not.toBeInstanceOf(Terminal)
    expect(error.message).toBe('the worker ended with exit code 3 in the midst of its work\nno room')
  })

  it.each(UNTRUE)('that says %s is not believed', async (_, said, words) => {
    const { error } = await errorOf({ program: saying(said) })
    expect(error).not.toBeInstanceOf(Terminal)
    expect(error.message).toMatch(/worker/)
    expect(error.message).toContain(words)
  })

  it('can’t make objects outside of the preview’s namespace', async () => {
    const { error } = await errorOf({ program: saying(ELSEWHERE) })
    // An author could not mend what the worker makes of their manifests.
    expect(error).toMatchObject({ message: "Pod/a is not in the preview's namespace", whose: 'operator' })
  })

  it('whose result has no end is stopped', async () => {
    const { error } = await errorOf({ program: shell('cat /dev/zero >&3'), maxSaidBytes: 3_000_000 })
    expect(error).toBeInstanceOf(Terminal)
    expect(error.message).toMatch(/^More than 3 MB/)
  })

  it.each([
    ['in one line', `printf '{"say":"here","x":['; yes '[],' | head -n 100000 | tr -d '\\n'; printf '0]}\\n'`],
    ['in many lines', `yes '{"say":"here","x":[[],[],[],[],[]]}' | head -n 20000`],
  ])('whose words hold more values than any manifests do is stopped before they are read, %s', async (_, script) => {
    const program = shell(`{ ${script}; } >&3; cat >/dev/null`)
    const { error } = await errorOf({ program, maxSaidBytes: 3_000_000 })
    expect(error).toBeInstanceOf(Terminal)
    expect(error.message).toBe('More than 93750 values came of its manifests and log, and it was stopped')
  })

  it('that does not listen to SIGTERM is ended all the same', async () => {
    given = await givenWorker({ program: shell("trap '' TERM; while :; do :; done"), limits: { timeoutMs: 100 } })
    const { workDir } = given
    const { outcome } = await given.onWorker(REPO)
    expect(outcome).toMatchObject({ error: { name: 'Terminal', whose: 'author' } })
    expect(workersIn(workDir)).toEqual([])
  })

  it('that takes more processor time than it may is stopped, and its author told', async () => {
    const { error } = await errorOf({ program: shell('while :; do :; done'), limits: { maxCpuMs: 200 } })
    expect(error.message).toBe(
      'Unpacking, rendering and transforming it took more than 0.2 s of processor time, and was stopped',
    )
    expect(error).toMatchObject({ name: 'Terminal', whose: 'author' })
  })

  it.each([
    ['buffers', 'const all = []; setInterval(() => all.push(Buffer.alloc(5e6, 1)), 1)', []],
    ['objects', 'let all = []; for (;;) all.push({ at: all.length, of: [all.length] })', ['--max-old-space-size=64']],
  ])('that takes more memory than it may by %s is stopped, and its author told', async (_, script, args) => {
    const program = { command: process.execPath, args: [...args, '-e', script] }
    const { error } = await errorOf({ program, limits: { maxMemoryMb: 200 } })
    expect(error.message).toMatch(/took more than 200 MB of memory/)
    expect(error).toMatchObject({ name: 'Terminal', whose: 'author' })
  })

  it('ends with the service, whatever that dies of', async () => {
    const service = spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, 'service.ts')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = await once(service.stdout, 'data')
    const pid = Number(String(line))
    expect(environOf(pid)).toContain('HOME=')
    service.kill('SIGKILL')
    await vi.waitFor(() => expect(environOf(pid)).toBe(''), UNTIL)
  })

  it('does one work after the other for a repo, and never works for another', async () => {
    given = await givenWorker()
    const { workDir } = given
    const pidsOf = async (id: number) => {
      const target = { repository: { id, name: 'acme/shop' } }
      const { outcome } = await (given as Given).onWorker({
        ...REPO,
        request: { target: { ...REQUEST.target, ...target } },
      })
      expect(outcome).toHaveProperty('bundle')
      return workersIn(workDir).join()
    }
    const first = await pidsOf(1)
    expect(await pidsOf(1)).toBe(first)
    expect(await pidsOf(2)).not.toBe(first)
  })
})
