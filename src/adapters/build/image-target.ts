/** Where an instance keeps its images: the `registry` of its configuration. */
import { Terminal } from '../../domain/errors.ts'
import type { ImageName } from '../../domain/image.ts'
import type { Authority } from '../registry/authority.ts'
import { type ImageRepository, isTag, parseRepository } from '../registry/repository.ts'

export interface RegistrySettings {
  /** With `{app}` where the app's name goes, and `{image}` where the image's does. */
  readonly repository: string
  /** With `{hash}`, `{sha}`, `{app}`, `{image}` and `{pr}`. */
  readonly tag: string
  readonly plainHttp: boolean
  /** A docker config.json, null for a registry that wants no credentials. */
  readonly authFile: string | null
  /** Who signed the registry's certificate, where that is not known anyway. */
  readonly authority?: Authority | null
}

export interface ImageTarget extends ImageRepository {
  readonly tag: string
}

interface Revision {
  readonly app: string
  readonly image: ImageName
  readonly pull: number
  readonly sha: string
  /** Of all that the image is made from, where the tag is by it. */
  readonly hash: string
}

/** The tag of an instance that builds, where it names none. */
export const TAG_BY_HASH = '{hash}'

/** Whether the tag tells what is in the image. */
export const isByHash = ({ tag }: RegistrySettings): boolean => tag.includes(TAG_BY_HASH)

/** What is filled in for an app's one image is the app's name. */
const IMAGE = '{image}'

/**
 * The tag of images that have names: theirs stands in front where neither template has a place for it, so that no two of
 * an app share one.
 */
export const tagOfNamed = ({ repository, tag }: Pick<RegistrySettings, 'repository' | 'tag'>): string =>
  repository.includes(IMAGE) || tag.includes(IMAGE) ? tag : `${IMAGE}-${tag}`

/**
 * The image of one revision.
 * @throws {Terminal} (operator) a template has an unknown placeholder, or gives no valid name
 */
export function imageTargetOf(settings: RegistrySettings, { app, image, pull, sha, hash }: Revision): ImageTarget {
  const values = new Map([
    ['app', app],
    ['hash', hash],
    ['image', image ?? app],
    ['pr', String(pull)],
    ['sha', sha],
  ])
  const tag = image === null ? settings.tag : tagOfNamed(settings)
  const filledTag = filled('tag', tag, values)
  if (!isTag(filledTag)) {
    throw new Terminal(`registry.tag ${JSON.stringify(tag)} gives ${JSON.stringify(filledTag)}, which is no tag`, {
      whose: 'operator',
    })
  }
  return { ...imageRepositoryOf(settings, app, image), tag: filledTag }
}

/** Where an app's image is. @throws {Terminal} (operator) as `imageTargetOf` does */
export function imageRepositoryOf(
  { repository }: Pick<RegistrySettings, 'repository'>,
  app: string,
  image: ImageName,
): ImageRepository {
  const values = new Map([
    ['app', app],
    ['image', image ?? app],
  ])
  return parseRepository(filled('repository', repository, values))
}

/** Says at start what would be wrong at the first build. @throws {Terminal} (operator) */
export function checkRegistrySettings(settings: RegistrySettings): void {
  imageTargetOf(settings, { app: 'app', image: null, pull: 1, sha: '0'.repeat(40), hash: '0'.repeat(64) })
}

function filled(field: string, template: string, values: ReadonlyMap<string, string>): string {
  return template.replace(/\{([^{}]*)\}/g, (placeholder, name: string) => {
    const value = values.get(name)
    if (value !== undefined) return value
    const known = [...values.keys()].map((key) => `{${key}}`).join(' ')
    throw new Terminal(`registry.${field} has ${placeholder}; what it may have is ${known}`, { whose: 'operator' })
  })
}
