/** Whether pods need a pull secret for what this instance built. */
import { Terminal } from '../../domain/errors.ts'
import type { ImagePulls } from '../../ports.ts'
import { repositoryApi } from './api.ts'
import type { Authority } from './authority.ts'
import { manifestHead } from './manifest.ts'
import { parseRepository } from './repository.ts'

export interface ImagePullsOptions {
  readonly plainHttp: boolean
  readonly authority?: Authority | null
  /** `auto`: as the registry says, and none for those whose clouds give their nodes the right to pull. */
  readonly pullSecrets: 'auto' | 'needed' | 'none'
}

/** Kubernetes: "Configure a kubelet image credential provider": those of Amazon, Google and Azure. */
const KNOWN_TO_NODES =
  /\.dkr\.ecr(-fips)?\.[a-z0-9-]+\.amazonaws\.com(\.cn)?$|(^|\.)gcr\.io$|\.pkg\.dev$|\.azurecr\.(io|cn|us)$/

/** It is a notice's matter: a run does not wait for it. */
const TIMEOUT_MS = 3000

/** @param options null where the instance has no registry */
export const imagePulls = (options: ImagePullsOptions | null): ImagePulls => ({
  async needSecret({ repository, digest }, signal) {
    if (options === null || options.pullSecrets === 'none') return false
    if (options.pullSecrets === 'needed') return true
    const image = parseRepository(repository)
    if (KNOWN_TO_NODES.test(image.registry)) return false
    const api = repositoryApi(image, { ...options, credentials: null })
    try {
      // Registries hide what one may not see: an image that was just pushed and is not there is such.
      return (await manifestHead(api, digest, AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]))) === null
    } catch (error) {
      signal.throwIfAborted()
      // Who is refused, or gets no token, may not pull. Of a registry that did not answer nothing is known.
      return error instanceof Terminal
    }
  },
})
