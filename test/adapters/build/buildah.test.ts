/** What only buildah's own storage and processes show. */
import { chmod, mkdir, readdir, realpath, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { findBuildah } from '../../../src/adapters/build/buildah.ts'
import { runTool } from '../../../src/adapters/child-process.ts'
import { manifestDigest } from '../../../src/adapters/registry/manifest.ts'
import { Terminal } from '../../../src/domain/errors.ts'
import type { ImageBuilder } from '../../../src/ports.ts'
import { startMemoryRegistry } from '../../servers/memory-registry.ts'
import {
  findRegistry,
  REGISTRY_PASSWORD,
  REGISTRY_USER,
  type RunningRegistry,
  startRegistry,
} from '../../servers/registry.ts'
import { copyPrograms, environmentsOf, ownTemporaryFolder, repoOf, requestFor, SHA } from './repo-on-disk.ts'

const temporary = await ownTemporaryFolder()
const cacheDir = join(temporary.path, 'cache')
const never = new AbortController().signal
const quiet = () => {}
const path = process.env.PATH ?? ''

const builderFor = (host: string, more: { authFile?: string; timeoutMs?: number; cacheDir?: string } = {}) =>
  findBuildah(
    {
      registry: { repository: `${host}/team/{app}`, tag: '{sha}', plainHttp: true, authFile: more.authFile ?? null },
      timeoutMs: more.timeoutMs ?? 60_000,
      path,
      env: {},
      webUrl: 'https://github.com',
      cacheDir: more.cacheDir ?? cacheDir,
    },
    quiet,
  )
const isMissing = (await builderFor('127.0.0.1:1')) === null || (await findRegistry()) === null
const isSkipped = isMissing && process.env.CI !== 'true'

let memory: RunningRegistry | null = null
beforeAll(async () => {
  memory = await startMemoryRegistry()
})
afterAll(async () => {
  await memory?.close()
  await temporary.close()
})

describe.skipIf(isSkipped)(`buildah${isSkipped ? ' (skipped: no buildah or no docker-registry)' : ''}`, () => {
  const builder = async (host = memory?.host ?? '', more = {}): Promise<ImageBuilder> => {
    const found = await builderFor(host, more)
    if (found === null) throw new Error('buildah is not here')
    return found
  }
  /** What buildah has in the first store of an app. */
  const listOf = async (app: string, what: 'containers' | 'images'): Promise<readonly string[]> => {
    const store = join(await realpath(cacheDir), app, '0')
    const storage = ['--root', `${store}/root`, '--runroot', `${store}/run`, '--storage-driver', 'vfs']
    const args = [...storage, what, '--all', '--quiet']
    const { stdout } = await runTool({
      command: 'buildah',
      args,
      cwd: '/',
      env: { PATH: path, HOME: '/nohome' },
      signal: never,
    })
    return stdout.split('\n').filter(Boolean)
  }
  const repoWithShell = async (run: string): Promise<string> => {
    const root = await repoOf({ Dockerfile: `FROM scratch\nCOPY system/ /\n${run}\n` })
    const programs = ['/bin/sh', '/bin/sleep', '/usr/bin/setsid']
    await copyPrograms(join(root, 'system'), await Promise.all(programs.map((program) => realpath(program))))
    for (const program of programs) await copyPrograms(join(root, 'system'), [program])
    return root
  }

  it('pushes to the registry of the demo, which has the digest that it names', async () => {
    const root = await repoOf({ Dockerfile: 'FROM scratch\nCOPY Dockerfile /\n' })
    const image = await (await builder()).build(requestFor(root), quiet, never)
    const reference = { registry: memory?.host ?? '', repository: 'team/shop', reference: SHA }
    expect(image?.digest).toBe(await manifestDigest(reference, { plainHttp: true, credentials: null }, never))
  })

  it('builds on an image that it pushed before', async () => {
    const first = await repoOf({ Dockerfile: 'FROM scratch\nCOPY Dockerfile /\n' })
    const base = await (await builder()).build(requestFor(first, { app: 'base' }), quiet, never)
    const second = await repoOf({ Dockerfile: `FROM ${base?.repository}@${base?.digest}\nCOPY Dockerfile /second\n` })
    expect(await (await builder()).build(requestFor(second, { app: 'second' }), quiet, never)).not.toBeNull()
  })

  it('tells the author which RUN step failed, and what it said', async () => {
    const root = await repoWithShell('RUN echo the tests fail; \\\n  exit 3')
    const failure = await (await builder()).build(requestFor(root), quiet, never).catch((error) => error)
    expect(failure).toBeInstanceOf(Terminal)
    expect(failure.message).toBe('Dockerfile:3: RUN echo the tests fail; exit 3: failed with exit status 3')
    expect(failure.whose).toBe('author')
    expect(failure.details).toContain('the tests fail')
  })

  it('takes what a RUN step says about a network for the author’s own', async () => {
    const root = await repoWithShell('RUN echo "dial tcp: connection refused" >&2; exit 1')
    await expect((await builder()).build(requestFor(root), quiet, never)).rejects.toBeInstanceOf(Terminal)
  })

  it('kills all that a RUN step started within a second of an abort, and leaves no container', async () => {
    const root = await repoWithShell('RUN setsid sleep 98761 & echo sleeping; sleep 98761')
    const before = await readdir(temporary.path)
    const [stop, reason] = [new AbortController(), new Error('superseded')]
    let abortedAtMs = 0
    const log = (line: string) => {
      if (line !== 'sleeping') return
      abortedAtMs = Date.now()
      stop.abort(reason)
    }
    await expect((await builder()).build(requestFor(root, { app: 'slow' }), log, stop.signal)).rejects.toBe(reason)
    expect(Date.now() - abortedAtMs).toBeLessThan(1000)
    await vi.waitFor(async () => expect(await environmentsOf('98761')).toEqual([]), 500)
    expect(await listOf('slow', 'containers')).toEqual([])
    expect(await readdir(join(cacheDir, 'slow', '0'))).not.toContain('work')
    expect(await readdir(temporary.path)).toEqual(before)
  })

  it('leaves nothing running that a step of a finished build put into the background', async () => {
    const root = await repoWithShell('RUN setsid sleep 98762 & echo started')
    await (await builder()).build(requestFor(root), quiet, never)
    await vi.waitFor(async () => expect(await environmentsOf('98762')).toEqual([]), 500)
  })

  it('tells the author that a build took too long', async () => {
    const root = await repoWithShell('RUN sleep 98763')
    const build = (await builder(undefined, { timeoutMs: 1500 })).build(requestFor(root), quiet, never)
    const failure = await build.catch((error) => error)
    expect(failure).toBeInstanceOf(Terminal)
    expect(failure).toMatchObject({ whose: 'author', message: expect.stringContaining('1.5 s') })
  })

  it('reuses the layers of the build before, and keeps no image of a build that a newer one replaced', async () => {
    const files = { Dockerfile: 'FROM scratch\nCOPY kept /\nCOPY changing /\n', kept: 'a', changing: 'b' }
    const [lines, counts]: [string[], number[]] = [[], []]
    for (const changing of ['1', '2', '3']) {
      const request = requestFor(await repoOf({ ...files, changing }), { app: 'layers', sha: changing.repeat(40) })
      await (await builder()).build(request, (line) => lines.push(line), never)
      counts.push((await listOf('layers', 'images')).length)
    }
    expect(lines.filter((line) => line.includes('Using cache'))).toHaveLength(2)
    expect(new Set(counts).size).toBe(1)
  })

  it('builds several commits of one app at a time', async () => {
    const image = await builder()
    const builds = ['1', '2', '3'].map(async (text) => {
      const root = await repoOf({ Dockerfile: 'FROM scratch\nCOPY text /\n', text })
      return await image.build(requestFor(root, { app: 'many', sha: text.repeat(40) }), quiet, never)
    })
    expect(new Set((await Promise.all(builds)).map((built) => built?.digest)).size).toBe(3)
  })

  it('signs in with the credentials of the auth file, to registries with Basic and with tokens', async () => {
    for (const auth of ['basic', 'token'] as const) {
      const guarded = await startRegistry({ auth })
      if (guarded === null) throw new Error('docker-registry is not here')
      const authFile = join(temporary.path, `${auth}.json`)
      const credentials = { username: REGISTRY_USER, password: REGISTRY_PASSWORD }
      const entry = { auth: Buffer.from(`${REGISTRY_USER}:${REGISTRY_PASSWORD}`).toString('base64') }
      await writeFile(authFile, JSON.stringify({ auths: { [guarded.host]: entry } }))
      const root = await repoOf({ Dockerfile: 'FROM scratch\nCOPY Dockerfile /\n' })
      const image = await (await builder(guarded.host, { authFile })).build(requestFor(root), quiet, never)
      const reference = { registry: guarded.host, repository: 'team/shop', reference: SHA }
      expect(image?.digest).toBe(await manifestDigest(reference, { plainHttp: true, credentials }, never))
      await guarded.close()
    }
  })

  it('gives buildah none of this process’s environment', async () => {
    const root = await repoWithShell('RUN echo sleeping; sleep 98764')
    const stop = new AbortController()
    process.env.WESTAGE_TEST_SECRET = 'very secret'
    const seen: string[] = []
    const log = async (line: string) => {
      if (line !== 'sleeping') return
      seen.push(...(await environmentsOf(temporary.path)))
      stop.abort(new Error('seen'))
    }
    await expect((await builder()).build(requestFor(root), log, stop.signal)).rejects.toThrow('seen')
    delete process.env.WESTAGE_TEST_SECRET
    expect(seen.join('\n')).toContain(`PATH=${path}`)
    expect(seen.join('\n')).not.toContain('very secret')
  })

  it('refuses a cache that others can write to', async () => {
    const open = join(temporary.path, 'open')
    await mkdir(open)
    await chmod(open, 0o777)
    const root = await repoOf({ Dockerfile: 'FROM scratch\nCOPY Dockerfile /\n' })
    const build = (await builder(undefined, { cacheDir: open })).build(requestFor(root), quiet, never)
    await expect(build).rejects.toThrow(`${open} can be written to by others`)
  })
})
