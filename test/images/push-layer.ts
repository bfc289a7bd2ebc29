/** An image of one layer, in a registry. OCI distribution specification, "Pushing"; OCI image specification. */
import { createHash } from 'node:crypto'

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
const CONFIG = 'application/vnd.oci.image.config.v1+json'
const LAYER = 'application/vnd.oci.image.layer.v1.tar'
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' }

export interface Layer {
  /** A tar, not packed. */
  readonly content: Blob
  /** `sha256:…` of it. */
  readonly digest: string
}

/**
 * @param host of the registry, which asks for no password: `127.0.0.1:PORT`
 * @param entrypoint path of what the image runs
 * @returns the image's reference by digest
 */
export async function pushLayer(host: string, repository: string, layer: Layer, entrypoint: string): Promise<string> {
  const base = `http://${host}/v2/${repository}/`
  const send = async (method: string, url: URL, body: string | Blob, type: string) => {
    const response = await fetch(url, { method, body, headers: { 'content-type': type } })
    if (!response.ok) throw new Error(`${method} ${url} answered ${response.status}: ${await response.text()}`)
    await response.body?.cancel()
    return response
  }
  const upload = async (content: string | Blob, digest: string) => {
    const begun = await send('POST', new URL('blobs/uploads/', base), '', 'application/octet-stream')
    const url = new URL(begun.headers.get('location') ?? '', base)
    url.searchParams.set('digest', digest)
    await send('PUT', url, content, 'application/octet-stream')
  }
  const config = JSON.stringify({
    architecture: ARCHITECTURES[process.arch] ?? process.arch,
    os: 'linux',
    config: { Entrypoint: [entrypoint], Env: ['PATH=/usr/sbin:/usr/bin:/sbin:/bin'] },
    rootfs: { type: 'layers', diff_ids: [layer.digest] },
  })
  await upload(layer.content, layer.digest)
  await upload(config, digestOf(config))
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: { mediaType: CONFIG, digest: digestOf(config), size: Buffer.byteLength(config) },
    layers: [{ mediaType: LAYER, digest: layer.digest, size: layer.content.size }],
  })
  await send('PUT', new URL('manifests/1', base), manifest, MANIFEST)
  return `${host}/${repository}@${digestOf(manifest)}`
}

export const digestOf = (content: string | Buffer): string =>
  `sha256:${createHash('sha256').update(content).digest('hex')}`
