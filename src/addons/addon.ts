import type { z } from 'zod'
import type { Manifest } from '../manifests/manifest.ts'
import type { EnvVar } from '../manifests/target.ts'

/** What an add-on's objects are made for. */
export interface AddonRequest {
  /** The instance's own, or the add-on's default by digest. */
  readonly image: string
  /** The password for a purpose; null where it is generated in the cluster instead. */
  readonly passwordOf: (purpose: string) => string | null
  /** Texts of the SQL files that its settings name, by path; others may be among them. */
  readonly files: ReadonlyMap<string, string>
}

/** Where something listens, as the preview's pods reach it. */
export interface Endpoint {
  readonly host: string
  readonly port: number
}

/** An auxiliary service as its file describes it. Everything but `manifests` is known without passwords. */
interface Definition<S> {
  readonly name: string
  /** By digest. */
  readonly image: string
  readonly settings: z.ZodType<S>
  /** What the app's containers are told: passwords by secretKeyRef, and `$(NAME)` of variables that stand above. */
  readonly env: (settings: S) => readonly EnvVar[]
  /** What answers once the service is usable. */
  readonly endpoints: (settings: S) => readonly Endpoint[]
  readonly isWaitedFor: (settings: S) => boolean
  /** The SQL files and the app's Job that fill it. */
  readonly seed?: (settings: S) => Seed
  /** Its objects, which the catalogue puts into their place. @throws {Terminal} a seed that can't be mounted */
  readonly manifests: (settings: S, request: AddonRequest) => readonly Manifest[]
}

/** What fills a database before the app sees it. */
export interface Seed {
  readonly files: readonly string[]
  readonly job: string | null
}

/** An add-on whose settings were read. */
interface Configured {
  readonly env: readonly EnvVar[]
  readonly endpoints: readonly Endpoint[]
  readonly isWaitedFor: boolean
  readonly seed: Seed
  readonly manifests: (request: AddonRequest) => readonly Manifest[]
}

/** An entry of the catalogue. */
export interface Addon {
  readonly name: string
  readonly image: string
  readonly settings: z.ZodType
  /** @throws {ZodError} the settings are not this add-on's */
  readonly configured: (settings: unknown) => Configured
}

/** An entry of the catalogue from its definition, whose settings are nobody else's to know. */
export const addon = <S>(definition: Definition<S>): Addon => ({
  name: definition.name,
  image: definition.image,
  settings: definition.settings,
  configured: (unread) => {
    const settings = definition.settings.parse(unread)
    return {
      env: definition.env(settings),
      endpoints: definition.endpoints(settings),
      isWaitedFor: definition.isWaitedFor(settings),
      seed: definition.seed?.(settings) ?? { files: [], job: null },
      manifests: (request) => definition.manifests(settings, request),
    }
  },
})
