/** Looks at a repository that an instance pushes images to, and removes what nobody needs. */
import { Terminal } from '../../domain/errors.ts'
import { type NamedImages, type Question, unneededImages, type Verdict } from '../../domain/unneeded-images.ts'
import { APP_LABEL } from '../build/image-labels.ts'
import type { RegistrySettings } from '../build/image-target.ts'
import { isOwnTag } from '../build/own-tags.ts'
import type { ImagesOfBranch } from '../gitops/named-images.ts'
import { type RepositoryApi, repositoryApi } from './api.ts'
import { type CredentialSource, readCredentials } from './credentials.ts'
import { removeManifest } from './remove-manifest.ts'
import { type ImageRepository, repositoryText } from './repository.ts'
import { surveyRepository } from './survey.ts'

export interface RepositoryReport {
  /** `registry/repository` */
  readonly repository: string
  readonly verdicts: readonly Verdict[]
  /** The digests that were removed. */
  readonly removed: readonly string[]
  /** Why it could not be looked at to the end, or not be tidied; '' where all went well. */
  readonly fault: string
  /** Whether the fault is that the registry refuses it: some say so of a repository that is not there. */
  readonly isDenied: boolean
}

export interface Tending {
  readonly registry: RegistrySettings
  readonly credentials: CredentialSource
  /** What the GitOps repo names by now. */
  readonly branch: Pick<ImagesOfBranch, 'now'>
  /** What it named at some time since `keepFromMs`. */
  readonly lately: NamedImages
  readonly keepFromMs: number
  readonly deed: 'list' | 'remove'
}

/**
 * Looks at the repository and, where that is the deed, removes what nobody needs: nothing where not all can be read.
 * @param apps those whose images are there
 * @returns what was found and done; what goes wrong is told in it, so that others can be looked at all the same
 * @throws the reason of `signal`
 */
export async function tendRepository(
  image: ImageRepository,
  apps: readonly string[],
  { registry, credentials: source, branch, lately, keepFromMs, deed }: Tending,
  signal: AbortSignal,
): Promise<RepositoryReport> {
  const repository = repositoryText(image)
  let verdicts: readonly Verdict[] = []
  const removed: string[] = []
  let api: RepositoryApi | null = null
  try {
    const credentials = await readCredentials(source, image, signal)
    const now = await branch.now(signal)
    api = repositoryApi(image, { ...registry, credentials })
    const question = await questionOf(api, registry, apps, { now, lately, keepFromMs }, signal)
    verdicts = unneededImages(question).verdicts
    if (deed === 'remove') {
      for await (const digest of removing(api, question, branch, signal)) removed.push(digest)
      verdicts = unneededImages({ ...question, now: await branch.now(signal) }).verdicts
    }
    return { repository, verdicts, removed, fault: '', isDenied: false }
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof Error)) throw error
    const details = error instanceof Terminal ? error.details : []
    return {
      repository,
      verdicts,
      removed,
      fault: [error.message, ...details].join('\n'),
      // Before that it was not asked: the fault is the auth file's, or the GitOps repo's.
      isDenied: api !== null && error instanceof Terminal,
    }
  }
}

/**
 * Removes what is not needed, one after the other, and gives the digest of each. Meanwhile a run may take up an old image
 * again: the branch is looked at before every one, which is one small request where nothing was committed.
 */
async function* removing(
  api: RepositoryApi,
  question: Question,
  branch: Tending['branch'],
  signal: AbortSignal,
): AsyncGenerator<string> {
  let { now } = question
  const all = unneededImages(question).removable
  let removable: ReadonlySet<string> = new Set(all)
  for (const digest of all) {
    const latest = await branch.now(signal)
    if (latest !== now) removable = new Set(unneededImages({ ...question, now: latest }).removable)
    now = latest
    if (!removable.has(digest)) continue
    await removeManifest(api, digest, signal)
    yield digest
  }
}

async function questionOf(
  api: RepositoryApi,
  registry: RegistrySettings,
  apps: readonly string[],
  known: Pick<Question, 'now' | 'lately' | 'keepFromMs'>,
  signal: AbortSignal,
): Promise<Question> {
  const ownTags = apps.map((app) => isOwnTag(registry, app))
  const isOwn = (tag: string) => ownTags.some((isOwnOf) => isOwnOf(tag))
  const isNamed = (digest: string) => known.now.digests.has(digest) || known.lately.digests.has(digest)
  const { images, facts } = await surveyRepository(api, ({ tag, digest }) => isOwn(tag) && !isNamed(digest), signal)
  const says = [...facts].map(([digest, { children, createdMs, labels }]) => {
    const isOurs = apps.includes(labels[APP_LABEL] ?? '')
    return [digest, { children, createdMs, isOurs }] as const
  })
  return {
    ...known,
    repository: writtenAs(api.image),
    images: images.map((image) => ({ ...image, isOwnTag: isOwn(image.tag) })),
    says: new Map(says),
  }
}

/** Docker Hub's may be written without the host. */
const writtenAs = (image: ImageRepository): readonly string[] =>
  image.registry === 'docker.io'
    ? [image.repository, `docker.io/${image.repository}`, `index.docker.io/${image.repository}`]
    : [repositoryText(image)]
