import type { Manifest } from '../manifests/manifest.ts'
import type { PodTemplates } from '../manifests/pod-templates.ts'
import type { Entry } from './locate.ts'
import type { Container, Pod } from './pods.ts'
import type { Profile, Verdicts } from './profiles.ts'

/** Something that a rule does not permit. */
export interface Breach {
  /** Where it stands: `spec.template.spec.containers[web].securityContext.privileged`, '' for the whole object. */
  readonly field: string
  /** One sentence: what, and what to do. */
  readonly words: string
}

export interface Finding extends Breach {
  /** `Kind/name` */
  readonly object: string
  /** The rule's name, which is that of its file. */
  readonly rule: string
}

export interface PolicySettings {
  readonly profile: Profile
  /** `Kind.group` (`Pod` in the core group), over the profile's own list. */
  readonly kinds: { readonly allow: readonly string[]; readonly deny: readonly string[] }
  /** Allowed beside the profile's own; a trailing * is a prefix. */
  readonly ingressAnnotations: readonly string[]
  readonly exemptions: readonly Exemption[]
}

interface Exemption {
  readonly rule: string
  /** null: every app */
  readonly app: string | null
  /** `Kind/name`, * at the end is a prefix; null: every object */
  readonly object: string | null
}

export interface PolicyContext {
  readonly app: string
  /** The preview's own namespace. */
  readonly namespace: string
  readonly settings: PolicySettings
  readonly podTemplates: PodTemplates
  /** Objects beside the checked ones, which operators or WeStage put into the preview: they may be referred to. */
  readonly beside: readonly Manifest[]
}

/** One object, with all that a rule may need to judge it. */
export interface Subject {
  readonly manifest: Manifest
  /** `Kind.group`: the version says nothing about what an object may do. */
  readonly kind: string
  readonly pods: readonly Pod[]
  readonly containers: readonly Container[]
  /** Everything in the object, outer values first. */
  readonly entries: () => readonly Entry[]
  /** Those of them by which it tells controllers of the cluster what to do. */
  readonly control: readonly Entry[]
  /** All texts among these, keys too, one a line. */
  readonly controlText: string
  /** All objects that are checked with it. */
  readonly bundle: readonly Manifest[]
  /** Names of the ServiceAccounts that its pods may run as. */
  readonly accounts: ReadonlySet<string>
  readonly context: PolicyContext
}

export interface Rule {
  readonly name: string
  /** Why there is this rule, in one sentence. */
  readonly why: string
  readonly verdicts: Verdicts
  /** `never`: no setting takes the rule off, because what it forbids reaches past the preview. */
  readonly exemption: 'possible' | 'never'
  readonly breachesOf: (subject: Subject) => readonly Breach[]
}
