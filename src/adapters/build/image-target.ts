/** Where an instance keeps its images: the `registry` of its configuration. */
import { Terminal } from '../../domain/errors.ts'
import { type ImageRepository, isTag, parseRepository } from '../registry/repository.ts'

export interface RegistrySettings {
  /** With `{app}` where the app's name goes. */
  readonly repository: string
  /** With `{hash}`, `{sha}`, `{app}` and `{pr}`. */
  readonly tag: string
  readonly plainHttp: boolean
  /** A docker config.json, null for a registry that wants no credentials. */
  readonly authFile: string | null
}

export interface ImageTarget extends ImageRepository {
  readonly tag: string
}

interface Revision {
  readonly app: string
  readonly pull: number
  readonly sha: string
  /** Of all that the image is made from, where the tag is by it. */
  readonly hash: string
}

/** The tag of an instance that builds, where it names none. */
export const TAG_BY_HASH = '{hash}'

/** Whether the tag tells what is in the image. */
export const isByHash = ({ tag }: RegistrySettings): boolean => tag.includes(TAG_BY_HASH)

/**
 * The image of one revision.
 * @throws {Terminal} (operator) a template has an unknown placeholder, or gives no valid name
 */
export function imageTargetOf({ repository, tag }: RegistrySettings, { app, pull, sha, hash }: Revision): ImageTarget {
  const values = new Map([
    ['app', app],
    ['hash', hash],
    ['pr', String(pull)],
    ['sha', sha],
  ])
  const filledTag = filled('tag', tag, values)
  if (!isTag(filledTag)) {
    throw new Terminal(`registry.tag ${JSON.stringify(tag)} gives ${JSON.stringify(filledTag)}, which is no tag`, {
      whose: 'operator',
    })
  }
  return { ...imageRepositoryOf({ repository }, app), tag: filledTag }
}

/** Where an app's images are. @throws {Terminal} (operator) as `imageTargetOf` does */
export const imageRepositoryOf = ({ repository }: Pick<RegistrySettings, 'repository'>, app: string): ImageRepository =>
  parseRepository(filled('repository', repository, new Map([['app', app]])))

/** Says at start what would be wrong at the first build. @throws {Terminal} (operator) */
export function checkRegistrySettings(settings: RegistrySettings): void {
  imageTargetOf(settings, { app: 'app', pull: 1, sha: '0'.repeat(40), hash: '0'.repeat(64) })
}

function filled(field: string, template: string, values: ReadonlyMap<string, string>): string {
  return template.replace(/\{([^{}]*)\}/g, (placeholder, name: string) => {
    const value = values.get(name)
    if (value !== undefined) return value
    const known = [...values.keys()].map((key) => `{${key}}`).join(' ')
    throw new Terminal(`registry.${field} has ${placeholder}; what it may have is ${known}`, { whose: 'operator' })
  })
}
