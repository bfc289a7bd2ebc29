/** Which repositories of a registry `westage gc images` looks at. */
import { imageRepositoryOf } from '../adapters/build/image-target.ts'
import { ownRepositories } from '../adapters/build/own-repositories.ts'
import { type ImageRepository, repositoryText } from '../adapters/registry/repository.ts'
import type { App } from '../config/apps.ts'
import { imagesOf } from '../config/images-of.ts'

export interface LookedAt {
  readonly image: ImageRepository
  /** Whose images it holds: several share one where `registry.repository` has no `{app}`. */
  readonly apps: readonly string[]
  /** Nobody has said that it is there. */
  readonly isGuess: boolean
}

/**
 * Those of the images that the instance names, and, where each image has its own, those that the GitOps repo or the
 * registry names: authors name images too.
 * @param apps those that are looked at, and whether anybody has said that there are such
 * @param named repositories that the GitOps repo names, and that the registry has
 */
export function imageRepositories(
  registry: { readonly repository: string },
  apps: ReadonlyMap<string, 'known' | 'guessed'>,
  configured: readonly App[],
  named: ReadonlySet<string>,
): readonly LookedAt[] {
  const found = new Map<string, { image: ImageRepository; apps: string[]; isGuess: boolean }>()
  for (const [app, standing] of [...apps].toSorted(([one], [other]) => (one < other ? -1 : 1))) {
    const own = configured.find(({ name }) => name === app)
    const images = own === undefined ? [null] : imagesOf(own).map(({ name }) => name)
    const all = [
      ...images.map((name) => imageRepositoryOf(registry, app, name)),
      ...ownRepositories(registry, app, named),
    ]
    for (const [text, image] of new Map(all.map((each) => [repositoryText(each), each]))) {
      // Where an author names the images of an app, it may have none of the app's own name.
      const isGuess = standing === 'guessed' || (own === undefined && hasOwn(registry) && !named.has(text))
      const one = found.get(text) ?? { image, apps: [], isGuess: true }
      found.set(text, { image, apps: [...one.apps, app], isGuess: one.isGuess && isGuess })
    }
  }
  return [...found.values()]
}

const hasOwn = ({ repository }: { readonly repository: string }): boolean => repository.includes('{image}')
