/** `westage gc images`, the real process, against a git server and Debian's docker-registry. */
import { EventEmitter, once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ownTemporaryFolder } from '../adapters/build/repo-on-disk.ts'
import { git } from '../servers/git-cli.ts'
import { type GitServer, startGitServer } from '../servers/git-server.ts'
import { type GitHub, startGitHub } from '../servers/github/github.ts'
import { type ImageConfig, pushImage, pushIndex } from '../servers/push-image.ts'
import {
  findRegistry,
  REGISTRY_PASSWORD,
  REGISTRY_USER,
  type RunningRegistry,
  requireRegistry,
} from '../servers/registry.ts'
import { pushHeaders } from '../servers/registry-sign-in.ts'
import { builtCommand, type Command } from './built-command.ts'

const DAY_MS = 86_400_000
const isSkipped = (await findRegistry()) === null && process.env.CI !== 'true'
const SECRETS = {
  WESTAGE_WEBHOOK_SECRET: 'hook',
  WESTAGE_GITOPS_TOKEN: 'token-of-the-gitops-repo',
}

const temporary = await ownTemporaryFolder()
const endings: (() => Promise<unknown>)[] = []
let command: Command
let server: GitServer
let github: GitHub
let clone: string
beforeAll(async () => {
  command = await builtCommand()
})
afterAll(() => temporary.close())
beforeEach(async () => {
  server = await startGitServer({ repositories: { gitops: { files: { 'previews/.gitkeep': '' } } } })
  endings.push(() => server.close())
  github = await startGitHub({ now: () => Date.now() })
  endings.push(() => github.close())
  github.addRepository('acme/shop', { 'README.md': 'shop' })
  clone = join(temporary.path, `clone-${endings.length}-${Math.floor(performance.now())}`)
  await git(['clone', '--quiet', server.dir('gitops'), clone], { cwd: temporary.path })
})
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})

/** Commits files (null: removed) as of some days ago, and pushes. */
async function commit(daysAgo: number, files: Readonly<Record<string, string | null>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(clone, path, '..'), { recursive: true })
    if (text === null) await git(['rm', '--quiet', '-r', path], { cwd: clone })
    else await writeFile(join(clone, path), text)
  }
  await git(['add', '.'], { cwd: clone })
  const date = new Date(Date.now() - daysAgo * DAY_MS).toISOString()
  const env = { GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date }
  await git(['commit', '--quiet', '--allow-empty', '--message', `${daysAgo} days ago`], { cwd: clone, env })
  await git(['push', '--quiet', 'origin', 'HEAD:main'], { cwd: clone })
}

/** So many commits of two hours ago that change nothing, by git's own import (git documentation: git-fast-import). */
async function commitMany(count: number): Promise<void> {
  const atS = Math.floor(Date.now() / 1000) - 7200
  const next = `commit refs/heads/main\ncommitter A <a@example.com> ${atS} +0000\ndata 1\nx\n`
  await git(['fast-import', '--quiet'], {
    cwd: server.dir('gitops'),
    input: `${next}from refs/heads/main^0\n\n${`${next}\n`.repeat(count - 1)}`,
  })
}

async function registryWith(options: Parameters<typeof requireRegistry>[0] = {}): Promise<RunningRegistry> {
  const registry = await requireRegistry(options)
  endings.push(() => registry.close())
  return registry
}

/** A tag of `{hash}`. */
const hash = (digit: string) => digit.repeat(64)
const builtBy = (app: string, daysAgo: number, more: ImageConfig = {}): ImageConfig => ({
  created: new Date(Date.now() - daysAgo * DAY_MS).toISOString(),
  labels: { 'dev.westage.app': app },
  ...more,
})

/** Pushes what WeStage built for the shop some days ago. */
const push = (registry: RunningRegistry, tag: string, daysAgo: number, more: ImageConfig = {}) =>
  pushImage(`http://${registry.host}`, 'team/shop', tag, {}, builtBy('shop', daysAgo, { architecture: tag, ...more }))

const tagsOf = async (registry: RunningRegistry, repository = 'team/shop'): Promise<readonly string[]> => {
  const answer = await fetch(`http://${registry.host}/v2/${repository}/tags/list`)
  const body: unknown = await answer.json()
  return typeof body === 'object' && body !== null && 'tags' in body && Array.isArray(body.tags) ? body.tags.sort() : []
}

interface More {
  readonly args?: readonly string[]
  readonly authFile?: string
  readonly builder?: string
  /** Below the registry's `team/`. */
  readonly repository?: string
  readonly apps?: readonly object[]
}

async function gcImages(host: string, more: More = {}) {
  const config = {
    publicUrl: 'https://westage.example.com',
    github: { appId: github.appId, apiUrl: github.apiUrl },
    gitops: { url: server.url('gitops'), auth: 'token' },
    builder: more.builder ?? 'buildah',
    registry: {
      repository: `${host}/team/${more.repository ?? '{app}'}`,
      plainHttp: true,
      authFile: more.authFile ?? null,
    },
    apps: more.apps ?? [],
  }
  const file = join(temporary.path, 'westage.yaml')
  await writeFile(file, JSON.stringify(config))
  const secrets = { ...SECRETS, WESTAGE_GITHUB_PRIVATE_KEY: github.privateKey }
  return await command.run(['gc', 'images', '--config', file, ...(more.args ?? [])], secrets)
}
const remove = (host: string, more: { authFile?: string } = {}) => gcImages(host, { ...more, args: ['--remove'] })

const preview = (host: string, digest: string) => `images:\n  shop: ${host}/team/shop@${digest}\n`

const ACCEPT = { headers: { accept: 'application/vnd.oci.image.manifest.v1+json' } }

/** Passes on to a registry what it is let, when it is let; the rest it does not know. */
async function startFront(to: string, lets: (request: IncomingMessage) => Promise<boolean>) {
  const front = createServer(async (request, response) => {
    if (!(await lets(request))) {
      response.writeHead(404).end()
      return
    }
    const { method = 'GET', headers } = request
    const answer = await fetch(`http://${to}${request.url}`, { method, headers: { accept: headers.accept ?? '*/*' } })
    const told = Object.fromEntries([...answer.headers].filter(([name]) => name !== 'transfer-encoding'))
    response.writeHead(answer.status, told).end(Buffer.from(await answer.arrayBuffer()))
  })
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve))
  const address = front.address()
  endings.push(async () => {
    front.closeAllConnections()
    front.close()
  })
  return { host: typeof address === 'object' ? `127.0.0.1:${address?.port}` : '' }
}

/** The first image that is to be deleted waits until it is let go. */
async function startHoldingFront(to: string) {
  const gate = new EventEmitter()
  const firstDelete = once(gate, 'delete').then(([url]) => String(url))
  const isLetGo = once(gate, 'go')
  const front = await startFront(to, async ({ method, url }) => {
    if (method === 'DELETE') {
      gate.emit('delete', url)
      await isLetGo
    }
    return true
  })
  return { ...front, firstDelete, release: () => gate.emit('go') }
}

const name = `westage gc images${isSkipped ? ' (skipped: no docker-registry)' : ''}`
// Each starts the command several times, in processes of their own.
describe.skipIf(isSkipped)(name, { timeout: 120_000 }, () => {
  it('lists what no folder refers to, and removes it when it is told to', async () => {
    const registry = await registryWith()
    const live = await push(registry, hash('a'), 90)
    const manifested = await push(registry, hash('b'), 90)
    await push(registry, hash('c'), 90)
    await push(registry, hash('d'), 1)
    await push(registry, 'cache', 90)
    await commit(30, {
      'previews/shop/pr-1/preview.yaml': preview(registry.host, live),
      'previews/shop/pr-1/manifests/job.yaml': `image: ${registry.host}/team/shop@${manifested}\n`,
    })
    const all = await tagsOf(registry)

    const listed = await gcImages(registry.host)
    expect(listed).toMatchObject({ code: 0, stderr: '' })
    const words = Object.fromEntries(
      listed.stdout.split('\n').flatMap((line) => {
        const [, tag, verdict] = /\/team\/shop\s+(\S+)\s+sha256:\S+\s+\S+\s+(.*)$/.exec(line) ?? []
        return tag === undefined ? [] : [[tag, verdict]]
      }),
    )
    expect(words).toEqual({
      [hash('a')]: 'kept: in use',
      [hash('b')]: 'kept: in use',
      [hash('c')]: 'not needed',
      [hash('d')]: 'kept: built lately',
      cache: 'kept: not a tag of WeStage',
    })
    expect(listed.stdout).toContain('5 tags in 1 repository: 1 not needed, 4 kept; --remove removes them')
    expect(await tagsOf(registry)).toEqual(all)

    const removed = await remove(registry.host)
    expect(removed).toMatchObject({ code: 0, stderr: '' })
    expect(removed.stdout).toContain('5 tags in 1 repository: 1 removed, 4 kept')
    expect(await tagsOf(registry)).toEqual(all.filter((tag) => tag !== hash('c')))
    expect((await remove(registry.host)).stdout).toContain('4 tags in 1 repository: 0 removed, 4 kept')
  })

  it('keeps what operators name in common/, by digest or by tag', async () => {
    const registry = await registryWith()
    const byDigest = await push(registry, hash('a'), 90)
    await push(registry, hash('b'), 90)
    await push(registry, hash('c'), 90)
    await commit(30, {
      'common/proxy.yaml': `image: ${registry.host}/team/shop@${byDigest}\n`,
      'common/shop/tidy.yaml': `image: ${registry.host}/team/shop:${hash('b')}\n`,
    })
    expect((await remove(registry.host)).stdout).toContain('3 tags in 1 repository: 1 removed, 2 kept')
    expect(await tagsOf(registry)).toEqual([hash('a'), hash('b')])
  })

  it('knows the images of an app that has several, by their tags', async () => {
    const registry = await registryWith()
    const hash = (digit: string) => digit.repeat(64)
    const live = await push(registry, `web-${hash('a')}`, 90)
    await push(registry, `web-${hash('b')}`, 90)
    await push(registry, `worker-${hash('c')}`, 90)
    await push(registry, `web-cache`, 90)
    await commit(30, { 'previews/shop/pr-1/preview.yaml': preview(registry.host, live) })
    expect((await remove(registry.host)).stdout).toContain('4 tags in 1 repository: 2 removed, 2 kept')
    expect(await tagsOf(registry)).toEqual([`web-${hash('a')}`, 'web-cache'])
  })

  it('finds repositories of images that an author named once, where the registry lists what it has', async () => {
    const registry = await registryWith({ auth: 'basic' })
    const authorization = `Basic ${Buffer.from(`${REGISTRY_USER}:${REGISTRY_PASSWORD}`).toString('base64')}`
    const authFile = join(temporary.path, 'catalog.json')
    await writeFile(
      authFile,
      JSON.stringify({
        auths: { [registry.host]: { auth: authorization.slice('Basic '.length) } },
      }),
    )
    const pushTo = (repository: string, app: string) =>
      pushImage(`http://${registry.host}`, repository, hash('a'), { authorization }, builtBy(app, 90))
    await pushTo('team/shop/once', 'shop')
    await pushTo('team/shop/other', 'mail')
    await pushTo('other/shop/once', 'shop')
    const listed = await gcImages(registry.host, { args: ['--json'], repository: '{app}/{image}', authFile })
    expect(listed).toMatchObject({ code: 0, stderr: '' })
    const found: readonly { repository: string; tags: readonly { kept: string | null }[] }[] = JSON.parse(listed.stdout)
    const verdicts = found.map(({ repository, tags }) => [repository, ...tags.map(({ kept }) => kept)])
    expect(verdicts.toSorted()).toEqual([
      [`${registry.host}/team/shop/once`, null],
      [`${registry.host}/team/shop/other`, 'not built by WeStage'],
      [`${registry.host}/team/shop/shop`],
    ])
  })

  it('knows their repositories, where each has its own: of those that the instance or a preview names', async () => {
    const registry = await registryWith()
    const unlisting = await startFront(registry.host, async ({ url }) => !url?.startsWith('/v2/_catalog'))
    const pushTo = (image: string, tag: string) =>
      pushImage(`http://${registry.host}`, `team/shop-${image}`, tag, {}, builtBy('shop', 90, { architecture: tag }))
    const hash = (digit: string) => digit.repeat(64)
    const live = await pushTo('web', hash('a'))
    await pushTo('web', hash('b'))
    await pushTo('worker', hash('c'))
    await commit(30, {
      'previews/shop/pr-1/preview.yaml': `images:\n  web: ${unlisting.host}/team/shop-web@${live}\n`,
    })
    const left = async () => [await tagsOf(registry, 'team/shop-web'), await tagsOf(registry, 'team/shop-worker')]
    const repository = '{app}-{image}'
    const args = ['--remove']
    const without = await gcImages(unlisting.host, { args, repository })
    expect(without).toMatchObject({ code: 0, stderr: expect.stringContaining('are not looked for: the registry') })
    expect(await left()).toEqual([[hash('a')], [hash('c')]])
    const apps = [{ name: 'shop', repository: 'acme/shop', images: { worker: {} } }]
    expect(await gcImages(unlisting.host, { args, repository, apps })).toMatchObject({ code: 0 })
    expect(await left()).toEqual([[hash('a')], []])
  })

  it('keeps what a revert of the last days would bring back, and no longer', async () => {
    const registry = await registryWith()
    const [ended, before, long] = [
      await push(registry, hash('a'), 90),
      await push(registry, hash('b'), 90),
      await push(registry, hash('c'), 90),
    ]
    const now = await push(registry, hash('d'), 90)
    const folder = 'previews/shop/pr-1/preview.yaml'
    await commit(60, {
      [folder]: preview(registry.host, long),
      'previews/shop/pr-2/preview.yaml': preview(registry.host, ended),
    })
    await commit(30, { [folder]: preview(registry.host, before) })
    await commit(3, { [folder]: preview(registry.host, now) })
    await commit(2, { 'previews/shop/pr-2': null })
    const { stdout } = await remove(registry.host)
    expect(stdout).toContain('4 tags in 1 repository: 1 removed, 3 kept')
    expect(await tagsOf(registry)).toEqual([hash('a'), hash('b'), hash('d')])
    await gcImages(registry.host, { args: ['--remove', '--keep', '1d'] })
    expect(await tagsOf(registry)).toEqual([hash('d')])
  })

  it('keeps what CI pushed under tags of the same form, and images of which it can’t tell the age', async () => {
    const registry = await registryWith()
    await push(registry, hash('a'), 90, { labels: { 'org.opencontainers.image.revision': hash('a') } })
    await push(registry, hash('b'), 0, { created: '1970-01-01T00:00:00Z' })
    const { stdout } = await gcImages(registry.host, { args: ['--remove', '--app', 'shop', '--json'] })
    expect(JSON.parse(stdout)).toMatchObject([
      {
        repository: `${registry.host}/team/shop`,
        tags: expect.arrayContaining([
          expect.objectContaining({ tag: hash('a'), kept: 'not built by WeStage', removed: false }),
          expect.objectContaining({ tag: hash('b'), kept: 'of unknown age', built: null, removed: false }),
        ]),
      },
    ])
    expect(await tagsOf(registry)).toHaveLength(2)
  })

  it('removes an image of several platforms whole, and keeps one whose platform is in use', async () => {
    const registry = await registryWith()
    const base = `http://${registry.host}`
    const [amd, arm] = [
      await push(registry, '', 90, { architecture: 'amd64' }),
      await push(registry, '', 90, { architecture: 'arm64' }),
    ]
    const other = await push(registry, '', 90, { architecture: 's390x' })
    await pushIndex(base, 'team/shop', hash('a'), [amd, arm])
    await pushIndex(base, 'team/shop', hash('b'), [arm, other])
    await commit(30, { 'previews/shop/pr-1/preview.yaml': preview(registry.host, other) })
    expect((await remove(registry.host)).stdout).toContain('2 tags in 1 repository: 1 removed, 1 kept')
    const isThere = async (digest: string) =>
      (
        await fetch(`${base}/v2/team/shop/manifests/${digest}`, {
          headers: { accept: 'application/vnd.oci.image.manifest.v1+json' },
        })
      ).status
    expect(await Promise.all([amd, arm, other].map(isThere))).toEqual([404, 200, 200])
    expect(await tagsOf(registry)).toEqual([hash('b')])
  })

  it('looks at every app whose repo has the App installed, or at those alone that are named', async () => {
    const registry = await registryWith()
    await push(registry, hash('a'), 90)
    github.addRepository('acme/never-built', { 'README.md': 'no Dockerfile' })
    const other = await gcImages(registry.host, { args: ['--remove', '--app', 'blog', 'wiki'] })
    expect(other).toMatchObject({ code: 0, stderr: '' })
    expect(other.stdout).toContain('0 tags in 0 repositories')
    github.fail({ path: '/installation/repositories' }, { kind: 'status', status: 403 })
    expect(await remove(registry.host)).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('0 tags in 0 repositories'),
      stderr: expect.stringContaining('Apps of this installation are not looked at: acme'),
    })
    expect(await tagsOf(registry)).toEqual([hash('a')])
    expect(await remove(registry.host)).toMatchObject({ code: 0, stderr: '' })
    expect(await tagsOf(registry)).toEqual([])
  })

  it.each(['basic', 'token'] as const)('signs in to delete: %s', async (auth) => {
    const registry = await registryWith({ auth })
    const authFile = join(temporary.path, `${auth}.json`)
    const entry = { username: REGISTRY_USER, password: REGISTRY_PASSWORD }
    await writeFile(authFile, JSON.stringify({ auths: { [registry.host]: entry } }))
    const headers = await pushHeaders(registry.host, 'team/shop')
    await pushImage(`http://${registry.host}`, 'team/shop', hash('a'), headers, builtBy('shop', 90))
    const { code, stdout } = await remove(registry.host, { authFile })
    expect(code).toBe(0)
    expect(stdout).toContain('1 tag in 1 repository: 1 removed')
    const denied = await gcImages(registry.host, { args: ['--remove', '--app', 'shop'] })
    expect(denied.code).toBe(1)
    expect(denied.stderr).toContain('does not let WeStage read team/shop: it wants credentials')
  })

  it('keeps what a run takes up again while it is removing', async () => {
    const registry = await registryWith()
    const [first = '', second = ''] = [await push(registry, hash('a'), 90), await push(registry, hash('b'), 90)].sort()
    const front = await startHoldingFront(registry.host)
    const run = gcImages(front.host, { args: ['--remove', '--app', 'shop'] })
    const held = await front.firstDelete
    const other = held.includes(first) ? second : first
    await commit(0, { 'previews/shop/pr-1/preview.yaml': preview(front.host, other) })
    front.release()
    expect((await run).stdout).toContain('2 tags in 1 repository: 1 removed, 1 kept')
    expect(await tagsOf(registry)).toHaveLength(1)
    expect((await fetch(`http://${registry.host}/v2/team/shop/manifests/${other}`, ACCEPT)).status).toBe(200)
  })

  it('says what to do where the registry deletes nothing', async () => {
    const registry = await registryWith({ deletes: false })
    await push(registry, hash('a'), 90)
    const { code, stdout, stderr } = await gcImages(registry.host, { args: ['--remove', '--app', 'shop'] })
    expect(code).toBe(1)
    expect(stdout).toContain('1 tag in 1 repository: 0 removed, 1 kept')
    expect(stderr).toContain(`the registry ${registry.host} lets nobody delete images by its API (405)`)
    expect(stderr).toContain('REGISTRY_STORAGE_DELETE_ENABLED=true')
    expect(await tagsOf(registry)).toEqual([hash('a')])
  })

  it('removes nothing where the GitOps repo can’t be read, or has no previews/', async () => {
    const registry = await registryWith()
    await push(registry, hash('a'), 90)
    server.inject('upload-pack', ...Array.from({ length: 20 }, () => ({ kind: 'status' as const, status: 500 })))
    const down = await gcImages(registry.host, { args: ['--remove', '--app', 'shop'] })
    expect(down).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/^[^\n]*500[^\n]*\n$/) })
    server.inject('upload-pack')()
    server.accept({ username: 'somebody', password: 'else' })
    const refused = await gcImages(registry.host, { args: ['--remove', '--app', 'shop'] })
    expect(refused).toMatchObject({ code: 1, stdout: '' })
    server.accept(null)
    await commit(1, { 'previews/.gitkeep': null, 'README.md': 'other' })
    const other = await gcImages(registry.host, { args: ['--remove', '--app', 'shop'] })
    expect(other).toMatchObject({ code: 1, stdout: '' })
    expect(await tagsOf(registry)).toEqual([hash('a')])
  })

  it('removes nothing where there are more commits in the time that is kept than it looks at', async () => {
    const registry = await registryWith()
    const ended = await push(registry, hash('a'), 90)
    await commit(6, { 'previews/shop/pr-1/preview.yaml': preview(registry.host, ended) })
    await commit(5, { 'previews/shop/pr-1': null })
    await commitMany(20_001)
    const tooMany = await remove(registry.host)
    expect(tooMany).toMatchObject({ code: 1, stdout: '' })
    expect(tooMany.stderr).toContain('has over 20,000 commits in the time that is kept: keep a shorter one')
    expect(await tagsOf(registry)).toEqual([hash('a')])
    expect(await gcImages(registry.host, { args: ['--remove', '--keep', '1h'] })).toMatchObject({ code: 0, stderr: '' })
    expect(await tagsOf(registry)).toEqual([])
  })

  it('tells of credentials that can’t be read where no app is known to have images', async () => {
    const { code, stderr } = await gcImages('127.0.0.1:1', { authFile: '/nowhere' })
    expect(stderr).toContain("127.0.0.1:1/team/shop: registry.authFile /nowhere can't be read")
    expect(code).toBe(1)
  })

  it('tells of a registry that is down, and leaves images to CI that are CI’s', async () => {
    const down = await gcImages('127.0.0.1:1', { args: ['--remove', '--app', 'shop'] })
    expect(down.code).toBe(1)
    expect(down.stderr).toContain('127.0.0.1:1/team/shop: the registry at 127.0.0.1:1 did not answer')
    const external = await gcImages('127.0.0.1:1', { builder: 'external', args: ['--remove'] })
    expect(external).toMatchObject({ code: 1, stdout: '' })
    expect(external.stderr).toContain('builder is external')
  })
})
