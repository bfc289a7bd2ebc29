/** buildah with a store of its own, for images that come from nowhere else. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { runTool, ToolFailed } from '../../src/adapters/child-process.ts'
import type { BaseImage } from './base-images.ts'

const BUILD_MS = 1_200_000
const ROOT = join(import.meta.dirname, '../..')
const ConfigSchema = z.object({
  User: z.string(),
  Env: z.array(z.string()),
  Entrypoint: z.array(z.string()),
  WorkingDir: z.string(),
  ExposedPorts: z.record(z.string(), z.unknown()),
})
/** OCI Image Specification: "Image Configuration". */
export type ImageConfig = z.output<typeof ConfigSchema>

export interface Images {
  /** Makes an image of a folder's files. */
  make(image: BaseImage): Promise<void>
  /** Builds this repo's Dockerfile, of images that were made. @returns the image's id @throws with its last lines */
  build(target: string | null): Promise<string>
  config(image: string): Promise<ImageConfig>
  /** Pushes an image to a registry without TLS. @param repository with its host @returns its digest */
  push(image: string, repository: string): Promise<string>
  /** @returns a folder with the image's files */
  unpack(image: string): Promise<string>
  /** Removes all of it. */
  close(): Promise<void>
}

/** @param folder its own, which holds all that it makes */
export function imagesIn(folder: string, log: (line: string) => void): Images {
  const store = ['--storage-driver', 'overlay', '--root', join(folder, 'images'), '--runroot', join(folder, 'run')]
  const env = { PATH: process.env.PATH ?? '', HOME: folder, TMPDIR: join(folder, 'tmp'), BUILDAH_ISOLATION: 'chroot' }
  const buildah = async (...args: string[]) => {
    await mkdir(env.TMPDIR, { recursive: true })
    const run = { command: 'buildah', args: [...store, ...args], cwd: ROOT, env, timeoutMs: BUILD_MS }
    const output = await runTool({ ...run, onLine: log, signal: new AbortController().signal }).catch((error) => {
      if (error instanceof ToolFailed) throw new Error(error.tail.join('\n'), { cause: error })
      throw error
    })
    return output.stdout.trim()
  }
  return {
    async make({ name, fill, instructions }) {
      const context = join(folder, 'base', name)
      await mkdir(context, { recursive: true })
      await fill(context)
      const dockerfile = join(folder, 'Dockerfile.base')
      await writeFile(dockerfile, ['FROM scratch', 'COPY . /', ...instructions, ''].join('\n'))
      await buildah('bud', '--pull-never', '--file', dockerfile, '--tag', name, context)
    },
    async build(target) {
      const stage = target === null ? [] : ['--target', target]
      // npm's cache spares the registry what this machine has; the image has none of it.
      const npm = join(homedir(), '.npm')
      await mkdir(npm, { recursive: true })
      const cache = ['--volume', `${npm}:/root/.npm`]
      const lines = await buildah('bud', '--quiet', '--pull-never', '--layers', ...cache, ...stage, '.')
      return lines.split('\n').at(-1) ?? ''
    },
    async config(image) {
      const json: unknown = JSON.parse(await buildah('inspect', '--type', 'image', image))
      return z.object({ OCIv1: z.object({ config: ConfigSchema }) }).parse(json).OCIv1.config
    },
    async push(image, repository) {
      const digest = join(folder, 'digest')
      await buildah('push', '--tls-verify=false', '--digestfile', digest, image, `docker://${repository}:pushed`)
      return (await readFile(digest, 'utf8')).trim()
    },
    unpack: async (image) => await buildah('mount', await buildah('from', '--pull-never', image)),
    async close() {
      await buildah('umount', '--all')
      await rm(folder, { recursive: true, force: true })
    },
  }
}
