/** What only a buildkitd shows: who may ask it, what it is given, and that nothing goes on in it. */

import { readdir, truncate, writeFile } from 'node:fs/promises'
import { createServer, request } from 'node:http'
import type { Server } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { BuildKitSettings } from '../../../src/adapters/build/buildkit-settings.ts'
import { chooseBuilder } from '../../../src/adapters/build/choose-builder.ts'
import { runTool } from '../../../src/adapters/child-process.ts'
import { manifestDigest } from '../../../src/adapters/registry/manifest.ts'
import { Terminal } from '../../../src/domain/errors.ts'
import type { BuildRequest, ImageBuilder, Log } from '../../../src/ports.ts'
import { freePort } from '../../demo/free-port.ts'
import { buildKitPath, NO_BUILDKIT, type RunningBuildKit, startBuildKit } from '../../servers/buildkitd.ts'
import { type CertificateFiles, certificates } from '../../servers/certificates.ts'
import {
  findRegistry,
  REGISTRY_PASSWORD,
  REGISTRY_USER,
  type RunningRegistry,
  requireRegistry,
} from '../../servers/registry.ts'
import { filesOf } from './pushed-image.ts'
import { copyPrograms, environmentsOf, ownTemporaryFolder, repoOf, requestFor } from './repo-on-disk.ts'

const temporary = await ownTemporaryFolder()
const never = new AbortController().signal
const quiet = () => {}
const path = await buildKitPath()
const isMissing = path === null || (await findRegistry()) === null
const isSkipped = isMissing && process.env.CI !== 'true'

let running: { readonly registry: RunningRegistry; readonly buildkitd: RunningBuildKit } | null = null
beforeAll(async () => {
  if (isSkipped) return
  const registry = await requireRegistry()
  running = { registry, buildkitd: await startBuildKit() }
})
afterAll(async () => {
  await running?.buildkitd.close()
  await running?.registry.close()
  await temporary.close()
})

const here = () => {
  if (running === null) throw new Error('nothing is running')
  return running
}

interface Asked extends Partial<BuildKitSettings> {
  readonly host?: string
  readonly tag?: string
  readonly authFile?: string
  readonly timeoutMs?: number
  readonly note?: Log
}

async function builderFor({ host, tag, authFile, timeoutMs, note, ...buildkit }: Asked = {}): Promise<ImageBuilder> {
  return await chooseBuilder({
    builder: 'buildkit',
    registry: {
      repository: `${host ?? here().registry.host}/team/{app}`,
      tag: tag ?? '{sha}',
      plainHttp: true,
      authFile: authFile ?? null,
    },
    buildkit: { address: here().buildkitd.address, tls: null, cacheTag: null, frontends: [], ...buildkit },
    timeoutMs: timeoutMs ?? 60_000,
    path: path ?? '',
    workDir: temporary.path,
    log: note ?? quiet,
  })
}

/** A repo whose image has a shell. */
async function repoWithShell(...instructions: readonly string[]): Promise<string> {
  const root = await repoOf({ Dockerfile: ['FROM scratch', 'COPY system/ /', ...instructions].join('\n') })
  await copyPrograms(join(root, 'system'), ['/bin/sh', '/bin/cat', '/bin/sleep'])
  return root
}

async function imageOf(root: string, asked: Asked = {}, more: Partial<BuildRequest> = {}, log: Log = quiet) {
  const image = await (await builderFor(asked)).build(requestFor(root, more), log, never)
  if (image === null) throw new Error('no image')
  return image
}

const failureOf = (...args: Parameters<typeof imageOf>): Promise<unknown> =>
  imageOf(...args).then(
    () => 'it was built',
    (error) => error,
  )

/** Aborts a build that buildkitd has under way and that is as far as `isThere` wants it: nothing of it may be left. */
async function abortOnce(isThere: () => Promise<void>, root: string, sha: string): Promise<void> {
  const [stop, reason] = [new AbortController(), new Error('superseded')]
  const ended = (await builderFor()).build(requestFor(root, { sha }), quiet, stop.signal).then(
    () => 'it was built',
    (error) => error,
  )
  await vi.waitFor(async () => {
    expect(await here().buildkitd.underWay()).toHaveLength(1)
    await isThere()
  }, 20_000)
  const abortedAtMs = Date.now()
  stop.abort(reason)
  expect(await ended).toBe(reason)
  expect(Date.now() - abortedAtMs).toBeLessThan(1000)
  await vi.waitFor(async () => expect(await here().buildkitd.underWay()).toEqual([]), 1000)
  const image = { registry: here().registry.host, repository: 'team/shop', reference: sha }
  expect(await manifestDigest(image, { plainHttp: true, credentials: null }, never)).toBeNull()
  expect((await readdir(temporary.path)).filter((name) => name.startsWith('westage-build-'))).toEqual([])
}

describe.skipIf(isSkipped)(`BuildKit${isSkipped ? ` (skipped: ${NO_BUILDKIT}, or no docker-registry)` : ''}`, () => {
  it('is called by its version', async () => {
    expect((await builderFor()).name).toBe('buildkit 0.34')
  })

  it('pushes with the credentials of the instance, and leaves no file of them', async () => {
    const guarded = await requireRegistry({ auth: 'token' })
    const auth = Buffer.from(`${REGISTRY_USER}:${REGISTRY_PASSWORD}`).toString('base64')
    const authFile = join(await repoOf({}), 'config.json')
    await writeFile(authFile, JSON.stringify({ auths: { [guarded.host]: { auth } } }))
    const image = await imageOf(await repoOf({ Dockerfile: 'FROM scratch\nCOPY Dockerfile /\n' }), {
      host: guarded.host,
      authFile,
    })
    expect(image.digest).toMatch(/^sha256:/)
    expect((await readdir(temporary.path)).filter((name) => name.startsWith('westage-build-'))).toEqual([])
    await guarded.close()
  })

  it('builds nothing that is in the registry already, for the platform of buildkitd or the one that is named', async () => {
    const root = await repoOf({ Dockerfile: 'FROM scratch\nCOPY Dockerfile /reused\n' })
    const make = async (platforms: readonly string[], asked: Asked = {}) =>
      await imageOf(root, { tag: '{hash}', ...asked }, { platforms })
    const first = await make([])
    expect(first).toMatchObject({ isReused: false })
    expect(await make([])).toEqual({ ...first, isReused: true })
    expect(await make(['linux/arm64'])).toMatchObject({ isReused: false })
    // With a buildkitd that does not answer.
    expect(await make(['linux/arm64'], { address: 'unix:///nowhere.sock' })).toMatchObject({ isReused: true })
  })

  it('gives a step its secret, which is in no layer, no log and no failure', async () => {
    const secret = 'npm-token-4711'
    const file = join(await repoOf({ npmrc: `${secret}\n` }), 'npmrc')
    const mount = '--mount=type=secret,id=npmrc'
    const root = await repoWithShell(`RUN ${mount} cat /run/secrets/npmrc`)
    const lines: string[] = []
    const image = await imageOf(root, {}, { secrets: { npmrc: file } }, (line) => lines.push(line))
    expect([...(await filesOf(image)).values()].join('')).not.toContain(secret)
    // That the step had it is seen by what was left out.
    expect(lines.join('\n')).toMatch(/ \*\*\*$/m)
    expect(lines.join('\n')).not.toContain(secret)

    const failing = await repoWithShell(`RUN ${mount} cat /run/secrets/npmrc; exit 3`)
    const failure = await failureOf(failing, {}, { secrets: { npmrc: file } })
    expect(failure).toBeInstanceOf(Terminal)
    expect(JSON.stringify(failure)).toContain('***')
    expect(JSON.stringify([failure, (failure as Terminal).cause])).not.toContain(secret)
  })

  it('gives a step no secret that operators did not give to its app', async () => {
    const root = await repoWithShell('RUN --mount=type=secret,id=npmrc,required=true cat /run/secrets/npmrc')
    expect(await failureOf(root)).toMatchObject({
      whose: 'author',
      message: expect.stringMatching(/^Dockerfile:3: .*npmrc: not found/),
    })
    const gone = await failureOf(root, {}, { secrets: { npmrc: '/nowhere/npmrc' } })
    expect(gone).toMatchObject({ whose: 'operator', message: expect.stringContaining('the build secret npmrc') })
  })

  it('pulls no frontend for docker/dockerfile, and none at all that is not allowed', async () => {
    const syntax = (image: string) =>
      repoOf({ Dockerfile: `# syntax=${image}\nFROM scratch\nCOPY <<EOF /page\nhello\nEOF\n` })
    expect(await filesOf(await imageOf(await syntax('docker/dockerfile:1')))).toEqual(new Map([['page', 'hello\n']]))
    const other = `${here().registry.host}/team/frontend:1`
    expect(await failureOf(await syntax(other))).toMatchObject({
      message: expect.stringMatching(/^Dockerfile:1: syntax=/),
    })
    // Allowed, it is looked for, and is not there.
    const looked = await failureOf(await syntax(other), { frontends: [other] })
    expect(looked).toMatchObject({ whose: 'author', message: expect.stringContaining('not found') })
  })

  it.each(['--network=host', '--security=insecure'])('lets no step have %s', async (flag) => {
    const failure = await failureOf(await repoWithShell(`RUN ${flag} cat /proc/self/status`))
    expect(failure).toMatchObject({
      whose: 'author',
      message: expect.stringMatching(new RegExp(`^Dockerfile:3: RUN ${flag} .*is not allowed here$`)),
    })
  })

  it('keeps the cache mounts of apps apart', async () => {
    const mount = '--mount=type=cache,id=shared,target=/kept'
    const leaves = await repoWithShell(`RUN ${mount} echo poisoned > /kept/page`)
    const finds = await repoWithShell(
      `RUN ${mount} if [ -e /kept/page ]; then echo found; else echo none; fi > /answer`,
    )
    await imageOf(leaves, {}, { app: 'one' })
    const answerTo = async (app: string) => (await filesOf(await imageOf(finds, {}, { app }))).get('answer')
    expect(await answerTo('two')).toBe('none\n')
    // Another build of the same step would be its layer.
    await here().buildkitd.prune()
    await imageOf(leaves, {}, { app: 'one' })
    expect(await answerTo('one')).toBe('found\n')
  })

  it('begins with the layers in the registry where buildkitd has none, those of earlier stages too', async () => {
    const stages = ['RUN echo made-$$ > /made', 'FROM scratch', 'COPY --from=0 /made /made']
    const root = await repoWithShell(...stages)
    const asked = { cacheTag: '{app}-cache' }
    const made = async () => (await filesOf(await imageOf(root, asked))).get('made')
    const first = await made()
    const cache = { registry: here().registry.host, repository: 'team/shop', reference: 'shop-cache' }
    expect(await manifestDigest(cache, { plainHttp: true, credentials: null }, never)).not.toBeNull()
    await here().buildkitd.prune()
    const lines: string[] = []
    const again = (await filesOf(await imageOf(root, asked, {}, (line) => lines.push(line)))).get('made')
    expect(again).toBe(first)
    expect(lines.join('\n')).toMatch(/RUN echo made.*\n#\d+ CACHED/)
  })

  it('builds all the same where the cache in the registry can not be written', async () => {
    const root = await repoOf({ Dockerfile: 'FROM scratch\nCOPY Dockerfile /\n' })
    const refusing = await registryWithout('cache')
    const lines: string[] = []
    const asked = { host: refusing.host, cacheTag: 'cache' }
    const image = await imageOf(root, asked, {}, (line) => lines.push(line))
    await refusing.close()
    expect(image.digest).toMatch(/^sha256:/)
    expect(lines.join('\n')).toMatch(/exporting cache.*403 Forbidden/s)
  })

  it('ends within a second of an abort in a step, in buildkitd too', async () => {
    const isThere = async () => expect(await environmentsOf('98773')).not.toEqual([])
    await abortOnce(isThere, await repoWithShell('RUN sleep 98773'), 'a'.repeat(40))
    await vi.waitFor(async () => expect(await environmentsOf('98773')).toEqual([]), 500)
  })

  it('ends within a second of an abort while it is handed the context', async () => {
    const root = await repoOf({ Dockerfile: 'FROM scratch\nCOPY . /\n', large: '' })
    await truncate(join(root, 'large'), 2 ** 32)
    await abortOnce(async () => {}, root, 'b'.repeat(40))
  })

  it('ends a build that takes too long', async () => {
    const failure = await failureOf(await repoWithShell('RUN sleep 98774'), { timeoutMs: 3000 })
    expect(failure).toMatchObject({ whose: 'author', message: expect.stringContaining('took too long') })
    await vi.waitFor(async () => expect(await here().buildkitd.underWay()).toEqual([]), 1000)
  })

  it('leaves a build to be tried again whose buildkitd goes down, and says so at the start where none answers', async () => {
    const other = await startBuildKit()
    const failure = failureOf(await repoWithShell('RUN sleep 98775'), { address: other.address })
    await vi.waitFor(async () => expect(await environmentsOf('98775')).not.toEqual([]), 20_000)
    await other.kill()
    expect(await failure).not.toBeInstanceOf(Terminal)
    expect(await failure).toBeInstanceOf(Error)
    const notes: string[] = []
    const note = (line: string) => notes.push(line)
    const asked = { address: other.address, note }
    const down = await failureOf(await repoOf({ Dockerfile: 'FROM scratch\n' }), asked)
    expect(down).not.toBeInstanceOf(Terminal)
    expect(down).toMatchObject({ message: expect.stringContaining("buildkitd can't be asked") })
    expect(notes).toEqual([`buildkitd does not answer at ${other.address}: builds wait for it`])
    await other.close()
  })

  it('leaves a build to be tried again where the disk of buildkitd is full', async () => {
    const disk = await smallDisk()
    const other = await startBuildKit({ root: disk.path })
    const root = await repoOf({ Dockerfile: 'FROM scratch\nCOPY . /\n', large: '' })
    await truncate(join(root, 'large'), 2 ** 27)
    const failure = await failureOf(root, { address: other.address })
    await other.close()
    await disk.close()
    expect(failure).not.toBeInstanceOf(Terminal)
    expect(failure).toMatchObject({ message: expect.stringContaining('the disk of buildkitd is full') })
  })

  it('answers over TLS those who have a certificate, and tells operators of the others', async () => {
    const [own, strange] = [await certificates(), await certificates()]
    const other = await startBuildKit({ tls: { port: await freePort(), ...own } })
    const root = await repoOf({ Dockerfile: 'FROM scratch\nCOPY Dockerfile /\n' })
    const tls = (from: CertificateFiles, ca = from.ca) => ({
      caFile: ca,
      certFile: from.cert,
      keyFile: from.key,
      serverName: null,
    })
    const asking = (settings: BuildKitSettings['tls']) => failureOf(root, { address: other.address, tls: settings })
    expect(await asking(tls(own))).toBe('it was built')
    expect(await asking({ ...tls(own), serverName: 'elsewhere.test' })).toMatchObject({ whose: 'operator' })
    expect(await asking(tls(strange))).toMatchObject({ whose: 'operator', message: expect.stringContaining('x509') })
    // Of these buildkitd lets go, sometimes before it has said why.
    expect(await asking(tls(strange, own.ca))).toBeInstanceOf(Error)
    expect(await asking(null)).toBeInstanceOf(Error)
    await other.close()
  })
})

/** The registry, but for one tag, which it refuses to take. */
async function registryWithout(tag: string): Promise<{ host: string; close(): Promise<void> }> {
  const [hostname, port] = here().registry.host.split(':')
  const server = createServer((asked, answer) => {
    if (asked.method === 'PUT' && asked.url?.endsWith(`/manifests/${tag}`)) return answer.writeHead(403).end()
    const { method, url: path, headers } = asked
    const passed = request({ hostname, port, method, path, headers }, (given) => {
      answer.writeHead(given.statusCode ?? 502, given.headers)
      given.pipe(answer)
    })
    return asked.pipe(passed)
  })
  return {
    host: `127.0.0.1:${await portOf(server)}`,
    async close() {
      // buildkitd keeps some for later.
      server.closeAllConnections()
      await closed(server)
    },
  }
}

const run = async (command: string, args: readonly string[], cwd: string) =>
  await runTool({
    command,
    args,
    cwd,
    env: { PATH: process.env.PATH ?? '', HOME: cwd },
    signal: AbortSignal.timeout(20_000),
  })

async function portOf(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return typeof address === 'object' ? (address?.port ?? 0) : 0
}

const closed = async (server: Server): Promise<void> => {
  await new Promise((resolve) => server.close(resolve))
}

/** 64 MiB. */
async function smallDisk(): Promise<{ path: string; close(): Promise<void> }> {
  const disk = await repoOf({})
  await run('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', disk], '/')
  return {
    path: disk,
    async close() {
      await run('umount', ['--lazy', disk], '/')
    },
  }
}
