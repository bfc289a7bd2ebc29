import { NotReady, Terminal } from '../../domain/errors.ts'
import type { ImageBuilder } from '../../ports.ts'
import { type CredentialSource, readCredentials } from '../registry/credentials.ts'
import { manifestDigest } from '../registry/manifest.ts'
import { repositoryText } from '../registry/repository.ts'
import { checkRegistrySettings, imageTargetOf, isByHash, type RegistrySettings } from './image-target.ts'

const LOOK_AGAIN_MS = 10_000

/**
 * Waits until the image that CI pushes is in the registry. It is asked once per call: waiting is the queue's.
 * @throws {Terminal} (operator) the tag does not depend on the commit: an older commit's image would be taken for this one's
 */
export function externalBuilder(registry: RegistrySettings, source: CredentialSource): ImageBuilder {
  checkRegistrySettings(registry)
  const refuse = (why: string): never => {
    throw new Terminal(`registry.tag ${why} where builder is external`, { whose: 'operator' })
  }
  if (!registry.tag.includes('{sha}')) refuse('needs {sha}')
  if (isByHash(registry)) refuse('can not have {hash}')
  return {
    name: 'external',
    needsSource: false,
    async build(request, log, signal) {
      const target = imageTargetOf(registry, { ...request, hash: '' })
      const repository = repositoryText(target)
      const credentials = await readCredentials(source, target, signal)
      const access = { ...registry, credentials }
      const digest = await manifestDigest({ ...target, reference: target.tag }, access, signal)
      if (digest === null) {
        throw new NotReady(`waiting for ${repository}:${target.tag} to be pushed by CI`, LOOK_AGAIN_MS)
      }
      log(`${repository}:${target.tag} is ${digest}`)
      return { repository, digest, isReused: false }
    },
    close: async () => {},
  }
}
