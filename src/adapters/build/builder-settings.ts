import type { CredentialSource } from '../registry/credentials.ts'
import type { RegistrySettings } from './image-target.ts'

/** What a builder on this machine is told once. */
export interface BuilderSettings {
  readonly registry: RegistrySettings
  readonly credentials: CredentialSource
  /** For the build, and once more for the push. */
  readonly timeoutMs: number
  /** The PATH that tools are looked up on, and get. */
  readonly path: string
  /** What else the tools get of the environment: `DOCKER_HOST`, proxies. Nothing is passed on that is not listed here. */
  readonly env: Readonly<Record<string, string>>
  /** Where repos are looked at, for the image's label: `https://github.com`. */
  readonly webUrl: string
  /** Where tools get folders that are gone after each run. */
  readonly workDir: string
  /** Where buildah keeps layers from one build to the next. */
  readonly cacheDir: string
}
