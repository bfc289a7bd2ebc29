import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Terminal } from '../../domain/errors.ts'
import type { ImageBuilder, Log } from '../../ports.ts'
import type { CredentialSource } from '../registry/credentials.ts'
import { findBuildah } from './buildah.ts'
import type { BuilderSettings } from './builder-settings.ts'
import { findBuildKit } from './buildkit.ts'
import { type BuildJobSettings, buildKitJobs } from './buildkit-job.ts'
import type { BuildKitSettings } from './buildkit-settings.ts'
import { findDocker } from './docker.ts'
import { externalBuilder } from './external.ts'
import { type RegistrySettings, TAG_BY_HASH } from './image-target.ts'
import { noBuilder } from './none.ts'

export interface BuilderOptions {
  /** Without a tag: by what is in the image, or by the commit where others build it. */
  readonly registry: (Omit<RegistrySettings, 'tag'> & { readonly tag: string | null }) | null
  readonly timeoutMs: number
  /** The PATH that tools are looked up on, and get. */
  readonly path: string
  /** What else tools get of the environment (`DOCKER_HOST`, proxies); nothing where it is not given. */
  readonly env?: Readonly<Record<string, string>>
  /** The whole environment of credential helpers; the PATH where it is not given. */
  readonly helperEnvironment?: Readonly<Record<string, string>>
  /** `https://github.com` where it is not given. */
  readonly webUrl?: string
  /** Where tools get folders that are gone after each run; the system's temporary one where it is not given. */
  readonly workDir?: string
  /** Where buildah keeps layers; a folder below the system's temporary one where it is not given. */
  readonly cacheDir?: string
  /** What `buildkit` needs: where buildkitd is, or Jobs to build in. */
  readonly buildkit?: BuildKitSettings | BuildJobSettings
  readonly log: Log
}

/**
 * The builder that the configuration asks for, after a look whether it is there.
 * @throws {Terminal} (operator) its tool is missing or does not answer, or the registry's settings are wrong
 */
export async function chooseBuilder(
  options: BuilderOptions & { readonly builder: 'none' | 'local' | 'docker' | 'buildah' | 'buildkit' | 'external' },
): Promise<ImageBuilder> {
  const { builder, registry, log } = options
  if (builder === 'none') return noBuilder
  if (registry === null) throw refusal(`builder is ${builder}, and registry is not set`)
  if (builder === 'external')
    return externalBuilder({ ...registry, tag: registry.tag ?? '{sha}' }, credentialsOf(options, registry))
  const settings = settingsOf(options, registry)
  if (builder === 'docker') {
    const docker = await findDocker(settings)
    if (docker !== null) return docker
    throw refusal('builder is docker, and no docker engine answers: start one, or set builder to buildah or none')
  }
  if (builder === 'buildah') {
    const buildah = await findBuildah(settings, log)
    if (buildah !== null) return buildah
    throw refusal('builder is buildah, which is not on the PATH: install it, or set builder to docker or none')
  }
  if (builder === 'buildkit') {
    if (options.buildkit === undefined) throw refusal('builder is buildkit, and where buildkitd is has not been said')
    if ('jobs' in options.buildkit) return buildKitJobs(settings, options.buildkit)
    const buildkit = await findBuildKit(settings, options.buildkit, log)
    if (buildkit !== null) return buildkit
    throw refusal(
      'builder is buildkit, and buildctl is not on the PATH: install it, or set builder to docker, buildah or none',
    )
  }
  const local = await findLocalBuilder(options)
  if (local !== null) return local
  throw refusal(
    'builder is local, and there is neither a docker engine that answers nor buildah on the PATH: ' +
      'install one of them, or set builder to none',
  )
}

/** docker where its engine answers, else buildah, else null. @throws {Terminal} (operator) registry's settings are wrong */
export async function findLocalBuilder(options: BuilderOptions): Promise<ImageBuilder | null> {
  if (options.registry === null) throw refusal('a builder needs a registry, which is not set')
  const settings = settingsOf(options, options.registry)
  return (await findDocker(settings)) ?? (await findBuildah(settings, options.log))
}

const refusal = (message: string): Terminal => new Terminal(message, { whose: 'operator' })

const credentialsOf = (
  options: BuilderOptions,
  { authFile }: Pick<RegistrySettings, 'authFile'>,
): CredentialSource => ({
  authFile,
  helperEnvironment: options.helperEnvironment ?? { PATH: options.path },
})

const settingsOf = (options: BuilderOptions, registry: NonNullable<BuilderOptions['registry']>): BuilderSettings => ({
  registry: { ...registry, tag: registry.tag ?? TAG_BY_HASH },
  credentials: credentialsOf(options, registry),
  timeoutMs: options.timeoutMs,
  path: options.path,
  env: options.env ?? {},
  webUrl: options.webUrl ?? 'https://github.com',
  workDir: options.workDir ?? tmpdir(),
  cacheDir: options.cacheDir ?? join(tmpdir(), `westage-buildah-${process.getuid?.() ?? 'user'}`),
})
