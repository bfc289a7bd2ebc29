/** What the real builders copy of a context, beside what is hashed of it. */

import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { findBuildah } from '../../../src/adapters/build/buildah.ts'
import type { BuilderSettings } from '../../../src/adapters/build/builder-settings.ts'
import { findBuildKit } from '../../../src/adapters/build/buildkit.ts'
import { contextEntries } from '../../../src/adapters/build/context-entries.ts'
import { BUILDAH_PLACES, BUILDKIT_PLACES, ignoreFileOf } from '../../../src/adapters/build/ignore-file.ts'
import { parseIgnoreFile } from '../../../src/adapters/build/ignore-patterns.ts'
import { sourceOf } from '../../../src/adapters/build/source.ts'
import { buildKitPath, NO_BUILDKIT, type RunningBuildKit, startBuildKit } from '../../servers/buildkitd.ts'
import { startMemoryRegistry } from '../../servers/memory-registry.ts'
import type { RunningRegistry } from '../../servers/registry.ts'
import { filesOf } from './pushed-image.ts'
import { copyPrograms, ownTemporaryFolder, repoOf, requestFor } from './repo-on-disk.ts'

const temporary = await ownTemporaryFolder()
const never = new AbortController().signal
const quiet = () => {}

const skipsBuildKit = (await buildKitPath()) === null
let registry: RunningRegistry
let buildkitd: RunningBuildKit | null = null
beforeAll(async () => {
  registry = await startMemoryRegistry()
  if (!skipsBuildKit) buildkitd = await startBuildKit()
})
afterAll(async () => {
  await registry.close()
  await buildkitd?.close()
  // buildah tidies up behind its last build for a while.
  await vi.waitFor(() => temporary.close(), 10_000)
})

const settingsFor = (host: string): BuilderSettings => ({
  registry: { repository: `${host}/team/{app}`, tag: '{hash}', plainHttp: true, authFile: null },
  credentials: { authFile: null, helperEnvironment: {} },
  timeoutMs: 60_000,
  path: process.env.PATH ?? '',
  env: {},
  webUrl: 'https://github.com',
  workDir: temporary.path,
  cacheDir: join(temporary.path, 'cache'),
})
const skipsBuildah = (await findBuildah(settingsFor('127.0.0.1:1'), quiet)) === null && process.env.CI !== 'true'

const BUILDAH = {
  places: BUILDAH_PLACES,
  reading: 'buildah' as const,
  find: () => findBuildah(settingsFor(registry.host), quiet),
}
const BUILDKIT = {
  places: BUILDKIT_PLACES,
  reading: 'docker' as const,
  find: () => {
    const { address, path } = buildkitd ?? { address: '', path: '' }
    const buildkit = { address, tls: null, cacheTag: null, frontends: [] }
    return findBuildKit({ ...settingsFor(registry.host), path }, buildkit, quiet)
  },
}
type Here = typeof BUILDAH | typeof BUILDKIT

const TREE = [
  'README.md',
  'a b',
  'api/main',
  'docs/in/x.md',
  'docs/keep',
  'k8s/app',
  'web/docs/y',
  'web/test.ts',
  'x+y',
]
const RUNS = 10
const COPY_ALL = 'FROM scratch\nCOPY . /\n'

/** What is copied, and what is hashed. */
async function both(here: Here, files: Readonly<Record<string, string>>, more = {}) {
  const root = await repoOf({ ...Object.fromEntries(TREE.map((path) => [path, path])), ...files })
  const request = requestFor(root, more)
  const image = await (await here.find())?.build(request, quiet, never)
  if (image === undefined || image === null) throw new Error('no image')
  const source = await sourceOf(request)
  const { patterns } = await ignoreFileOf(source, here.places)
  const entries = await contextEntries(source.context, patterns ?? [], here.reading, never)
  const hashed = entries.filter(({ kind }) => kind === 'file').map(({ path }) => path)
  return { copied: [...(await filesOf(image)).keys()].toSorted(), hashed: hashed.toSorted() }
}

const CASES = [
  { named: `buildah${skipsBuildah ? ' (skipped: it is not here)' : ''}`, here: BUILDAH, isSkipped: skipsBuildah },
  { named: `BuildKit${skipsBuildKit ? ` (skipped: ${NO_BUILDKIT})` : ''}`, here: BUILDKIT, isSkipped: skipsBuildKit },
]

/** Lines of ignore files about TREE, some of which say nothing of it. */
const part = fc.constantFrom(
  ...[
    'docs',
    'web',
    'api',
    'k8s',
    'keep',
    'in',
    '*',
    '**',
    '*.md',
    '**.md',
    '?eb',
    '[a-k]*',
    'd*',
    'a b',
    'x+y',
    '.',
    '..',
  ],
)
const line = fc
  .tuple(fc.constantFrom('', '', '!', '/', '!/', ' '), fc.array(part, { minLength: 1, maxLength: 3 }))
  .map(([before, parts]) => `${before}${parts.join('/')}`)
const ignoreFile = fc
  .array(line, { minLength: 1, maxLength: 4 })
  .map((lines) => lines.join('\n'))
  // Others are refused by builders, or their whole context is hashed.
  .filter((text) => parseIgnoreFile(text) !== null)

describe.each(CASES)('$named', ({ here, isSkipped }) => {
  const test = it.skipIf(isSkipped)
  const testBuildah = it.skipIf(isSkipped || here !== BUILDAH)

  test.each([
    '',
    '\ufeff# what nobody needs\r\n/docs/\r\n*.md \r\n',
    '**/docs\n!docs/keep\nk8s\n',
    '*\n!web\nweb/*.ts\n',
    '**.md\n x+y\n./api/../a?b\n',
    '**/docs/**\n[a-c]p?\nx\\+y\n',
  ])('copies just what is hashed with %j ignored', async (ignored) => {
    const { copied, hashed } = await both(here, { Dockerfile: COPY_ALL, '.dockerignore': ignored })
    expect(copied).toEqual(hashed)
  })

  test('copies nothing that is not hashed, whatever is ignored', async () => {
    const copiesWhatIsHashed = async (ignored: string) => {
      const { copied, hashed } = await both(here, { Dockerfile: COPY_ALL, '.dockerignore': ignored })
      expect(hashed).toEqual(expect.arrayContaining([...copied]))
      // buildah looks into an ignored folder for what an exception names letter by letter.
      if (here === BUILDKIT || !/^ *!.*[*?[]/m.test(ignored)) expect(copied).toEqual(hashed)
    }
    await fc.assert(fc.asyncProperty(ignoreFile, copiesWhatIsHashed), { numRuns: RUNS })
  }, 120_000)

  const GOING_BY = 'goes by %s before others'
  const goesBy = async (_: string, ignoreFiles: Readonly<Record<string, string>>) => {
    const files = { 'prod.Dockerfile': COPY_ALL, ...ignoreFiles }
    const { copied, hashed } = await both(here, files, { dockerfile: 'prod.Dockerfile' })
    expect(copied).toEqual(hashed)
    expect(copied).toContain('web/test.ts')
    expect(copied).not.toContain('docs/keep')
  }
  test.each([['prod.Dockerfile.dockerignore', { 'prod.Dockerfile.dockerignore': 'docs', '.dockerignore': 'web' }]])(
    GOING_BY,
    goesBy,
  )
  testBuildah.each<[string, Record<string, string>]>([
    ['.containerignore', { '.containerignore': 'docs', '.dockerignore': 'web' }],
    ['prod.Dockerfile.containerignore', { 'prod.Dockerfile.containerignore': 'docs', '.dockerignore': 'web' }],
  ])(GOING_BY, goesBy)

  test('copies what an exception names in a folder that is ignored', async () => {
    const ignored = here === BUILDAH ? 'docs\nk8s\n!docs/keep\n' : 'docs\nk8s\n!**/keep\n'
    const { copied, hashed } = await both(here, { Dockerfile: COPY_ALL, '.dockerignore': ignored })
    expect(copied).toEqual(hashed)
    expect(copied).toContain('docs/keep')
  })

  testBuildah('copies less than is hashed where only a wildcard names what is kept of an ignored folder', async () => {
    const { copied, hashed } = await both(here, { Dockerfile: COPY_ALL, '.dockerignore': 'docs\nk8s\n!**/keep\n' })
    expect(hashed).toContain('docs/keep')
    expect(hashed).toEqual(expect.arrayContaining([...copied]))
  })

  test('copies all where it can’t be told what it ignores, and hashes all', async () => {
    const { copied, hashed } = await both(here, { Dockerfile: COPY_ALL, '.dockerignore': 'docs/{a,b}\n' })
    expect(copied).toEqual(hashed)
  })

  test('makes no other image for a push that it copies nothing of', async () => {
    const build = async (k8s: string) => {
      const root = await repoOf({ Dockerfile: COPY_ALL, '.dockerignore': 'k8s\n', 'k8s/app': k8s, page: 'reused' })
      return await (await here.find())?.build(requestFor(root), quiet, never)
    }
    const first = await build('old')
    expect(first?.isReused).toBe(false)
    expect(await build('new')).toEqual({ ...first, isReused: true })
  })

  testBuildah('mounts what is ignored for a step, and makes another image for another one of it', async () => {
    const mount = 'RUN --mount=type=bind,target=/mnt cat /mnt/docs/keep'
    const build = async (keep: string) => {
      const files = {
        Dockerfile: `FROM scratch\nCOPY system /\n${mount}\n`,
        '.dockerignore': 'docs',
        'docs/keep': `${keep}\n`,
      }
      const root = await repoOf(files)
      await copyPrograms(join(root, 'system'), ['/bin/sh', '/bin/cat'])
      await mkdir(join(root, 'system/mnt'))
      const lines: string[] = []
      const builder = await here.find()
      return { image: await builder?.build(requestFor(root), (line) => lines.push(line), never), lines }
    }
    const first = await build('mounted once')
    expect(first.lines).toContain('mounted once')
    const second = await build('mounted twice')
    expect(second.image?.isReused).toBe(false)
    expect(second.lines).toContain('mounted twice')
  })

  testBuildah('names the ignore file as the author does, where it leaves nothing to copy', async () => {
    const root = await repoOf({ Dockerfile: 'FROM scratch\nCOPY docs/* /\n', 'docs/a': '', '.dockerignore': 'docs\n' })
    const failure = await (await here.find())?.build(requestFor(root), quiet, never).catch((error) => error)
    expect(failure.message).toMatch(/COPY docs\/\* \/: .*1 filtered out using \.dockerignore\)/)
  })
})
