/** buildah of this machine for one test file, with a cache of its own and the registry of the demo. */
import { readdir, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { vi } from 'vitest'
import { findBuildah } from '../../../src/adapters/build/buildah.ts'
import type { ImageBuilder } from '../../../src/ports.ts'
import { startMemoryRegistry } from '../../servers/memory-registry.ts'
import { findRegistry } from '../../servers/registry.ts'
import { listIn } from './buildah-stores.ts'
import { copyPrograms, ownTemporaryFolder, repoOf } from './repo-on-disk.ts'

const path = process.env.PATH ?? ''

interface Other {
  readonly authFile?: string
  /** A folder with credential helpers. */
  readonly helpers?: string
  readonly timeoutMs?: number
  readonly cacheDir?: string
}

export interface GivenBuildah {
  readonly isSkipped: boolean
  /** What the tests are called, with why they are skipped. */
  readonly named: string
  /** A folder for the file's temporary files. */
  readonly temporary: string
  /** The registry's. */
  readonly host: string
  builder(other?: Other & { readonly host?: string }): Promise<ImageBuilder>
  /** The first store of an app. */
  storeOf(app: string): Promise<string>
  /** What buildah has in it. */
  listOf(app: string, what: 'containers' | 'images'): Promise<readonly string[]>
  close(): Promise<void>
}

export async function givenBuildah(): Promise<GivenBuildah> {
  const temporary = await ownTemporaryFolder()
  const ownCache = join(temporary.path, 'cache')
  const registry = await startMemoryRegistry()
  const builderFor = (host: string, { authFile, helpers, timeoutMs, cacheDir }: Other) =>
    findBuildah(
      {
        registry: { repository: `${host}/team/{app}`, tag: '{sha}', plainHttp: true, authFile: authFile ?? null },
        credentials: { authFile: authFile ?? null, helperEnvironment: { PATH: `${helpers ?? ''}:${path}` } },
        timeoutMs: timeoutMs ?? 60_000,
        path,
        env: {},
        webUrl: 'https://github.com',
        workDir: temporary.path,
        cacheDir: cacheDir ?? ownCache,
      },
      () => {},
    )
  const isMissing = (await builderFor(registry.host, {})) === null || (await findRegistry()) === null
  const isSkipped = isMissing && process.env.CI !== 'true'
  const storeOf = async (app: string) => {
    const folder = (await readdir(ownCache)).find((name) => name.startsWith(`${app}.`))
    return join(await realpath(ownCache), folder ?? app, '0')
  }
  return {
    isSkipped,
    named: `buildah${isSkipped ? ' (skipped: no buildah or no docker-registry)' : ''}`,
    temporary: temporary.path,
    host: registry.host,
    async builder({ host = registry.host, ...other } = {}) {
      const found = await builderFor(host, other)
      if (found === null) throw new Error('buildah is not here')
      return found
    },
    storeOf,
    listOf: async (app, what) => await listIn(await storeOf(app), what),
    async close() {
      await registry.close()
      // buildah tidies up behind its last build for a while.
      await vi.waitFor(() => temporary.close(), 10_000)
    },
  }
}

/** A repo whose image has a shell, for one step. */
export async function repoWithShell(run: string): Promise<string> {
  const root = await repoOf({ Dockerfile: `FROM scratch\nCOPY system/ /\n${run}\n` })
  const programs = ['/bin/sh', '/bin/sleep', '/usr/bin/setsid']
  await copyPrograms(join(root, 'system'), await Promise.all(programs.map((program) => realpath(program))))
  for (const program of programs) await copyPrograms(join(root, 'system'), [program])
  return root
}
