/** Pushes tiny images, as CI or a builder would. OCI distribution spec, "Pushing". */
import { createHash } from 'node:crypto'

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
const INDEX = 'application/vnd.oci.image.index.v1+json'
const CONFIG = 'application/vnd.oci.image.config.v1+json'

type Headers = Readonly<Record<string, string>>

/** What an image's configuration says beside what each has to say. */
export interface ImageConfig {
  readonly created?: string
  readonly architecture?: string
  readonly labels?: Readonly<Record<string, string>>
}

/**
 * @param base `http://127.0.0.1:PORT`
 * @param tag none where it is empty
 * @returns the digest of its manifest
 */
export async function pushImage(
  base: string,
  repository: string,
  tag: string,
  headers: Headers = {},
  { labels, architecture = 'amd64', ...more }: ImageConfig = { labels: { tag } },
): Promise<string> {
  const rootfs = { type: 'layers', diff_ids: [] }
  const config = JSON.stringify({ architecture, os: 'linux', rootfs, config: { Labels: labels }, ...more })
  const empty = 'application/octet-stream'
  const begun = await send('POST', new URL(`/v2/${repository}/blobs/uploads/`, base), '', empty, headers)
  const upload = new URL(begun.headers.get('location') ?? '', base)
  upload.searchParams.set('digest', digestOf(config))
  await send('PUT', upload, config, empty, headers)
  const descriptor = { mediaType: CONFIG, digest: digestOf(config), size: Buffer.byteLength(config) }
  return await putManifest(base, repository, tag, MANIFEST, { config: descriptor, layers: [] }, headers)
}

/** An index of images that are there already, by tag or digest. @returns its digest */
export async function pushIndex(base: string, repository: string, tag: string, of: readonly string[]): Promise<string> {
  const manifests = await Promise.all(
    of.map(async (each) => {
      const answer = await fetch(new URL(`/v2/${repository}/manifests/${each}`, base), {
        headers: { accept: MANIFEST },
      })
      const text = await answer.text()
      return { mediaType: MANIFEST, digest: digestOf(text), size: Buffer.byteLength(text) }
    }),
  )
  return await putManifest(base, repository, tag, INDEX, { manifests }, {})
}

async function putManifest(
  base: string,
  repository: string,
  tag: string,
  mediaType: string,
  says: object,
  headers: Headers,
): Promise<string> {
  const text = JSON.stringify({ schemaVersion: 2, mediaType, ...says })
  const url = new URL(`/v2/${repository}/manifests/${tag === '' ? digestOf(text) : tag}`, base)
  await send('PUT', url, text, mediaType, headers)
  return digestOf(text)
}

const digestOf = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`

async function send(method: string, url: URL, body: string, type: string, headers: Headers): Promise<Response> {
  const response = await fetch(url, { method, body, headers: { ...headers, 'content-type': type } })
  if (!response.ok) throw new Error(`${method} ${url} answered ${response.status}: ${await response.text()}`)
  await response.body?.cancel()
  return response
}
