/** The two that are compared: buildah by itself, with the layers of the build before, and the service's builder. */
import { join } from 'node:path'
import { findBuildah } from '../../../src/adapters/build/buildah.ts'
import { runTool } from '../../../src/adapters/child-process.ts'
import type { ImageBuilder } from '../../../src/ports.ts'
import { requestFor } from '../../adapters/build/repo-on-disk.ts'

const PATH = process.env.PATH ?? ''
const TIMEOUT_MS = 600_000
const never = new AbortController().signal

/** buildah, with images at a registry without TLS. @throws where there is no buildah on the PATH */
export async function benchedBuilder(host: string, dir: string): Promise<ImageBuilder> {
  const builder = await findBuildah(
    {
      registry: { repository: `${host}/ours/{app}`, tag: '{hash}', plainHttp: true, authFile: null },
      credentials: { authFile: null, helperEnvironment: {} },
      timeoutMs: TIMEOUT_MS,
      path: PATH,
      env: {},
      webUrl: 'https://github.com',
      workDir: dir,
      cacheDir: join(dir, 'cache'),
    },
    () => {},
  )
  if (builder === null) throw new Error('the comparison needs buildah')
  return builder
}

/** Milliseconds from an unpacked commit to an image in the registry. */
export async function oursOnce(builder: ImageBuilder, root: string, sha: string): Promise<number> {
  const start = performance.now()
  const built = await builder.build(requestFor(root, { sha }), () => {}, never)
  if (built === null) throw new Error('nothing was built')
  return performance.now() - start
}

/** The same by hand: build with the layers that are there, push. */
export async function plainOnce(host: string, dir: string, root: string, sha: string): Promise<number> {
  const store = ['--root', join(dir, 'plain/root'), '--runroot', join(dir, 'plain/run'), '--storage-driver', 'vfs']
  const run = (args: readonly string[]) =>
    runTool({
      command: 'buildah',
      args: [...store, ...args],
      cwd: dir,
      env: { PATH, HOME: dir },
      timeoutMs: TIMEOUT_MS,
      signal: never,
    })
  const image = 'localhost/plain/shop'
  const label = ['--label', `org.opencontainers.image.revision=${sha}`]
  const start = performance.now()
  await run(['bud', '--isolation', 'chroot', '--layers', '--tag', image, ...label, root])
  await run(['push', '--tls-verify=false', image, `docker://${host}/plain/shop:${sha}`])
  return performance.now() - start
}
