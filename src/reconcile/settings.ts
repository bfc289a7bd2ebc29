import type { Destination } from '../domain/preview.ts'
import type { TargetRules } from '../manifests/target.ts'

/** What the core is told of the instance's configuration. */
export interface AppSettings {
  readonly name: string
  /** The kustomize folder, null to find it by convention. */
  readonly folder: string | null
  readonly context: string
  readonly dockerfile: string
  /** The image of the manifests that the built one replaces, null to find it by convention. */
  readonly image: string | null
  /** How its manifests are made a preview's. */
  readonly rules: TargetRules
}

export interface Settings {
  /** Where people reach WeStage, without a trailing slash. */
  readonly publicUrl: string
  /** From the commit until it must be live, milliseconds. */
  readonly deadlineMs: number
  /** So many restarts of a pod in a crash loop end the wait for it. */
  readonly crashRestarts: number
  /** How long a step waits for what others make, such as CI's image, milliseconds. */
  readonly maxWaitMs: number
  /** The cluster that previews run in. */
  readonly destination: Destination
  /** Where kustomize folders are looked for, in this order. */
  readonly renderFolders: readonly string[]
  /** An app of a repo (`owner/name`), null where the repo has none of that name. */
  readonly appOf: (repositoryName: string, app: string) => AppSettings | null
}
