/** Pushes a tiny image, as CI would. OCI distribution spec, "Pushing". */
import { createHash } from 'node:crypto'

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
const CONFIG = 'application/vnd.oci.image.config.v1+json'

/** @param base `http://127.0.0.1:PORT` @returns the digest of its manifest */
export async function pushImage(
  base: string,
  repository: string,
  tag: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<string> {
  const digestOf = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`
  const send = async (method: string, url: URL, body: string, type: string) => {
    const response = await fetch(url, { method, body, headers: { ...headers, 'content-type': type } })
    if (!response.ok) throw new Error(`${method} ${url} answered ${response.status}: ${await response.text()}`)
    await response.body?.cancel()
    return response
  }
  const config = JSON.stringify({ architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [] }, tag })
  const begun = await send('POST', new URL(`/v2/${repository}/blobs/uploads/`, base), '', 'application/octet-stream')
  const upload = new URL(begun.headers.get('location') ?? '', base)
  upload.searchParams.set('digest', digestOf(config))
  await send('PUT', upload, config, 'application/octet-stream')
  const descriptor = { mediaType: CONFIG, digest: digestOf(config), size: Buffer.byteLength(config) }
  const manifest = JSON.stringify({ schemaVersion: 2, mediaType: MANIFEST, config: descriptor, layers: [] })
  await send('PUT', new URL(`/v2/${repository}/manifests/${tag}`, base), manifest, MANIFEST)
  return digestOf(manifest)
}
