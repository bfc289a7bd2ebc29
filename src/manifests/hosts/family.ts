import type { Manifest } from '../manifest.ts'
import type { HostRules, Target } from '../target.ts'

/** A host as it stands in a manifest. */
export interface NamedHost {
  readonly host: string
  /** Where it stands: `spec.rules.host` */
  readonly field: string
  /** Whether a browser can open it; not where it is asked of DNS alone or takes other connections than HTTP. */
  readonly isAddress: boolean
}

/** How hosts become the preview's. */
export interface Naming {
  /**
   * The preview's form of a host for which an object answers, null where the preview is not to answer for it.
   * @throws {Terminal} a wildcard, where these are refused; what is no host; two hosts that would become one
   */
  own(host: string, manifest: Manifest, field: string): string | null
  /** Whether the preview is to answer for a host. */
  isExposed(host: string): boolean
  /** A text in which the app's own hosts, where it names one as a whole, have the preview's form. Others stay. */
  follow(text: string): string
  readonly wildcards: HostRules['wildcards']
  readonly tls: HostRules['tls']
}

/** What one project's kinds say about hosts, for one set of manifests: what stands beside an object counts too. */
export interface Family {
  readonly holds: (manifest: Manifest) => boolean
  /** The hosts for which the object answers, or asks DNS, in order. */
  readonly hostsOf: (manifest: Manifest) => readonly NamedHost[]
  /** The hosts for which the object has TLS; wildcards stand for one label, as certificates have it. */
  readonly securedBy: (manifest: Manifest) => readonly string[]
  /** The object with the preview's hosts, null where nothing is left of it. @throws {Terminal} as `Naming.own` */
  readonly renamed: (manifest: Manifest, naming: Naming) => Manifest | null
}

/** Where the manifests are by now. */
export type Place = Pick<Target, 'namespace' | 'podTemplates'>

export type FamilyOf = (manifests: readonly Manifest[], place: Place) => Family
