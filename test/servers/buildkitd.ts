/** The real buildkitd with runc, on a socket or on loopback with TLS, in a folder of its own. Needs root. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { commandPathOf, runTool } from '../../src/adapters/child-process.ts'
import { endWithUs } from '../../src/adapters/end-with-us.ts'
import { findBuiltBuildKit } from '../buildkit/programs.ts'
import { until } from '../demo/until.ts'

const START_TIMEOUT_MS = 30_000
const END_TIMEOUT_MS = 15_000
const ANSWER_TIMEOUT_MS = 10_000

/** Why the tests that need it are left out. */
export const NO_BUILDKIT = 'no BuildKit (npx tsx test/buildkit/build.ts), no runc, or not root'

export interface RunningBuildKit {
  readonly address: string
  /** A PATH with buildctl on it. */
  readonly path: string
  /** Builds that are under way, as buildkitd's own history has them. */
  underWay(): Promise<readonly string[]>
  /** Forgets all layers. */
  prune(): Promise<void>
  /** As a machine that goes down. */
  kill(): Promise<void>
  close(): Promise<void>
}

interface BuildKitOptions {
  /** More of its configuration. */
  readonly more?: string
  /** Its folder; one of its own where it is not given. */
  readonly root?: string
  /** Files in PEM, for TLS on a port of loopback; the certificate is for both sides. */
  readonly tls?: { readonly port: number; readonly ca: string; readonly cert: string; readonly key: string }
}

/** The PATH with buildctl and buildkitd on it, null where this machine can't run them. */
export async function buildKitPath(): Promise<string | null> {
  const own = process.env.PATH ?? ''
  const built = await findBuiltBuildKit()
  const path = built === null ? own : `${built}:${own}`
  const programs = await Promise.all(['buildkitd', 'buildctl', 'runc'].map((program) => commandPathOf(program, path)))
  return process.getuid?.() !== 0 || programs.includes(null) ? null : path
}

/** @throws what it said where it does not start */
export async function startBuildKit(options: BuildKitOptions = {}): Promise<RunningBuildKit> {
  const path = await buildKitPath()
  if (path === null) throw new Error(NO_BUILDKIT)
  const folder = await mkdtemp(join(tmpdir(), 'westage-buildkitd-'))
  const root = options.root ?? join(folder, 'root')
  await mkdir(root, { recursive: true })
  const { tls } = options
  const address = tls === undefined ? `unix://${folder}/buildkitd.sock` : `tcp://127.0.0.1:${tls.port}`
  await writeFile(join(folder, 'buildkitd.toml'), configOf(root, address, tls) + (options.more ?? ''))
  const env = { PATH: path, HOME: folder, TMPDIR: folder }
  const child = spawn((await commandPathOf('buildkitd', path)) ?? '', ['--config', join(folder, 'buildkitd.toml')], {
    cwd: folder,
    env,
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const isGone = endWithUs(child.pid ?? 0)
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said = `${said}${chunk}`.slice(-20_000)
  })
  const isRunning = () => child.exitCode === null && child.signalCode === null
  const end = async (signal: NodeJS.Signals) => {
    if (!isRunning()) return
    const exited = once(child, 'exit')
    child.kill(signal)
    const late = setTimeout(() => child.kill('SIGKILL'), END_TIMEOUT_MS)
    await exited
    clearTimeout(late)
    isGone()
  }
  const buildctl = async (...args: string[]): Promise<string> => {
    const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS)
    const files = tls === undefined ? [] : ['--tlscacert', tls.ca, '--tlscert', tls.cert, '--tlskey', tls.key]
    const flags = ['--addr', address, ...files]
    return (await runTool({ command: 'buildctl', args: [...flags, ...args], cwd: folder, env, signal })).stdout
  }
  const close = async () => {
    await end('SIGTERM')
    await unmountBelow(root, env)
    await rm(folder, { recursive: true, force: true })
  }
  try {
    const fault = async () => {
      if (!isRunning()) throw new Error('it ended')
      return await buildctl('debug', 'workers').then(() => null, String)
    }
    await until('buildkitd to answer', START_TIMEOUT_MS, fault, new AbortController().signal)
  } catch (error) {
    await close()
    throw new Error(`buildkitd did not start:\n${said}`, { cause: error })
  }
  return {
    address,
    path,
    underWay: async () =>
      (await buildctl('debug', 'histories')).split('\n').flatMap((line) => {
        const [state = '', ref = ''] = line.split(/\s+/)
        return state === 'STARTED' ? [ref] : []
      }),
    async prune() {
      await buildctl('prune', '--all')
    },
    kill: () => end('SIGKILL'),
    close,
  }
}

/** What a buildkitd that was killed had mounted. proc(5): the second field is where. */
async function unmountBelow(root: string, env: Readonly<Record<string, string>>): Promise<void> {
  const mounts = (await readFile('/proc/self/mounts', 'utf8')).split('\n').map((line) => line.split(' ')[1] ?? '')
  for (const mount of mounts.filter((path) => path.startsWith(`${root}/`)).toReversed()) {
    await runTool({ command: 'umount', args: ['--lazy', mount], cwd: '/', env, signal: AbortSignal.timeout(10_000) })
  }
}

/** BuildKit, "buildkitd.toml". Registries on loopback are taken as plain HTTP without being named. */
function configOf(root: string, address: string, tls: BuildKitOptions['tls']): string {
  const certificates =
    tls === undefined ? '' : `[grpc.tls]\ncert = "${tls.cert}"\nkey = "${tls.key}"\nca = "${tls.ca}"\n`
  return [
    `root = "${root}"\n[grpc]\naddress = ["${address}"]\n${certificates}`,
    '[worker.oci]\nenabled = true\nnetworkMode = "host"\n[worker.containerd]\nenabled = false\n',
    '[cdi]\ndisabled = true\n',
  ].join('')
}
