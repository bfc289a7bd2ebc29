/** Looks at every repository that an instance pushes images to, and removes what nobody needs. */
import { APP_LABEL } from '../adapters/build/image-labels.ts'
import { TAG_BY_HASH } from '../adapters/build/image-target.ts'
import { isOwnTag } from '../adapters/build/own-tags.ts'
import { connectGitHub, type GitHub } from '../adapters/github/connect.ts'
import { gitOpsCredentials } from '../adapters/gitops/credentials.ts'
import { type ImagesOfBranch, openImagesOfBranch } from '../adapters/gitops/named-images.ts'
import { type RepositoryApi, repositoryApi } from '../adapters/registry/api.ts'
import { readCredentials } from '../adapters/registry/credentials.ts'
import { removeManifest } from '../adapters/registry/remove-manifest.ts'
import { type ImageRepository, repositoryText } from '../adapters/registry/repository.ts'
import { surveyRepository } from '../adapters/registry/survey.ts'
import { appsOf } from '../config/apps.ts'
import type { Config } from '../config/schema.ts'
import type { Secrets } from '../config/secrets.ts'
import type { ToolEnvironment } from '../config/tool-environment.ts'
import { Terminal } from '../domain/errors.ts'
import { type NamedImages, type Question, unneededImages, type Verdict } from '../domain/unneeded-images.ts'
import { imageRepositories } from './image-repositories.ts'

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

export interface Collected {
  readonly reports: readonly RepositoryReport[]
  /** Installations of the App whose repos are not known, with why. */
  readonly unread: readonly string[]
}

export interface Collecting {
  readonly config: Config
  readonly secrets: Secrets
  readonly tools: ToolEnvironment
  /** Whose repositories are looked at; none: those of all apps. */
  readonly apps: readonly string[]
  readonly keepMs: number
  readonly deed: 'list' | 'remove'
  readonly nowMs: number
}

type RegistrySettings = NonNullable<Config['registry']>

/**
 * Nothing is removed where the GitOps repo can't be read whole, nor from a repository that can't be.
 * @throws {Terminal} (operator) there is nothing to look at, or the GitOps repo can't be read
 * @throws where GitHub does not say which repos there are
 */
export async function collectImages(collecting: Collecting, signal: AbortSignal): Promise<Collected> {
  const { config, secrets, keepMs, nowMs } = collecting
  const { builder, registry } = config
  if (registry === null || builder === 'none') throw refusal('builder is none: this instance pushes no images')
  if (builder === 'external') {
    throw refusal('builder is external: images are your CI’s, and so is what becomes of them. None is removed')
  }
  const github = connectGitHub({
    ...config.github,
    label: config.label,
    privateKey: secrets.githubPrivateKey,
    log: () => {},
  })
  const branch = openImagesOfBranch({
    ...{ url: config.gitops.url, branch: config.gitops.branch, author: config.gitops.author },
    credentials: gitOpsCredentials(config.gitops, secrets.gitopsToken, github.gitCredentials),
    log: () => {},
  })
  try {
    const keepFromMs = nowMs - keepMs
    const lately = await branch.since(keepFromMs, signal)
    const now = await branch.now(signal)
    const { apps, unread } = await appsToLookAt(collecting, now.apps, github, signal)
    const reports: RepositoryReport[] = []
    const named = new Set([...now.repositories, ...lately.repositories])
    for (const { image, apps: own, isGuess } of imageRepositories(registry, apps, config.apps, named)) {
      const report = await tended(image, own, { ...collecting, registry, branch, lately, keepFromMs }, signal)
      if (!isGuess || report.verdicts.length > 0 || !report.isDenied) reports.push(report)
    }
    return { reports, unread }
  } finally {
    branch.close()
  }
}

/**
 * The apps that are named, else all: those that are configured, those that have previews, and those by convention of the
 * repos in which the App is installed, which may never have had a build.
 */
async function appsToLookAt(
  { config, apps: named }: Collecting,
  withPreviews: ReadonlySet<string>,
  github: GitHub,
  signal: AbortSignal,
): Promise<{ readonly apps: ReadonlyMap<string, 'known' | 'guessed'>; readonly unread: readonly string[] }> {
  if (named.length > 0) return { apps: new Map(named.map((app) => [app, 'known'])), unread: [] }
  const { names, unread } = await github.repositories(signal)
  const guessed = names.flatMap((name) => appsOf(config, name)).map(({ name }) => [name, 'guessed'] as const)
  const known = [...config.apps.map(({ name }) => name), ...withPreviews].map((app) => [app, 'known'] as const)
  return { apps: new Map([...guessed, ...known]), unread }
}

interface Tending extends Collecting {
  readonly registry: RegistrySettings
  readonly branch: ImagesOfBranch
  readonly lately: NamedImages
  readonly keepFromMs: number
}

/** One repository; what goes wrong there is told, and the others are looked at all the same. */
async function tended(
  image: ImageRepository,
  apps: readonly string[],
  { registry, branch, lately, keepFromMs, deed, tools }: Tending,
  signal: AbortSignal,
): Promise<RepositoryReport> {
  const repository = repositoryText(image)
  let verdicts: readonly Verdict[] = []
  const removed: string[] = []
  let api: RepositoryApi | null = null
  try {
    const source = { authFile: registry.authFile, helperEnvironment: tools.helpers }
    const credentials = await readCredentials(source, image, signal)
    const now = await branch.now(signal)
    api = repositoryApi(image, { plainHttp: registry.plainHttp, credentials })
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
  branch: ImagesOfBranch,
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
  const settings = { ...registry, tag: registry.tag ?? TAG_BY_HASH }
  const ownTags = apps.map((app) => isOwnTag(settings, app))
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

const refusal = (message: string): Terminal => new Terminal(message, { whose: 'operator' })
