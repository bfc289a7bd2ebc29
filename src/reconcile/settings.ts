import type { Wanted } from '../addons/catalogue.ts'
import type { BuildInputs, ImageName } from '../domain/image.ts'
import type { PreviewKey } from '../domain/key.ts'
import type { Destination } from '../domain/preview.ts'
import type { TargetRules } from '../manifests/target.ts'
import type { GuardSettings } from '../policy/guards.ts'
import type { PolicySettings } from '../policy/rule.ts'
import type { BuildRequest } from '../ports.ts'

/** One image of an app: what it is built from, and what it is put in the place of. */
export interface ImageSettings {
  readonly name: ImageName
  readonly context: string
  readonly dockerfile: string
  /** Patterns for what of the context it is built from, null for all of it. */
  readonly paths: readonly string[] | null
  readonly build: BuildInputs & Pick<BuildRequest, 'secrets'>
  /** The image of the manifests that the built one replaces, null to find it by name. */
  readonly replaces: string | null
}

/** What the core is told of the instance's configuration. */
export interface AppSettings {
  readonly name: string
  /** The names of all apps of its repo, this one among them. */
  readonly appsOfRepo: readonly string[]
  /** The kustomize folder, null to find it by convention. */
  readonly folder: string | null
  /** At least one: one without a name, or each with its own. */
  readonly images: readonly ImageSettings[]
  /** 'changed': for a preview, a pull request has to change something of its own. */
  readonly when: 'always' | 'changed'
  /** Patterns for what is its own in the repo, null for what it is made of. */
  readonly paths: readonly string[] | null
  /** How its manifests are made a preview's. */
  readonly rules: TargetRules
  /** The add-ons that operators gave to it, each with its settings. */
  readonly addons: Wanted
}

/** What the instance says of add-ons. */
export interface AddonRules {
  /** What authors may ask for. */
  readonly allowed: readonly string[]
  /** Add-on's name -> its image, where it is not the default. */
  readonly images: Readonly<Record<string, string>>
  /** The image of init containers that wait for add-ons, null for the default. */
  readonly waitImage: string | null
}

export interface Settings {
  /** Where people reach WeStage, without a trailing slash. */
  readonly publicUrl: string
  /** From the commit until it must be live, milliseconds. */
  readonly deadlineMs: number
  /** So many restarts of a pod in a crash loop end the wait for it. */
  readonly crashRestarts: number
  /** How long a preview is kept that a person brought back after its pull request had ended, milliseconds. */
  readonly keepRestoredMs: number
  /** A commit's page in the GitOps repo, null where its host has none that is known. */
  readonly commitUrlOf: (commit: string) => string | null
  /** How long a step waits for what others make, such as CI's image, milliseconds. */
  readonly maxWaitMs: number
  /** Who makes the images: 'CI' pushes them, and they are waited for. */
  readonly imagesBy: 'westage' | 'CI'
  /** The cluster that previews run in. */
  readonly destination: Destination
  /** Where kustomize folders are looked for, in this order. */
  readonly renderFolders: readonly string[]
  readonly addons: AddonRules
  readonly policy: PolicySettings
  readonly guards: GuardSettings
  /** What the passwords of a preview's add-ons come from; null where the cluster makes them. */
  readonly seedOf: (key: PreviewKey) => string | null
  /** An app of a repo (`owner/name`), null where the repo has none of that name. */
  readonly appOf: (repositoryName: string, app: string) => AppSettings | null
}
