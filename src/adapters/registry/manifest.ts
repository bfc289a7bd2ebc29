/** Whether a registry has an image, and by which digest. OCI distribution spec, "Pulling manifests". */
import { createHash } from 'node:crypto'
import type { RegistryAccess } from './access.ts'
import { type RepositoryApi, repositoryApi } from './api.ts'
import { bodyOf } from './body.ts'
import type { ImageRepository } from './repository.ts'

export interface ImageReference extends ImageRepository {
  /** A tag or a digest. */
  readonly reference: string
}

export interface ManifestHead {
  readonly digest: string
  /** What kind of manifest it is, '' where the registry does not say. */
  readonly mediaType: string
}

/** Without the index types a registry gives one platform's manifest for an image of many, which has another digest. */
const ACCEPT = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ')

/** `sha256:` and 64 hex digits. */
export const isDigest = (text: string): boolean => /^sha256:[0-9a-f]{64}$/.test(text)

/**
 * The digest of what a tag points to, null where the registry does not have it.
 * @throws {Terminal} (operator) the registry refuses these credentials, or wants some
 * @throws anything else where it did not answer, or not as it should: never taken for absent
 */
export async function manifestDigest(
  { reference, ...image }: ImageReference,
  access: RegistryAccess,
  signal: AbortSignal,
): Promise<string | null> {
  return (await manifestHead(repositoryApi(image, access), reference, signal))?.digest ?? null
}

/** The same with the kind of manifest, of a repository that is asked more. */
export async function manifestHead(
  api: RepositoryApi,
  reference: string,
  signal: AbortSignal,
): Promise<ManifestHead | null> {
  const head = await api.ask('HEAD', `manifests/${reference}`, { accept: ACCEPT }, signal)
  if (head.status === 404) return null
  const digest = head.headers.get('docker-content-digest')
  if (head.ok && digest !== null && isDigest(digest)) return { digest, mediaType: mediaTypeOf(head) }
  // Some registries answer HEAD without the digest, or not at all.
  if (!head.ok && head.status !== 405) throw unexpected(head, api, reference)
  const read = await readManifest(api, reference, signal)
  return read === null ? null : { digest: read.digest, mediaType: read.mediaType }
}

/** A manifest whole; its digest is that of its bytes. @returns null where the registry does not have it @throws as above */
export async function readManifest(
  api: RepositoryApi,
  reference: string,
  signal: AbortSignal,
): Promise<(ManifestHead & { readonly bytes: Buffer }) | null> {
  const get = await api.ask('GET', `manifests/${reference}`, { accept: ACCEPT }, signal)
  if (!get.ok) await get.body?.cancel()
  if (get.status === 404) return null
  if (!get.ok) throw unexpected(get, api, reference)
  const bytes = await bodyOf(get, `the registry ${api.image.registry}`, 'a manifest', signal)
  return { digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`, mediaType: mediaTypeOf(get), bytes }
}

const mediaTypeOf = ({ headers }: Response): string => (headers.get('content-type') ?? '').split(';')[0]?.trim() ?? ''

const unexpected = ({ status }: Response, { image: { registry, repository } }: RepositoryApi, reference: string) =>
  new Error(`the registry ${registry} answered ${status} when asked for ${repository}:${reference}`)
