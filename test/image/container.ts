/** A container of an image, run by runc as Kubernetes has it run with a restricted security context. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { runTool } from '../../src/adapters/child-process.ts'
import type { ImageConfig } from './buildah.ts'

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface Container {
  stdout(): string
  kill(signal: NodeJS.Signals): Promise<void>
  ended(): Promise<Ended>
}

export interface ContainerOptions {
  /** Where the image was unpacked. */
  readonly root: string
  readonly image: ImageConfig
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Folders of this machine by where they are seen, to be read only. */
  readonly folders?: Readonly<Record<string, string>>
  /** Where it may write, and where each of it is gone when it ends. */
  readonly writable?: readonly string[]
}

const SpecSchema = z.looseObject({
  process: z.looseObject({}),
  mounts: z.array(z.looseObject({ destination: z.string() })),
  linux: z.looseObject({ namespaces: z.array(z.object({ type: z.string() })) }),
})

/** Starts one with this machine's network. Its root can't be written, it is no root, and it has no capability. */
export async function startContainer(folder: string, options: ContainerOptions): Promise<Container> {
  const { root, image, args, env = {}, folders = {}, writable = [] } = options
  await mkdir(folder, { recursive: true })
  const bundle = await mkdtemp(join(folder, 'bundle-'))
  const name = bundle.split('/').at(-1) ?? ''
  const state = ['--root', join(folder, 'state')]
  const runc = async (...given: string[]) => {
    const run = { command: 'runc', args: [...state, ...given], cwd: bundle, env: { PATH: process.env.PATH ?? '' } }
    await runTool({ ...run, timeoutMs: 10_000, signal: new AbortController().signal })
  }
  await runc('spec')
  const spec = SpecSchema.parse(JSON.parse(await readFile(join(bundle, 'config.json'), 'utf8')))
  const [uid, gid] = image.User.split(':').map(Number)
  const none = { bounding: [], effective: [], inheritable: [], permitted: [], ambient: [] }
  // Open Container Initiative: Runtime Specification, "Configuration".
  const config = {
    ...spec,
    root: { path: root, readonly: true },
    process: {
      ...spec.process,
      terminal: false,
      user: { uid, gid },
      args: [...image.Entrypoint, ...args],
      env: [...image.Env, ...Object.entries(env).map(([key, value]) => `${key}=${value}`)],
      cwd: image.WorkingDir,
      capabilities: none,
      noNewPrivileges: true,
    },
    mounts: [
      ...spec.mounts,
      ...Object.entries(folders).map(([destination, source]) => ({
        ...{ destination, source, type: 'bind' },
        options: ['rbind', 'ro', 'nosuid', 'nodev'],
      })),
      ...writable.map((destination) => ({
        ...{ destination, source: 'tmpfs', type: 'tmpfs' },
        options: ['nosuid', 'nodev', `uid=${uid}`, `gid=${gid}`, 'size=256m'],
      })),
    ],
    linux: { ...spec.linux, namespaces: spec.linux.namespaces.filter(({ type }) => type !== 'network') },
  }
  await writeFile(join(bundle, 'config.json'), JSON.stringify(config))
  const child = spawn('runc', [...state, 'run', '--bundle', bundle, name], { stdio: ['ignore', 'pipe', 'pipe'] })
  const said = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (chunk: string) => {
      said[stream] += chunk
    })
  }
  const closed = once(child, 'close')
  return {
    stdout: () => said.stdout,
    kill: (signal) => runc('kill', name, signal),
    async ended() {
      await closed
      return { code: child.exitCode ?? -1, ...said }
    },
  }
}
