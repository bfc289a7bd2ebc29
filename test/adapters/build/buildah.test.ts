/** What only buildah's own storage and processes show. */
import { access, chmod, mkdir, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { findBuildah } from '../../../src/adapters/build/buildah.ts'
import { wrapperOf } from '../../../src/adapters/build/buildah-namespaces.ts'
import { policyOf } from '../../../src/adapters/build/buildah-policy.ts'
import { runTool } from '../../../src/adapters/child-process.ts'
import { manifestDigest } from '../../../src/adapters/registry/manifest.ts'
import { Terminal } from '../../../src/domain/errors.ts'
import type { ImageBuilder } from '../../../src/ports.ts'
import { writeHelper } from '../../servers/credential-helper.ts'
import { startMemoryRegistry } from '../../servers/memory-registry.ts'
import {
  findRegistry,
  REGISTRY_PASSWORD,
  REGISTRY_USER,
  type RunningRegistry,
  requireRegistry,
} from '../../servers/registry.ts'
import { IDENTITY_TOKEN } from '../../servers/token-server.ts'
import { copyPrograms, environmentsOf, ownTemporaryFolder, repoOf, requestFor, SHA } from './repo-on-disk.ts'

const temporary = await ownTemporaryFolder()
const cacheDir = join(temporary.path, 'cache')
const never = new AbortController().signal
const quiet = () => {}
const path = process.env.PATH ?? ''

const builderFor = (
  host: string,
  more: { authFile?: string; helpers?: string; timeoutMs?: number; cacheDir?: string } = {},
) =>
  findBuildah(
    {
      registry: { repository: `${host}/team/{app}`, tag: '{sha}', plainHttp: true, authFile: more.authFile ?? null },
      credentials: { authFile: more.authFile ?? null, helperEnvironment: { PATH: `${more.helpers ?? ''}:${path}` } },
      timeoutMs: more.timeoutMs ?? 60_000,
      path,
      env: {},
      webUrl: 'https://github.com',
      workDir: temporary.path,
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
  /** The first store of an app. */
  const storeOf = async (app: string): Promise<string> => {
    const folder = (await readdir(cacheDir)).find((name) => name.startsWith(`${app}.`))
    return join(await realpath(cacheDir), folder ?? app, '0')
  }
  /** What buildah has in the first store of an app. */
  const listOf = async (app: string, what: 'containers' | 'images'): Promise<readonly string[]> => {
    const store = await storeOf(app)
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
  /** buildah as anybody runs it, with a home and on a store of the test's own. */
  const plainBuildah = async (args: readonly string[], home: string) => {
    const storage = ['--root', `${home}/root`, '--runroot', `${home}/run`, '--storage-driver', 'vfs']
    return await runTool({
      command: 'buildah',
      args: [...storage, ...args],
      cwd: home,
      env: { PATH: path, HOME: home },
      signal: never,
    })
  }
  /** An app with a built image, and where else on this machine an image of it is. */
  const givenVictim = async () => {
    const root = await repoOf({ Dockerfile: 'FROM scratch\nCOPY secret /\n', secret: 'secret' })
    await (await builder()).build(requestFor(root, { app: 'victim' }), quiet, never)
    const store = await storeOf('victim')
    const home = await realpath(await mkdtemp(join(temporary.path, 'home-')))
    await plainBuildah(['bud', '--tag', 'victim', root], home)
    await plainBuildah(['push', 'victim', `dir:${home}/layout`], home)
    return [`containers-storage:[vfs@${store}/root+${store}/run]localhost/westage/victim`, `dir:${home}/layout`]
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
    await vi.waitFor(async () => expect(await readdir(await storeOf('slow'))).not.toContain('work'), 5000)
    expect(await listOf('slow', 'containers')).toEqual([])
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
    const lines: string[] = []
    let first: number | null = null
    for (const changing of ['1', '2', '3']) {
      const request = requestFor(await repoOf({ ...files, changing }), { app: 'layers', sha: changing.repeat(40) })
      await (await builder()).build(request, (line) => lines.push(line), never)
      const images = async () => (await listOf('layers', 'images')).length
      first ??= await images()
      await vi.waitFor(async () => expect(await images()).toBe(first), 5000)
      await vi.waitFor(async () => expect(await readdir(await storeOf('layers'))).not.toContain('work'), 5000)
    }
    expect(lines.filter((line) => line.includes('Using cache'))).toHaveLength(2)
  })

  it('waits for the layers of a build that was just over rather than begin without any', async () => {
    const [image, lines] = [await builder(), [] as string[]]
    const files = { Dockerfile: 'FROM scratch\nCOPY kept /\nCOPY changing /\n', kept: 'a' }
    for (const changing of ['1', '2', '3', '4']) {
      const request = requestFor(await repoOf({ ...files, changing }), { app: 'quick', sha: changing.repeat(40) })
      await image.build(request, (line) => lines.push(line), never)
    }
    expect(lines.filter((line) => line.includes('Using cache'))).toHaveLength(3)
    expect(await readdir(dirname(await storeOf('quick')))).toEqual(['0'])
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
      const guarded = await requireRegistry({ auth })
      const authFile = join(temporary.path, `${auth}.json`)
      const credentials = { kind: 'password' as const, username: REGISTRY_USER, password: REGISTRY_PASSWORD }
      const entry = { auth: Buffer.from(`${REGISTRY_USER}:${REGISTRY_PASSWORD}`).toString('base64') }
      await writeFile(authFile, JSON.stringify({ auths: { [guarded.host]: entry } }))
      const root = await repoOf({ Dockerfile: 'FROM scratch\nCOPY Dockerfile /\n' })
      const image = await (await builder(guarded.host, { authFile })).build(requestFor(root), quiet, never)
      const reference = { registry: guarded.host, repository: 'team/shop', reference: SHA }
      expect(image?.digest).toBe(await manifestDigest(reference, { plainHttp: true, credentials }, never))
      await guarded.close()
    }
  })

  it('signs in with what a credential helper says, a password or an identity token', async () => {
    for (const [auth, answer] of [
      ['basic', { Username: REGISTRY_USER, Secret: REGISTRY_PASSWORD }],
      ['token', { Username: '<token>', Secret: IDENTITY_TOKEN }],
    ] as const) {
      const guarded = await requireRegistry({ auth })
      const authFile = join(temporary.path, `helped-${auth}.json`)
      await writeFile(authFile, JSON.stringify({ credHelpers: { [guarded.host]: 'test' } }))
      await writeHelper(temporary.path, 'test', { secrets: { [guarded.host]: answer } })
      const root = await repoOf({ Dockerfile: 'FROM scratch\nCOPY Dockerfile /\n' })
      const helped = await builder(guarded.host, { authFile, helpers: temporary.path })
      const image = await helped.build(requestFor(root), quiet, never)
      const credentials = { kind: 'password' as const, username: REGISTRY_USER, password: REGISTRY_PASSWORD }
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
    await expect(builder(undefined, { cacheDir: open })).rejects.toThrow(`${open} can be written to by others`)
  })

  it('builds on no image of this machine, and copies from none', async () => {
    for (const image of await givenVictim()) {
      for (const Dockerfile of [`FROM ${image}\n`, `FROM scratch\nCOPY --from=${image} /secret /stolen\n`]) {
        const root = await repoOf({ Dockerfile })
        const failure = await (await builder()).build(requestFor(root), quiet, never).catch((error) => error)
        expect(failure).toBeInstanceOf(Terminal)
        expect(failure).toMatchObject({ whose: 'author', message: expect.stringContaining(`${image} is not in a`) })
      }
    }
  })

  it('copies from none for a base image that leaves it to whoever builds on it', async () => {
    for (const [nth, image] of (await givenVictim()).entries()) {
      const home = await realpath(await mkdtemp(join(temporary.path, 'home-')))
      const trap = `${memory?.host}/trap:${nth}`
      const root = await repoOf({ Dockerfile: `FROM scratch\nONBUILD COPY --from=${image} /secret /stolen\n` })
      await plainBuildah(['bud', '--format', 'docker', '--tag', trap, root], home)
      await plainBuildah(['push', '--tls-verify=false', trap, `docker://${trap}`], home)
      const lines: string[] = []
      const sprung = await repoOf({ Dockerfile: `FROM ${trap}\n` })
      const build = (await builder()).build(requestFor(sprung), (line) => lines.push(line), never)
      await expect(build).rejects.toBeInstanceOf(Terminal)
      expect(lines.join('\n')).toContain(`COPY --from=${image}`)
    }
  })

  it('is told by its policy to open nothing but registries and its own store', async () => {
    for (const image of await givenVictim()) {
      const home = await realpath(await mkdtemp(join(temporary.path, 'home-')))
      await expect(plainBuildah(['from', image], home)).resolves.toBeDefined()
      await mkdir(join(home, '.config/containers'), { recursive: true })
      await writeFile(join(home, '.config/containers/policy.json'), await policyOf(join(home, 'root')))
      await expect(plainBuildah(['from', '--pull-always', image], home)).rejects.toMatchObject({
        stderr: expect.stringContaining('rejected by policy'),
      })
    }
  })

  it('keeps to what this machine’s policy asks of registries', async () => {
    const machinesOwn = join(temporary.path, 'policy.json')
    const signed = [{ type: 'signedBy', keyType: 'GPGKeys', keyPath: '/key' }]
    await writeFile(
      machinesOwn,
      JSON.stringify({ default: signed, transports: { docker: { 'example.com': [] }, dir: {} } }),
    )
    expect(JSON.parse(await policyOf('/root', machinesOwn))).toEqual({
      default: [{ type: 'reject' }],
      transports: {
        docker: { '': signed, 'example.com': [] },
        'containers-storage': { '[vfs@/root]': [{ type: 'insecureAcceptAnything' }] },
      },
    })
  })

  it('sees no store but its own', async () => {
    const cache = await realpath(await mkdtemp(join(temporary.path, 'stores-')))
    for (const name of ['mine/0', 'mine/1', 'victim/0']) await mkdir(join(cache, name), { recursive: true })
    const wrapper = await wrapperOf(path, temporary.path)
    const [command = '', ...args] = [
      ...(wrapper?.(cache, { path: join(cache, 'mine/0'), flags: [] }) ?? []),
      ...['sh', '-c', 'find "$1" -mindepth 1 && touch "$1/mine/0/kept"', 'sh', cache],
    ]
    const { stdout } = await runTool({ command, args, cwd: cache, env: { PATH: path }, signal: never })
    expect(stdout).toBe(`${cache}/mine\n${cache}/mine/0\n`)
    expect(await readdir(join(cache, 'mine/0'))).toEqual(['kept'])
  })

  it('removes at its start what a build left whose process was killed, checkouts and credentials', async () => {
    const root = await repoOf({ Dockerfile: 'FROM scratch\nCOPY Dockerfile /\n' })
    await (await builder()).build(requestFor(root, { app: 'killed' }), quiet, never)
    const credentials = join(await storeOf('killed'), 'work', 'docker')
    await mkdir(credentials, { recursive: true })
    await writeFile(join(credentials, 'config.json'), '{}')
    await builder()
    expect(await readdir(await storeOf('killed'))).not.toContain('work')
    expect(await listOf('killed', 'images')).not.toEqual([])
  })

  describe('of a build that was killed', () => {
    /** A store with an image and the work folder of a build. @returns the folder of its storage */
    const givenKilled = async (app: string): Promise<string> => {
      const root = await repoOf({ Dockerfile: 'FROM scratch\nCOPY Dockerfile /\n' })
      await (await builder()).build(requestFor(root, { app }), quiet, never)
      const store = await storeOf(app)
      await vi.waitFor(async () => expect(await readdir(store)).not.toContain('work'), 5000)
      await mkdir(join(store, 'work'))
      return join(store, 'root')
    }
    const built = async (app: string) => {
      const root = await repoOf({ Dockerfile: 'FROM scratch\nCOPY Dockerfile /\n' })
      return await (await builder()).build(requestFor(root, { app }), quiet, never)
    }

    it('removes a container that buildah had not noted as its own yet', async () => {
      const storage = await givenKilled('unnoted')
      const run = join(dirname(storage), 'run')
      const flags = ['--root', storage, '--runroot', run, '--storage-driver', 'vfs']
      await plainBuildah([...flags, 'from', 'localhost/westage/unnoted'], temporary.path)
      const [id = ''] = await listOf('unnoted', 'containers')
      await rm(join(storage, 'vfs-containers', id, 'userdata', 'buildah.json'))
      await builder()
      expect(await listOf('unnoted', 'containers')).toEqual([])
      expect(await listOf('unnoted', 'images')).not.toEqual([])
    })

    it('removes an image that was being committed, under the name that it has meanwhile', async () => {
      const storage = await givenKilled('uncommitted')
      const flags = ['--root', storage, '--runroot', join(dirname(storage), 'run'), '--storage-driver', 'vfs']
      const name = 'localhost/westage/uncommitted'
      await plainBuildah([...flags, 'tag', name, `${'a'.repeat(64)}-tmp`], temporary.path)
      await plainBuildah([...flags, 'rmi', name], temporary.path)
      expect(await listOf('uncommitted', 'images')).not.toEqual([])
      await builder()
      expect(await listOf('uncommitted', 'images')).toEqual([])
    })

    it('removes layers that no image had got yet', async () => {
      const storage = await givenKilled('unowned')
      await writeFile(join(storage, 'vfs-images', 'images.json'), '[]')
      expect(await readdir(join(storage, 'vfs', 'dir'))).not.toEqual([])
      await builder()
      await expect(access(storage)).rejects.toThrow('ENOENT')
      expect(await built('unowned')).not.toBeNull()
    })

    it('empties a storage that buildah can’t make sense of, and builds again', async () => {
      const storage = await givenKilled('broken')
      await writeFile(join(storage, 'vfs-layers', 'layers.json'), '[{')
      expect(await built('broken')).not.toBeNull()
    })
  })
})
