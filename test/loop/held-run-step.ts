/** A Dockerfile with a RUN step that waits, the first time that it is run, until the test lets it go on. */
import { once } from 'node:events'
import { mkdir, mkdtemp } from 'node:fs/promises'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findBuildah } from '../../src/adapters/build/buildah.ts'
import { copyPrograms, repoOf, requestFor } from '../adapters/build/repo-on-disk.ts'

export interface HeldRunStep {
  /** The processes of its RUN step have the name of a folder of a run in their environment. */
  readonly dockerfile: string
  /** How many times the step has been begun. */
  begun(): number
  /** The one that waits goes on. */
  release(): void
  close(): Promise<void>
}

/** @param base the name of the base image, which `pushBase` made */
export async function startHeldRunStep(base: string): Promise<HeldRunStep> {
  let begun = 0
  let held: Socket | null = null
  const server = createServer((socket) => {
    begun += 1
    // A build that is killed may reset its connection.
    socket.on('error', () => {})
    if (begun === 1) held = socket
    else socket.destroy()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const release = () => void held?.destroy()
  // Bash, "Redirections": it opens a connection for /dev/tcp. With chroot isolation the network is this machine's.
  const wait = `read line < /dev/tcp/127.0.0.1/${port} || true`
  const dockerfile = [
    `FROM ${base}`,
    `ENV HELD=${join(tmpdir(), 'westage-held')}`,
    `RUN ["/bin/bash", "-c", ${JSON.stringify(wait)}]`,
    'COPY site /site',
    '',
  ].join('\n')
  return {
    dockerfile,
    begun: () => begun,
    release,
    async close() {
      release()
      server.close()
      await once(server, 'close')
    },
  }
}

/**
 * @param host the registry that gets it: `127.0.0.1:PORT`, plain HTTP
 * @returns the image's name by its digest, without the registry
 */
export async function pushBase(host: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'base-'))
  const root = await repoOf({ Dockerfile: 'FROM scratch\nCOPY system /\n' })
  await mkdir(join(root, 'system'))
  await copyPrograms(join(root, 'system'), ['/bin/bash'])
  const builder = await findBuildah(
    {
      registry: { repository: `${host}/base/{app}`, tag: '{sha}', plainHttp: true, authFile: null },
      credentials: { authFile: null, helperEnvironment: {} },
      timeoutMs: 30_000,
      path: process.env.PATH ?? '',
      env: {},
      webUrl: 'https://github.com',
      workDir: folder,
      cacheDir: join(folder, 'cache'),
    },
    () => {},
  )
  const image = await builder?.build(requestFor(root), () => {}, new AbortController().signal)
  if (image === null || image === undefined) throw new Error('buildah is not here')
  return `${image.repository.slice(host.length + 1)}@${image.digest}`
}
