/** Which repositories an instance pushes images to, by its settings, and what was found in each. */
import { TAG_BY_HASH } from '../adapters/build/image-target.ts'
import { connectGitHub, type GitHub } from '../adapters/github/connect.ts'
import { gitOpsCredentials } from '../adapters/gitops/credentials.ts'
import { openImagesOfBranch } from '../adapters/gitops/named-images.ts'
import { readAuthority } from '../adapters/registry/authority.ts'
import { type RepositoryReport, type Tending, tendRepository } from '../adapters/registry/tend-repository.ts'
import { appsOf } from '../config/apps.ts'
import type { Config } from '../config/schema.ts'
import type { Secrets } from '../config/secrets.ts'
import type { ToolEnvironment } from '../config/tool-environment.ts'
import { Terminal } from '../domain/errors.ts'
import { imageRepositories } from './image-repositories.ts'
import { listedRepositories } from './listed-repositories.ts'

export interface Collected {
  readonly reports: readonly RepositoryReport[]
  /** Installations of the App whose repos are not known, with why. */
  readonly unread: readonly string[]
  /** Why the registry does not say which repositories it has; '' where it does, or need not. */
  readonly unlisted: string
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

/**
 * Nothing is removed where the GitOps repo can't be read whole, nor from a repository that can't be.
 * @throws {Terminal} (operator) there is nothing to look at, or the GitOps repo can't be read
 * @throws where GitHub does not say which repos there are
 */
export async function collectImages(collecting: Collecting, signal: AbortSignal): Promise<Collected> {
  const { config, secrets, tools, keepMs, deed, nowMs } = collecting
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
    const tending: Tending = {
      registry: { ...registry, tag: registry.tag ?? TAG_BY_HASH, authority: await readAuthority(registry.caFile) },
      credentials: { authFile: registry.authFile, helperEnvironment: tools.helpers },
      ...{ branch, lately, keepFromMs, deed },
    }
    const reports: RepositoryReport[] = []
    const listed = await listedRepositories(tending.registry, tending.credentials, signal)
    const named = new Set([...now.repositories, ...lately.repositories, ...listed.repositories])
    for (const { image, apps: own, isGuess } of imageRepositories(registry, apps, config.apps, named)) {
      const report = await tendRepository(image, own, tending, signal)
      if (!isGuess || report.verdicts.length > 0 || !report.isDenied) reports.push(report)
    }
    return { reports, unread, unlisted: listed.fault }
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

const refusal = (message: string): Terminal => new Terminal(message, { whose: 'operator' })
