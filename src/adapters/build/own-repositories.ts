/** Which repositories an instance may have pushed to, by `registry.repository`. */
import { type ImageRepository, parseRepository, repositoryText } from '../registry/repository.ts'
import { imageRepositoryOf, type RegistrySettings } from './image-target.ts'
import { escaped, IMAGE_NAME } from './own-tags.ts'

/** Stands for any image's name while the template is filled in. */
const ANY = 'any-image-of-it'

/** @returns those of `candidates` (`registry/repository`) that hold some image of the app, where each image has its own */
export function ownRepositories(
  settings: Pick<RegistrySettings, 'repository'>,
  app: string,
  candidates: Iterable<string>,
): readonly ImageRepository[] {
  if (!settings.repository.includes('{image}')) return []
  const parts = repositoryText(imageRepositoryOf(settings, app, ANY)).split(ANY)
  const whole = new RegExp(`^${parts.map(escaped).join(IMAGE_NAME)}$`)
  return [...candidates].filter((text) => whole.test(text)).map(parseRepository)
}
