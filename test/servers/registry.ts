/** The real docker-registry on loopback, with no sign-in, HTTP Basic, or tokens from a token server of our own. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { commandPathOf } from '../../src/adapters/child-process.ts'
import type { CertificateFiles } from './certificates.ts'
import { startTokenServer, type TokenServer } from './token-server.ts'

export const REGISTRY_USER = 'westage'
export const REGISTRY_PASSWORD = 'pa55'
/** bcrypt of REGISTRY_PASSWORD: docker-registry reads no other kind of htpasswd line. */
const HTPASSWD = `${REGISTRY_USER}:$2b$05$abcdefghijklmnopqrstuudf3HefogPKF0jsklyPu4pStEPtwqax6\n`
const START_TIMEOUT_MS = 15_000

export interface RunningRegistry {
  /** `127.0.0.1:PORT` unless another address was asked for, plain HTTP unless with certificates. */
  readonly host: string
  close(): Promise<void>
}

/** The registry's binary on PATH, null where there is none. */
export async function findRegistry(): Promise<string | null> {
  const path = process.env.PATH ?? ''
  return (await commandPathOf('docker-registry', path)) ?? (await commandPathOf('registry', path))
}

/** @returns null where its binary is missing. Tokens also need openssl on PATH, for the certificate they are signed by. */
export async function startRegistry(
  options: {
    auth?: 'none' | 'token' | 'basic'
    deletes?: boolean
    address?: string
    /** With HTTPS. */
    tls?: Pick<CertificateFiles, 'cert' | 'key'>
  } = {},
): Promise<RunningRegistry | null> {
  const binary = await findRegistry()
  if (binary === null) return null
  const folder = await mkdtemp(join(tmpdir(), 'westage-registry-'))
  const tokens =
    options.auth === 'token'
      ? await startTokenServer(folder, REGISTRY_USER, REGISTRY_PASSWORD, options.tls ?? null)
      : null
  await writeFile(join(folder, 'htpasswd'), HTPASSWD)
  await writeFile(join(folder, 'config.json'), JSON.stringify(configOf(folder, options, tokens)))
  const env = { PATH: process.env.PATH ?? '', HOME: folder, OTEL_TRACES_EXPORTER: 'none' }
  const child = spawn(binary, ['serve', join(folder, 'config.json')], {
    cwd: folder,
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const stopChild = killOnExit(() => child.kill('SIGKILL'))
  const close = async () => {
    stopChild.forget()
    if (child.exitCode === null && child.signalCode === null) {
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await exited
    }
    await tokens?.close()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    return { host: await addressIn(child.stderr), close }
  } catch (error) {
    await close()
    throw error
  }
}

/** The same for a test that is skipped where there is none. @throws its binary is missing */
export async function requireRegistry(options: Parameters<typeof startRegistry>[0] = {}): Promise<RunningRegistry> {
  const registry = await startRegistry(options)
  if (registry === null) throw new Error('docker-registry is not here')
  return registry
}

/** YAML is a superset of JSON. Distribution project: "Configuring a registry". */
function configOf(
  folder: string,
  { auth, deletes = true, address = '127.0.0.1', tls }: NonNullable<Parameters<typeof startRegistry>[0]>,
  tokens: TokenServer | null,
): object {
  return {
    version: '0.1',
    log: { level: 'info', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(folder, 'data') }, delete: { enabled: deletes } },
    http: {
      ...{ addr: `${address}:0`, secret: 'tests' },
      ...(tls !== undefined && { tls: { certificate: tls.cert, key: tls.key } }),
    },
    ...(auth === 'basic' && { auth: { htpasswd: { realm: 'tests', path: join(folder, 'htpasswd') } } }),
    ...(tokens !== null && {
      auth: {
        token: {
          realm: tokens.realm,
          service: tokens.service,
          issuer: tokens.issuer,
          rootcertbundle: tokens.certificateFile,
        },
      },
    }),
  }
}

/** It is given port 0, and says in its log which one it took. */
function addressIn(stderr: NodeJS.ReadableStream): Promise<string> {
  return new Promise((resolve, reject) => {
    let log = ''
    const late = setTimeout(
      () => reject(new Error(`docker-registry did not start in ${START_TIMEOUT_MS} ms:\n${log}`)),
      START_TIMEOUT_MS,
    )
    stderr.on('data', (chunk: Buffer) => {
      if (log.length > 100_000) return
      log += chunk.toString()
      const [, host] = /listening on ([0-9.]+:[0-9]+)/.exec(log) ?? []
      if (host === undefined) return
      clearTimeout(late)
      resolve(host)
    })
    stderr.on('end', () => {
      clearTimeout(late)
      reject(new Error(`docker-registry ended:\n${log}`))
    })
  })
}

/** A test runner that ends without its afterAll must not leave servers behind. */
function killOnExit(kill: () => void): { forget(): void } {
  process.once('exit', kill)
  return { forget: () => process.off('exit', kill) }
}
