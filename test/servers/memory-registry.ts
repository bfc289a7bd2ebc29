/**
 * A small OCI registry that keeps everything in memory, for the demo on machines that can build images and have no
 * docker-registry. OCI distribution spec: "Pull", "Push" (monolithic, in one request and chunked), HEAD and GET.
 */
import { createHash, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { RunningRegistry } from './registry.ts'

const MANIFEST_MAX_BYTES = 4 * 1024 * 1024
const BLOB_MAX_BYTES = 512 * 1024 * 1024

interface Repository {
  readonly blobs: Map<string, Buffer>
  readonly manifests: Map<string, { readonly bytes: Buffer; readonly mediaType: string }>
  readonly tags: Map<string, string>
  readonly uploads: Map<string, Buffer[]>
}

/** An error that the spec has a code for ("Error Codes"). */
class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message)
  }
}

type Answer = { readonly status: number; readonly headers?: Record<string, string>; readonly body?: Buffer }

/** Starts it on a free loopback port. */
export async function startMemoryRegistry(): Promise<RunningRegistry> {
  const repositories = new Map<string, Repository>()
  const server = createServer((request, response) => {
    answerTo(request, repositories)
      .catch(refusalOf)
      .then((answer) => send(request, response, answer))
      .catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the registry has no port')
  return {
    host: `127.0.0.1:${address.port}`,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function answerTo(request: IncomingMessage, repositories: Map<string, Repository>): Promise<Answer> {
  const url = new URL(request.url ?? '/', 'http://localhost')
  if (url.pathname === '/v2/' || url.pathname === '/v2') return { status: 200 }
  const [, name, kind, reference = ''] =
    /^\/v2\/(.+)\/(manifests|blobs\/uploads|blobs)\/?([^/]*)$/.exec(url.pathname) ?? []
  if (name === undefined) throw new Refusal(404, 'NAME_UNKNOWN', 'there is nothing here')
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  const repository = repositories.get(name) ?? {
    blobs: new Map(),
    manifests: new Map(),
    tags: new Map(),
    uploads: new Map(),
  }
  if (!isRead) repositories.set(name, repository)
  if (kind === 'manifests' && isRead) return manifest(repository, reference)
  if (kind === 'manifests' && request.method === 'PUT') return await putManifest(request, name, repository, reference)
  if (kind === 'blobs' && isRead) return blob(repository, reference)
  if (kind === 'blobs/uploads' && request.method === 'POST') {
    return await beginUpload(request, name, repository, url.searchParams.get('digest'))
  }
  if (kind === 'blobs/uploads') return await continueUpload(request, name, repository, reference, url.searchParams)
  throw new Refusal(405, 'UNSUPPORTED', `${request.method} is not supported here`)
}

function manifest({ manifests, tags }: Repository, reference: string): Answer {
  const digest = tags.get(reference) ?? reference
  const found = manifests.get(digest)
  if (found === undefined) throw new Refusal(404, 'MANIFEST_UNKNOWN', `${reference} is not known`)
  return {
    status: 200,
    headers: { 'content-type': found.mediaType, 'docker-content-digest': digest },
    body: found.bytes,
  }
}

async function putManifest(
  request: IncomingMessage,
  name: string,
  { blobs, manifests, tags }: Repository,
  reference: string,
): Promise<Answer> {
  const bytes = await bodyOf(request, MANIFEST_MAX_BYTES)
  const digest = digestOf(bytes)
  if (reference.includes(':') && reference !== digest) throw new Refusal(400, 'DIGEST_INVALID', `it is ${digest}`)
  for (const wanted of digestsIn(bytes)) {
    if (blobs.has(wanted) || manifests.has(wanted)) continue
    throw new Refusal(404, 'MANIFEST_BLOB_UNKNOWN', `${wanted} has not been pushed`)
  }
  manifests.set(digest, { bytes, mediaType: request.headers['content-type'] ?? 'application/octet-stream' })
  if (reference !== digest) tags.set(reference, digest)
  return {
    status: 201,
    headers: { location: `/v2/${name}/manifests/${digest}`, 'docker-content-digest': digest },
  }
}

function blob({ blobs }: Repository, digest: string): Answer {
  const body = blobs.get(digest)
  if (body === undefined) throw new Refusal(404, 'BLOB_UNKNOWN', `${digest} is not known`)
  return {
    status: 200,
    headers: { 'content-type': 'application/octet-stream', 'docker-content-digest': digest },
    body,
  }
}

async function beginUpload(
  request: IncomingMessage,
  name: string,
  repository: Repository,
  digest: string | null,
): Promise<Answer> {
  const body = await bodyOf(request, BLOB_MAX_BYTES)
  if (digest !== null) return keepBlob(name, repository, body, digest)
  const id = randomUUID()
  repository.uploads.set(id, [])
  return uploadState(name, id, 0)
}

async function continueUpload(
  request: IncomingMessage,
  name: string,
  repository: Repository,
  id: string,
  query: URLSearchParams,
): Promise<Answer> {
  const chunks = repository.uploads.get(id)
  if (chunks === undefined) throw new Refusal(404, 'BLOB_UPLOAD_UNKNOWN', `upload ${id} is not known`)
  const size = () => chunks.reduce((sum, { length }) => sum + length, 0)
  if (request.method === 'GET') return { ...uploadState(name, id, size()), status: 204 }
  if (request.method === 'DELETE') {
    repository.uploads.delete(id)
    return { status: 204 }
  }
  if (request.method !== 'PATCH' && request.method !== 'PUT') throw new Refusal(405, 'UNSUPPORTED', 'not supported')
  const [, from] = /^(?:bytes[ =])?([0-9]+)-/.exec(request.headers['content-range'] ?? '') ?? []
  if (from !== undefined && Number(from) !== size()) {
    throw new Refusal(416, 'BLOB_UPLOAD_INVALID', `the next chunk starts at ${size()}`)
  }
  chunks.push(await bodyOf(request, BLOB_MAX_BYTES - size()))
  if (request.method === 'PATCH') return uploadState(name, id, size())
  const digest = query.get('digest')
  if (digest === null) throw new Refusal(400, 'DIGEST_INVALID', 'the digest is missing')
  repository.uploads.delete(id)
  return keepBlob(name, repository, Buffer.concat(chunks), digest)
}

function keepBlob(name: string, { blobs }: Repository, bytes: Buffer, digest: string): Answer {
  if (digestOf(bytes) !== digest) throw new Refusal(400, 'DIGEST_INVALID', `it is ${digestOf(bytes)}`)
  blobs.set(digest, bytes)
  return { status: 201, headers: { location: `/v2/${name}/blobs/${digest}`, 'docker-content-digest': digest } }
}

const uploadState = (name: string, id: string, bytes: number): Answer => ({
  status: 202,
  headers: {
    location: `/v2/${name}/blobs/uploads/${id}`,
    range: `0-${Math.max(0, bytes - 1)}`,
    'docker-upload-uuid': id,
  },
})

/** What a manifest or an index points to. Neither is otherwise looked into. */
function digestsIn(bytes: Buffer): string[] {
  let parsed: unknown
  try {
    parsed = JSON.parse(bytes.toString('utf8'))
  } catch (cause) {
    throw Object.assign(new Refusal(400, 'MANIFEST_INVALID', 'it is no JSON'), { cause })
  }
  const parts: unknown[] = []
  if (typeof parsed === 'object' && parsed !== null) {
    if ('config' in parsed) parts.push(parsed.config)
    for (const list of ['layers' in parsed && parsed.layers, 'manifests' in parsed && parsed.manifests]) {
      if (Array.isArray(list)) parts.push(...list)
    }
  }
  return parts.map((part) => {
    if (typeof part === 'object' && part !== null && 'digest' in part && typeof part.digest === 'string') {
      return part.digest
    }
    throw new Refusal(400, 'MANIFEST_INVALID', 'a descriptor has no digest')
  })
}

const digestOf = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

async function bodyOf(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    bytes += chunk.length
    if (bytes > maxBytes) throw new Refusal(413, 'SIZE_INVALID', `over ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function refusalOf(error: unknown): Answer {
  const refusal = error instanceof Refusal ? error : new Refusal(500, 'UNKNOWN', String(error))
  const body = Buffer.from(JSON.stringify({ errors: [{ code: refusal.code, message: refusal.message }] }))
  return { status: refusal.status, headers: { 'content-type': 'application/json' }, body }
}

function send(request: IncomingMessage, response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, {
    'docker-distribution-api-version': 'registry/2.0',
    ...headers,
    ...(status !== 204 && { 'content-length': String(body?.length ?? 0) }),
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}
