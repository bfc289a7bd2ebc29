import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { objectOf, textOf } from '../../src/manifests/json.ts'
import type { Manifest } from '../../src/manifests/manifest.ts'
import { containersOf } from '../../src/manifests/pod-templates.ts'
import { environmentOf, expanded } from './environment.ts'

const NOBODY = 65534
const START_MS = 60_000
/** Debian keeps PostgreSQL's server out of the way of people. */
const PATH = [process.env.PATH ?? '', '/usr/sbin', '/usr/lib/postgresql/15/bin', '/usr/lib/postgresql/17/bin'].join(
  delimiter,
)

/** Servers do not run as root, and an image's neither. */
const unprivileged = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}

/** Runs a command as nobody. @throws {Error} with what it said, where it fails */
export const runAsNobody = async (
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> => {
  const options = { ...unprivileged, cwd: '/', env: { PATH, LC_ALL: 'C', ...env } }
  const { stdout } = await promisify(execFile)(command, [...args], options)
  return stdout
}

/** '' where the commands are there; in CI they always have to be. */
export async function missing(commands: readonly string[]): Promise<string> {
  if (process.env.CI === 'true') return ''
  for (const command of commands) {
    const isThere = await runAsNobody('sh', ['-c', `command -v ${command}`]).then(
      () => true,
      () => false,
    )
    if (!isThere) return ` (skipped: no ${command})`
  }
  return ''
}

/** What an add-on's Deployment says of its container, with the values that the cluster would put in. */
export interface Contained {
  readonly env: Readonly<Record<string, string>>
  readonly args: readonly string[]
  /** The line of shell that says whether it is usable. */
  readonly probe: string
}

/** The main container of an add-on's only Deployment. */
export function containedIn(manifests: readonly Manifest[]): Contained {
  const [container] = manifests.flatMap((manifest) => containersOf(manifest)).slice(-1)
  const env = environmentOf(container?.env, manifests)
  const probe = objectOf(objectOf(container?.readinessProbe).exec).command
  return {
    env,
    args: Array.isArray(container?.args) ? container.args.map((arg) => expanded(textOf(arg), env)) : [],
    probe: Array.isArray(probe) ? textOf(probe[2]) : '',
  }
}

/** A port of the loopback address that nobody listens at. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** A folder that nobody may write to, for as long as `use` takes. */
export async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'westage-addon-'))
  if (unprivileged.uid !== undefined) chownSync(folder, NOBODY, NOBODY)
  try {
    return await use(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Runs a server as nobody while `use` takes, which begins when the probe succeeds. */
export async function withServer<T>(
  [command = '', ...args]: readonly string[],
  isUsable: () => Promise<unknown>,
  use: () => Promise<T>,
): Promise<T> {
  const options = { ...unprivileged, cwd: '/', env: { PATH, LC_ALL: 'C' }, stdio: ['ignore', 'pipe', 'pipe'] as const }
  const server = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [server.stdout, server.stderr]) stream.on('data', (text) => (said += text))
  const ended = once(server, 'close')
  try {
    await untilUsable(server, isUsable, () => said)
    return await use()
  } finally {
    server.kill('SIGTERM')
    await ended
  }
}

async function untilUsable(server: ChildProcess, isUsable: () => Promise<unknown>, said: () => string): Promise<void> {
  const deadline = Date.now() + START_MS
  for (;;) {
    try {
      await isUsable()
      return
    } catch (cause) {
      if (server.exitCode !== null || Date.now() > deadline) throw new Error(`it does not start:\n${said()}`, { cause })
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
