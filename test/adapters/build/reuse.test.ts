/** When an image is made, and when the one that is in the registry is taken: with a builder that pushes an empty image. */
import { readdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { contextEntries } from '../../../src/adapters/build/context-entries.ts'
import { BUILDKIT_PLACES } from '../../../src/adapters/build/ignore-file.ts'
import { type BuildOrder, makingWhatIsMissing } from '../../../src/adapters/build/reuse.ts'
import { Terminal } from '../../../src/domain/errors.ts'
import type { ImageBuilder } from '../../../src/ports.ts'
import { unlessAborted } from '../../../src/twig/abort-signals.ts'
import { answering } from '../../servers/answering.ts'
import { startMemoryRegistry } from '../../servers/memory-registry.ts'
import { pushImage } from '../../servers/push-image.ts'
import type { RunningRegistry } from '../../servers/registry.ts'
import { ownTemporaryFolder, repoOf, requestFor } from './repo-on-disk.ts'

const FILES = {
  Dockerfile: 'FROM scratch\nCOPY site /site\n',
  'site/index.html': 'hello',
  '.dockerignore': 'k8s\n*.md\n',
}
const never = new AbortController().signal
const quiet = () => {}
const [A, B] = ['a'.repeat(40), 'b'.repeat(40)]

const temporary = await ownTemporaryFolder()
let registry: RunningRegistry
beforeAll(async () => {
  registry = await startMemoryRegistry()
})
afterAll(async () => {
  await registry.close()
  await temporary.close()
})

/** What a builder was handed of the context, by path. */
const handed = async ({ source }: BuildOrder): Promise<readonly string[]> =>
  (await contextEntries(source.context, [], 'docker', never))
    .filter(({ kind }) => kind !== 'folder')
    .map(({ path }) => path)
    .toSorted()

/** A test's own builder and repository. */
interface Making {
  readonly builder: ImageBuilder
  /** What it made so far. */
  readonly made: readonly BuildOrder[]
  /** What it was handed of each context. */
  readonly handed: readonly (readonly string[])[]
}
/** What every build waits for. */
let mayEnd: Promise<void>
let repositories = 0
beforeEach(() => {
  mayEnd = Promise.resolve()
  repositories += 1
})

function making(more: { tag?: string; host?: string; seesWholeContext?: boolean } = {}): Making {
  const made: BuildOrder[] = []
  const seen: (readonly string[])[] = []
  const host = more.host ?? registry.host
  const repository = `team/app-${repositories}`
  const builder = makingWhatIsMissing(
    {
      name: 'tests',
      kind: 'tests',
      platformNow: async () => 'linux/amd64',
      places: BUILDKIT_PLACES,
      reading: 'docker',
      seesWholeContext: () => more.seesWholeContext ?? false,
      close: async () => {},
      async make(order, _, signal) {
        made.push(order)
        seen.push(await handed(order))
        await unlessAborted(mayEnd, signal)
        const digest = await pushImage(`http://${registry.host}`, repository, order.target.tag)
        return { repository: `${host}/${repository}`, digest }
      },
    },
    {
      registry: { repository: `${host}/${repository}`, tag: more.tag ?? '{hash}', plainHttp: true, authFile: null },
      credentials: { authFile: null, helperEnvironment: {} },
      workDir: temporary.path,
    },
  )
  return { builder, made, handed: seen }
}

it('makes no image for a commit that changes nothing of what the last one was made from', async () => {
  const { builder, made } = making()
  const first = await builder.build(requestFor(await repoOf(FILES), { sha: A }), quiet, never)
  const lines: string[] = []
  const changed = { ...FILES, 'k8s/deployment.yaml': 'new', 'README.md': 'new' }
  const request = requestFor(await repoOf(changed), { sha: B, pull: 8 })
  const second = await builder.build(request, (line) => lines.push(line), never)
  expect(second).toEqual({ ...first, isReused: true })
  expect(first).toMatchObject({ isReused: false })
  expect(made).toHaveLength(1)
  expect(lines.join()).toMatch(/team\/app-\d+:[0-9a-f]{64} is in the registry already: nothing to build/)
})

it('makes none for a revert to a commit of before', async () => {
  const { builder, made } = making()
  const [before, after] = [await repoOf(FILES), await repoOf({ ...FILES, 'site/index.html': 'more' })]
  const first = await builder.build(requestFor(before), quiet, never)
  await builder.build(requestFor(after), quiet, never)
  expect(await builder.build(requestFor(before), quiet, never)).toEqual({ ...first, isReused: true })
  expect(made).toHaveLength(2)
})

it('makes each one where the tag does not tell what is in it', async () => {
  const { builder, made } = making({ tag: '{sha}' })
  for (const sha of [A, A]) await builder.build(requestFor(await repoOf(FILES), { sha }), quiet, never)
  expect(made).toHaveLength(2)
  expect(made[0]?.target.tag).toBe(A)
})

it.each([
  'ADD https://example.com/tool /tool',
  'ADD git@example.com:acme/tool.git /tool',
  'ADD ["a", "https://example.com/tool", "/tool"]',
  'ADD $TOOL /tool',
])('makes each one whose Dockerfile gets something from elsewhere: %s', async (add) => {
  const { builder, made } = making()
  const lines: string[] = []
  const root = await repoOf({ ...FILES, Dockerfile: `FROM scratch\n${add}\n` })
  for (const sha of [A, B]) await builder.build(requestFor(root, { sha }), (line) => lines.push(line), never)
  expect(made).toHaveLength(2)
  expect(lines[0]).toContain(`Dockerfile:2: ${add}`)
})

it.each(['ADD site.tar.gz /site', `ADD --checksum=sha256:${'0'.repeat(64)} https://example.com/tool /tool`])(
  'makes only one where what it adds is known before: %s',
  async (add) => {
    const { builder, made } = making()
    const root = await repoOf({ ...FILES, Dockerfile: `FROM scratch\n${add}\n` })
    for (const sha of [A, B]) await builder.build(requestFor(root, { sha }), quiet, never)
    expect(made).toHaveLength(1)
  },
)

it('makes another one for a change that is ignored, where a build may see that all the same', async () => {
  const { builder, made } = making({ seesWholeContext: true })
  for (const text of ['old', 'new']) {
    await builder.build(requestFor(await repoOf({ ...FILES, 'k8s/deployment.yaml': text })), quiet, never)
  }
  expect(made).toHaveLength(2)
})

it('makes one for two pull requests that want the same at the same time, and tells the second that it waits', async () => {
  const { builder, made } = making()
  const root = await repoOf(FILES)
  let end = quiet
  mayEnd = new Promise((resolve) => {
    end = resolve
  })
  const lines: string[] = []
  const first = builder.build(requestFor(root), quiet, never)
  await vi.waitFor(() => expect(made).toHaveLength(1))
  const second = builder.build(requestFor(root, { pull: 8 }), (line) => lines.push(line), never)
  await vi.waitFor(() => expect(lines.join()).toContain('another run is building'))
  end()
  expect(await second).toEqual({ ...(await first), isReused: true })
  expect(made).toHaveLength(1)
})

it('makes one for two apps of a repo that are built from the same at the same time, where they share a repository', async () => {
  const { builder, made } = making()
  const root = await repoOf(FILES)
  let end = quiet
  mayEnd = new Promise((resolve) => {
    end = resolve
  })
  const lines: string[] = []
  const first = builder.build(requestFor(root, { app: 'web' }), quiet, never)
  await vi.waitFor(() => expect(made).toHaveLength(1))
  const second = builder.build(requestFor(root, { app: 'api' }), (line) => lines.push(line), never)
  await vi.waitFor(() => expect(lines.join()).toContain('another run is building'))
  end()
  expect(await second).toEqual({ ...(await first), isReused: true })
  expect(made.map(({ request }) => request.app)).toEqual(['web'])
})

it('makes each image of an app under a tag of its own, and none of them again', async () => {
  const { builder, made } = making()
  const root = await repoOf(FILES)
  const all = async (at: string) => {
    const images = ['web', 'worker'].map((image) => builder.build(requestFor(at, { image }), quiet, never))
    return (await Promise.all(images)).map((image) => image?.isReused)
  }
  expect(await all(root)).toEqual([false, false])
  const tags = made.map(({ target }) => target.tag.replace(/[0-9a-f]{64}/, '#'))
  expect(tags.toSorted()).toEqual(['web-#', 'worker-#'])
  expect(await all(await repoOf(FILES))).toEqual([true, true])
})

describe('an image with paths', () => {
  const MONO = {
    'web/Dockerfile': 'FROM scratch\nCOPY . /\n',
    'web/src/index.ts': 'web',
    'web/src/index.test.ts': 'test',
    'api/Dockerfile': 'FROM scratch\nCOPY . /\n',
    'api/index.ts': 'api',
    'libs/a/index.ts': 'a',
    'libs/a/README.md': 'a',
    'package.json': '{}',
    '.dockerignore': '**/*.test.ts\n',
  }
  const IMAGES = {
    web: { image: 'web', dockerfile: 'web/Dockerfile', paths: ['web/src', 'libs/**/*.ts', 'package.json'] },
    api: { image: 'api', dockerfile: 'api/Dockerfile', paths: ['api', 'package.json'] },
  }
  const imagesOf = async ({ builder }: Making, changed: Readonly<Record<string, string>>) => {
    const root = await repoOf({ ...MONO, ...changed })
    await symlink('../libs/a', join(root, 'web/src/a'))
    const build = async (image: keyof typeof IMAGES) =>
      (await builder.build(requestFor(root, IMAGES[image]), quiet, never))?.isReused
    return { web: await build('web'), api: await build('api') }
  }

  it('is made from what these name, out of a context that it shares with others, and from nothing else', async () => {
    const one = making()
    await imagesOf(one, {})
    expect(one.handed).toEqual([
      ['.dockerignore', 'libs/a/index.ts', 'package.json', 'web/src/a', 'web/src/index.test.ts', 'web/src/index.ts'],
      ['.dockerignore', 'api/Dockerfile', 'api/index.ts', 'package.json'],
    ])
    expect(await readdir(temporary.path)).not.toContainEqual(expect.stringMatching(/^westage-context-/))
  })

  it.each([
    ['none, of what neither names', { 'libs/a/README.md': 'more', 'README.md': 'new' }, { web: true, api: true }],
    [
      'none, of what one names and .dockerignore leaves out',
      { 'web/src/index.test.ts': 'more' },
      { web: true, api: true },
    ],
    ['the one that names it', { 'libs/a/index.ts': 'more' }, { web: false, api: true }],
    ['the one whose Dockerfile it is', { 'web/Dockerfile': 'FROM scratch\nCOPY web /\n' }, { web: false, api: true }],
    ['both, of what both name', { 'package.json': '{ }' }, { web: false, api: false }],
    ['both, of the .dockerignore of their context', { '.dockerignore': 'docs\n' }, { web: false, api: false }],
  ])('is made again for a change of its own: %s', async (_, changed, isReused) => {
    const one = making()
    expect(await imagesOf(one, {})).toEqual({ web: false, api: false })
    expect(await imagesOf(one, changed)).toEqual(isReused)
  })

  it('has them compared with paths of the repo, where the context is a folder or a link to one', async () => {
    const one = making()
    const root = await repoOf(MONO)
    await symlink('web', join(root, 'site'))
    for (const context of ['web', 'site']) {
      const request = requestFor(root, { context, dockerfile: 'web/Dockerfile', paths: ['web/*/*.ts'] })
      await one.builder.build(request, quiet, never)
    }
    expect(one.handed).toEqual([['src/index.test.ts', 'src/index.ts']])
  })

  it('is the author’s to mend where these name nothing of its context', async () => {
    const { builder, made } = making()
    const request = requestFor(await repoOf(FILES), { paths: ['src', 'libs'] })
    await expect(builder.build(request, quiet, never)).rejects.toThrow(
      new Terminal('its paths name nothing of the build context .: src, libs'),
    )
    expect(made).toEqual([])
    expect(await readdir(temporary.path)).not.toContainEqual(expect.stringMatching(/^westage-context-/))
  })
})

it('goes on with the second of them when the first is aborted', async () => {
  const { builder, made } = making()
  const root = await repoOf(FILES)
  let end = quiet
  mayEnd = new Promise((resolve) => {
    end = resolve
  })
  const [stop, reason] = [new AbortController(), new Error('superseded')]
  const first = builder.build(requestFor(root), quiet, stop.signal).catch((error) => error)
  await vi.waitFor(() => expect(made).toHaveLength(1))
  const second = builder.build(requestFor(root, { pull: 8 }), quiet, never)
  stop.abort(reason)
  expect(await first).toBe(reason)
  end()
  expect(await second).toMatchObject({ isReused: false })
  expect(made.map(({ request }) => request.pull)).toEqual([7, 8])
})

it('goes on with the first of them when the second, which waits, is aborted', async () => {
  const { builder, made } = making()
  const root = await repoOf(FILES)
  let end = quiet
  mayEnd = new Promise((resolve) => {
    end = resolve
  })
  const [stop, reason] = [new AbortController(), new Error('closed')]
  const first = builder.build(requestFor(root), quiet, never)
  await vi.waitFor(() => expect(made).toHaveLength(1))
  const lines: string[] = []
  const second = builder.build(requestFor(root, { pull: 8 }), (line) => lines.push(line), stop.signal)
  const ended = expect(second).rejects.toBe(reason)
  await vi.waitFor(() => expect(lines.join()).toContain('another run is building'))
  stop.abort(reason)
  await ended
  end()
  expect(await first).toMatchObject({ isReused: false })
  expect(made).toHaveLength(1)
})

it('takes a registry that does not answer for the platform’s trouble, and builds nothing for it', async () => {
  const { builder, made } = making({ host: '127.0.0.1:2' })
  const build = builder.build(requestFor(await repoOf(FILES)), quiet, never)
  await expect(build).rejects.toThrow('the registry at 127.0.0.1:2 did not answer: ECONNREFUSED')
  expect(made).toEqual([])
})

it('builds where the registry lets nobody look, and says so', async () => {
  const { builder, made } = making({ host: await answering((_, response) => response.writeHead(403).end()) })
  const lines: string[] = []
  const image = await builder.build(requestFor(await repoOf(FILES)), (line) => lines.push(line), never)
  expect(image).toMatchObject({ isReused: false })
  expect(made).toHaveLength(1)
  expect(lines.join()).toMatch(/is there already can't be told: the registry .* does not let WeStage read/)
})

it('hands the builder the ignore file that was hashed', async () => {
  const { builder, made } = making()
  const files = {
    ...FILES,
    'web/Dockerfile': FILES.Dockerfile,
    'web/Dockerfile.dockerignore': '# all\n/site/ \n!site/a\n',
  }
  await builder.build(requestFor(await repoOf(files), { dockerfile: join('web', 'Dockerfile') }), quiet, never)
  expect(made[0]?.ignoreFile.patterns?.map(({ line }) => line)).toEqual(['site', '!site/a'])
})
