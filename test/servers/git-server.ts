/** A real git server on loopback: `git http-backend` as a CGI program behind node's HTTP server. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import {
  type ClientRequest,
  createServer,
  type IncomingMessage,
  type ServerResponse,
  request as sendRequest,
} from 'node:http'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gitEnv } from './git-cli.ts'
import { makeRepository, type RepositoryOptions } from './git-repository.ts'

export { filesOf, type RepositoryFiles } from './git-repository.ts'

interface BasicCredentials {
  readonly username: string
  readonly password: string
}

export interface GitServerOptions {
  readonly repositories: Readonly<Record<string, RepositoryOptions>>
  /** Who may read and write; everybody where it is not given. Change it later by `accept`. */
  readonly credentials?: BasicCredentials
  /** Of this machine, where it listens; loopback unless told. */
  readonly host?: string
}

/** A git service's POST, or what is asked before any. */
const SERVICES = ['upload-pack', 'receive-pack', 'info/refs'] as const
type Service = (typeof SERVICES)[number]

/** What happens to the next request of a service. */
export type Fault =
  /** Answered without asking git. */
  | { readonly kind: 'status'; readonly status: number; readonly text?: string }
  /** The connection is closed before git is asked. */
  | { readonly kind: 'drop' }
  /** git does what it is asked to; after so many bytes of its answer's body, the connection is closed. */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  /** git does what it is asked to, and the connection is closed instead of answering. */
  | { readonly kind: 'lose-reply' }
  /** git is asked once `until` resolves; `reached` is called when the request is there. */
  | { readonly kind: 'hold'; readonly until: Promise<unknown>; readonly reached?: () => void }
  /** git is asked after so long. */
  | { readonly kind: 'delay'; readonly ms: number }

interface SeenRequest {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly authorization: string | null
  /** Of its body, as it said before it came. */
  readonly bytes: number
}

export interface GitServer {
  /** The clone address of a repo, without credentials. */
  url(name: string): string
  /** The bare repo's folder. */
  dir(name: string): string
  /** Puts an executable shell script into the repo's hooks: `hook('gitops', 'pre-receive', 'echo no >&2; exit 1')`. */
  hook(name: string, hook: string, script: string | null): Promise<void>
  /** From now on, only these credentials, or those of which `accepted` says so. */
  accept(accepted: BasicCredentials | ((credentials: BasicCredentials) => boolean) | null): void
  /** Faults are used up in order, one by each request of that service. @returns how to call off what is left of them */
  inject(service: Service, ...faults: readonly Fault[]): () => void
  /** Every request that has come, in order. */
  requests(): readonly SeenRequest[]
  /** How many pushes were sent. */
  pushes(): number
  /** Bytes of all connections so far, both ways, with the heads of requests and answers. */
  wireBytes(): number
  /** Resolves when git is done with all that it was asked, also with what nobody waits for. */
  idle(): Promise<void>
  /** Ends all connections and git processes, and removes the repos. */
  close(): Promise<void>
}

/** Starts it on a free port. */
export async function startGitServer({
  repositories,
  credentials,
  host = '127.0.0.1',
}: GitServerOptions): Promise<GitServer> {
  const root = await mkdtemp(join(tmpdir(), 'git-server-'))
  const seen: SeenRequest[] = []
  const faults: Record<Service, Fault[]> = { 'upload-pack': [], 'receive-pack': [], 'info/refs': [] }
  const running = new Set<() => void>()
  let accepted: Parameters<GitServer['accept']>[0] = credentials ?? null

  for (const [name, options] of Object.entries(repositories)) await makeRepository(join(root, `${name}.git`), options)

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const path = request.url ?? '/'
    const { authorization = null, 'content-length': bytes = '0' } = request.headers
    seen.push({ method: request.method ?? '', path, authorization, bytes: Number(bytes) })
    if (accepted !== null && !isAccepted(authorization, accepted)) {
      request.resume()
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end('authentication is required')
      return
    }
    const service = SERVICES.find((name) => path.replace(/\?.*/, '').endsWith(name))
    const fault = service === undefined ? undefined : faults[service].shift()
    if (fault?.kind === 'status') {
      request.resume()
      response.writeHead(fault.status, { 'content-type': 'text/plain' }).end(fault.text ?? 'as the test wants it')
      return
    }
    if (fault?.kind === 'drop') {
      request.socket.destroy()
      return
    }
    if (fault?.kind === 'hold') {
      fault.reached?.()
      await fault.until
    }
    if (fault?.kind === 'delay') await new Promise((resolve) => setTimeout(resolve, fault.ms))
    await runBackend(root, request, response, running, fault)
  }

  const underWay = new Set<Promise<void>>()
  const server = createServer((request, response) => {
    const answered = answer(request, response)
      .catch((error: unknown) => {
        if (response.headersSent) response.destroy()
        else response.writeHead(500, { 'content-type': 'text/plain' }).end(String(error))
      })
      .finally(() => underWay.delete(answered))
    underWay.add(answered)
  })
  const sockets = new Set<Socket>()
  let bytesOfClosed = 0
  const bytesOf = ({ bytesRead, bytesWritten }: Socket) => bytesRead + bytesWritten
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => {
      sockets.delete(socket)
      bytesOfClosed += bytesOf(socket)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the git server has no port')
  const dir = (name: string) => join(root, `${name}.git`)

  return {
    url: (name) => `http://${host}:${address.port}/${name}.git`,
    dir,
    async hook(name, hook, script) {
      const file = join(dir(name), 'hooks', hook)
      if (script === null) return await rm(file, { force: true })
      await mkdir(join(dir(name), 'hooks'), { recursive: true })
      await writeFile(file, `#!/bin/sh\n${script}\n`)
      await chmod(file, 0o755)
    },
    accept: (next) => {
      accepted = next
    },
    inject: (service, ...next) => {
      faults[service].push(...next)
      return () => {
        faults[service] = faults[service].filter((fault) => !next.includes(fault))
      }
    },
    requests: () => seen,
    pushes: () => seen.filter(({ method, path }) => method === 'POST' && path.endsWith('/git-receive-pack')).length,
    wireBytes: () => [...sockets].reduce((sum, socket) => sum + bytesOf(socket), bytesOfClosed),
    async idle() {
      while (underWay.size > 0) await Promise.all(underWay)
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      for (const end of running) end()
      await rm(root, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

function isAccepted(authorization: string | null, accepted: NonNullable<Parameters<GitServer['accept']>[0]>): boolean {
  if (typeof accepted !== 'function') return authorization === basic(accepted)
  const [username = '', password = ''] = Buffer.from(authorization?.slice('Basic '.length) ?? '', 'base64')
    .toString()
    .split(':')
  return accepted({ username, password })
}

const basic = ({ username, password }: BasicCredentials) =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`

/** git documentation, git-http-backend: the environment that it reads (RFC 3875), and what it answers. */
async function runBackend(
  root: string,
  request: IncomingMessage,
  response: ServerResponse,
  running: Set<() => void>,
  fault: Fault | undefined,
): Promise<void> {
  const [path = '/', query = ''] = (request.url ?? '/').split('?', 2)
  const header = (name: string) => String(request.headers[name] ?? '')
  const env: Record<string, string> = {
    ...gitEnv(root),
    GIT_PROJECT_ROOT: root,
    GIT_HTTP_EXPORT_ALL: '1',
    REQUEST_METHOD: request.method ?? 'GET',
    PATH_INFO: decodeURIComponent(path),
    QUERY_STRING: query,
    CONTENT_TYPE: header('content-type'),
    REMOTE_ADDR: '127.0.0.1',
    HTTP_CONTENT_ENCODING: header('content-encoding'),
    GIT_PROTOCOL: header('git-protocol'),
  }
  if (request.headers['content-length'] !== undefined) env.CONTENT_LENGTH = header('content-length')
  // Of a known length: the end of a chunked body may come after git, which does not wait for it, has gone.
  const isChunked = request.headers['transfer-encoding'] !== undefined
  const git = await askBackend({ cwd: root, env }, isChunked ? {} : { 'content-length': env.CONTENT_LENGTH ?? '0' })
  return new Promise((resolve, reject) => {
    const end = () => git.destroy()
    running.add(end)
    git.on('error', reject).once('close', () => running.delete(end))
    request.pipe(git)

    let head: Buffer | null = Buffer.alloc(0)
    let sent = 0
    const body = (chunk: Buffer) => {
      if (fault?.kind === 'lose-reply') return
      const room = fault?.kind === 'cut' ? Math.max(0, fault.afterBytes - sent) : chunk.length
      sent += chunk.length
      // git reads on when its answer is not taken: what it was asked to do is done whether the reply is cut or not.
      if (room > 0 && !response.destroyed) response.write(chunk.subarray(0, room))
      if (room === 0 && fault?.kind === 'cut') response.destroy()
    }
    git.once('response', (said: IncomingMessage) => {
      said.on('data', (chunk: Buffer) => {
        if (head === null) return body(chunk)
        head = Buffer.concat([head, chunk])
        const at = head.indexOf('\r\n\r\n')
        if (at < 0) return
        const rest = head.subarray(at + 4)
        if (fault?.kind !== 'lose-reply') writeHead(response, head.subarray(0, at).toString('latin1'))
        head = null
        if (rest.length > 0) body(rest)
      })
      said.once('error', reject).once('end', () => {
        if (fault?.kind === 'lose-reply' || fault?.kind === 'cut') request.socket.destroy()
        else if (head === null) response.end()
        else
          response
            .writeHead(500, { 'content-type': 'text/plain' })
            .end(`git http-backend ended without an answer ${head}`)
        resolve()
      })
    })
  })
}

let backend: Promise<string> | null = null

/** @returns the request that git gets, to be written to */
async function askBackend(
  cgi: { cwd: string; env: Readonly<Record<string, string>> },
  length: Readonly<Record<string, string>>,
): Promise<ClientRequest> {
  backend ??= startBackend()
  // Kept until this end closes it: node's last write has no bytes, and fails where the other end closed on its answer.
  const headers = { connection: 'keep-alive', cgi: encodeURIComponent(JSON.stringify(cgi)), ...length }
  return sendRequest({ socketPath: await backend, method: 'POST', headers, agent: false })
}

/** One for all git servers of this process; it ends with it. */
async function startBackend(): Promise<string> {
  const socket = join(await mkdtemp(join(tmpdir(), 'git-backend-')), 'socket')
  const child = fork(fileURLToPath(new URL('git-backend.mjs', import.meta.url)), [socket], {
    execArgv: [],
    stdio: 'ignore',
  })
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`git-backend.mjs ended with ${code}`)
  })
  await Promise.race([once(child, 'message'), ended])
  child.unref()
  child.channel?.unref()
  return socket
}

function writeHead(response: ServerResponse, head: string): void {
  const headers: Record<string, string> = {}
  let status = 200
  for (const text of head.split('\r\n')) {
    const at = text.indexOf(':')
    const [name, value] = [text.slice(0, at).toLowerCase(), text.slice(at + 1).trim()]
    if (name === 'status') status = Number.parseInt(value, 10)
    else headers[name] = value
  }
  response.writeHead(status, headers)
}
