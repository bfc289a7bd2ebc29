/** An image that is in the registry already, under the hash of all that it is made from, is not made again. */
import { Terminal } from '../../domain/errors.ts'
import type { BuiltImage } from '../../domain/image.ts'
import type { BuildRequest, ImageBuilder, Log } from '../../ports.ts'
import { type CredentialSource, readCredentials } from '../registry/credentials.ts'
import { manifestDigest } from '../registry/manifest.ts'
import { repositoryText } from '../registry/repository.ts'
import type { BuilderSettings } from './builder-settings.ts'
import { type IgnoreFile, type IgnoreFilePlaces, ignoreFileOf } from './ignore-file.ts'
import { type HashedBuilder, imageHash } from './image-hash.ts'
import { type ImageTarget, imageTargetOf, isByHash, type RegistrySettings } from './image-target.ts'
import { inTurn } from './in-turn.ts'
import { narrowedSource } from './narrowed-context.ts'
import { remoteSourceOf } from './remote-sources.ts'
import { type Source, sourceOf } from './source.ts'

/** A builder of this machine, which makes an image whether it is needed or not. */
export interface ImageMaker extends Omit<HashedBuilder, 'platform'> {
  /** As it is called in logs. */
  readonly name: string
  /** What it builds for where a build says nothing; asked for each such build. */
  readonly platformNow: (signal: AbortSignal) => Promise<string>
  readonly places: IgnoreFilePlaces
  /** Whether a build of this Dockerfile may see what is ignored. */
  readonly seesWholeContext: (dockerfile: string) => boolean
  /** Builds it and pushes it under the target's name. */
  readonly make: (order: BuildOrder, log: Log, signal: AbortSignal) => Promise<BuiltImage>
  /** As a builder's. */
  readonly close: () => Promise<void>
}

export interface BuildOrder {
  readonly request: BuildRequest
  readonly source: Source
  readonly ignoreFile: IgnoreFile
  readonly target: ImageTarget
}

/**
 * The builder that makes only what is not there yet. Builds of the same image wait for each other, so that the second
 * finds what the first one made; each ends by its own signal alone.
 * @param settings a tag without `{hash}` has every image made
 */
export const makingWhatIsMissing = (
  maker: ImageMaker,
  { registry, credentials, workDir }: Pick<BuilderSettings, 'registry' | 'credentials' | 'workDir'>,
): ImageBuilder => ({
  name: maker.name,
  needsSource: true,
  close: maker.close,
  async build(request, log, signal) {
    const narrowing = { kept: maker.places.inContext, workDir }
    await using narrowed = await narrowedSource(await sourceOf(request), request, narrowing, log, signal)
    const { source } = narrowed
    const ignoreFile = await ignoreFileOf(source, maker.places)
    const make = async (target: ImageTarget) => ({
      ...(await maker.make({ request, source, ignoreFile, target }, log, signal)),
      isReused: false,
    })
    if (!isByHash(registry)) return await make(imageTargetOf(registry, { ...request, hash: '' }))
    const { dockerfile } = source
    const seen = maker.seesWholeContext(dockerfile.text) ? { ...ignoreFile, patterns: null } : ignoreFile
    // Where the platforms are named an image is found with a builder that does not answer.
    const platform = request.platforms.length > 0 ? '' : await maker.platformNow(signal)
    const hash = await imageHash(request, source, seen, { ...maker, platform }, signal)
    const target = imageTargetOf(registry, { ...request, hash })
    const remote = remoteSourceOf(dockerfile.text)
    if (remote !== null) {
      log(
        `${dockerfile.name}:${remote.line}: ${remote.text}: what that gets is not known before, so the image is built`,
      )
      return await make(target)
    }
    const repository = repositoryText(target)
    const image = `${repository}:${target.tag}`
    const waiting = () => log(`another run is building ${image}: waiting for it`)
    const makeIfMissing = async () => {
      const digest = await digestInRegistry(target, registry, credentials, log, signal)
      if (digest === null) return await make(target)
      log(`${image} is in the registry already: nothing to build`)
      return { repository, digest, isReused: true }
    }
    return await inTurn(`making ${image}`, makeIfMissing, signal, waiting)
  },
})

/**
 * A registry that refuses the look may take the push all the same: some say of a repository which is not there yet that
 * it must not be read. What is wrong, the push tells.
 * @throws where the registry did not answer: a push would fare no better, and a build would be for nothing
 */
async function digestInRegistry(
  target: ImageTarget,
  registry: RegistrySettings,
  source: CredentialSource,
  log: Log,
  signal: AbortSignal,
): Promise<string | null> {
  try {
    const credentials = await readCredentials(source, target, signal)
    return await manifestDigest({ ...target, reference: target.tag }, { ...registry, credentials }, signal)
  } catch (error) {
    if (!(error instanceof Terminal)) throw error
    log(`whether ${repositoryText(target)}:${target.tag} is there already can't be told: ${error.message}`)
    return null
  }
}
