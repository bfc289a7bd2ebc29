/** Whether a registry has an image, and by which digest. OCI distribution spec, "Pulling manifests". */
import { createHash } from 'node:crypto'
import { Terminal } from '../../domain/errors.ts'
import { parseChallenge } from './challenge.ts'
import type { Credentials } from './credentials.ts'
import { apiHostOf, type ImageRepository } from './repository.ts'
import { request } from './request.ts'
import { basicOf, fetchToken } from './token.ts'

export interface ImageReference extends ImageRepository {
  /** A tag or a digest. */
  readonly reference: string
}

export interface RegistryAccess {
  /** http instead of https: for registries on loopback or in a network of one's own. */
  readonly plainHttp: boolean
  readonly credentials: Credentials | null
}

/** Without the index types a registry gives one platform's manifest for an image of many, which has another digest. */
const ACCEPT = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ')
/** OCI distribution spec, "Pushing manifests": registries should take at least this much; few take more. */
const MANIFEST_MAX_BYTES = 4 * 1024 * 1024

/** `sha256:` and 64 hex digits. */
export const isDigest = (text: string): boolean => /^sha256:[0-9a-f]{64}$/.test(text)

/**
 * The digest of what a tag points to, null where the registry does not have it.
 * @throws {Terminal} (operator) the registry refuses these credentials, or wants some
 * @throws anything else where it did not answer, or not as it should: never taken for absent
 */
export async function manifestDigest(
  image: ImageReference,
  access: RegistryAccess,
  signal: AbortSignal,
): Promise<string | null> {
  const head = await ask('HEAD', image, access, signal)
  if (head.status === 404) return null
  const digest = head.headers.get('docker-content-digest')
  if (head.ok && digest !== null && isDigest(digest)) return digest
  // Some registries answer HEAD without the digest, or not at all.
  if (!head.ok && head.status !== 405) throw unexpected(head, image)
  const get = await ask('GET', image, access, signal)
  if (get.ok) return await digestOf(get, image, signal)
  await get.body?.cancel()
  if (get.status === 404) return null
  throw unexpected(get, image)
}

async function ask(
  method: 'HEAD' | 'GET',
  image: ImageReference,
  access: RegistryAccess,
  signal: AbortSignal,
): Promise<Response> {
  const scheme = access.plainHttp ? 'http' : 'https'
  const url = new URL(`${scheme}://${apiHostOf(image.registry)}/v2/${image.repository}/manifests/${image.reference}`)
  const send = (headers: Record<string, string>) =>
    request('the registry', url, { method, headers: { accept: ACCEPT, ...headers } }, signal)
  const first = await send({})
  const answer =
    first.status === 401 ? await send({ authorization: await authorize(first, image, access, signal) }) : first
  if (answer.status !== 401 && answer.status !== 403) return answer
  await answer.body?.cancel()
  throw denied(image, access)
}

async function authorize(
  refusal: Response,
  image: ImageReference,
  access: RegistryAccess,
  signal: AbortSignal,
): Promise<string> {
  await refusal.body?.cancel()
  const challenge = parseChallenge(refusal.headers.get('www-authenticate') ?? '')
  if (challenge?.scheme === 'bearer') return `Bearer ${await fetchToken(challenge, image, access, signal)}`
  if (challenge?.scheme === 'basic' && access.credentials?.kind === 'password') return basicOf(access.credentials)
  if (challenge?.scheme !== 'basic' || access.credentials === null) throw denied(image, access)
  const why = 'it asks for a password, and there is an identity token for it'
  throw new Terminal(`the registry ${image.registry} can’t be signed in to: ${why}`, { whose: 'operator' })
}

function denied({ registry, repository }: ImageReference, { credentials }: RegistryAccess): Terminal {
  const why =
    credentials === null ? 'it wants credentials, and registry.authFile has none for it' : 'its credentials are refused'
  return new Terminal(`the registry ${registry} does not let WeStage read ${repository}: ${why}`, { whose: 'operator' })
}

const unexpected = ({ status }: Response, { registry, repository, reference }: ImageReference): Error =>
  new Error(`the registry ${registry} answered ${status} when asked for ${repository}:${reference}`)

async function digestOf(response: Response, { registry }: ImageReference, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  let bytes = 0
  try {
    for await (const chunk of response.body ?? []) {
      bytes += chunk.length
      if (bytes > MANIFEST_MAX_BYTES) break
      hash.update(chunk)
    }
  } catch (cause) {
    signal.throwIfAborted()
    throw new Error(`the registry ${registry} broke off in the middle of a manifest`, { cause })
  }
  if (bytes > MANIFEST_MAX_BYTES) throw new Error(`the registry ${registry} sent a manifest of over 4 MiB`)
  return `sha256:${hash.digest('hex')}`
}
