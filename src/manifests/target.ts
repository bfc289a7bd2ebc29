import type { BuiltImage, ImageName } from '../domain/image.ts'
import type { JsonObject, Path } from './json.ts'

/** What the manifests are bent to: everything a transform may need, and nothing that changes from run to run. */
export interface Target {
  readonly app: string
  readonly slug: string
  readonly namespace: string
  readonly repository: { readonly id: number; readonly name: string }
  readonly pull: { readonly number: number; readonly url: string; readonly branch: string }
  readonly sha: string
  readonly hosts: HostRules
  /** The images that were built from this commit; none where the manifests' own stay as they are. */
  readonly images: readonly TargetImage[]
  /** Variables for every container beside WeStage's own, as Kubernetes' EnvVar: those of add-ons, the operators' own. */
  readonly env: readonly EnvVar[]
  /** Namespaces in which the app lives for long, beside those that its manifests name. */
  readonly formerNamespaces: readonly string[]
  /** Custom kinds with a pod template, `Kind.group` -> where it stands. */
  readonly podTemplates: ReadonlyMap<string, Path>
  readonly size: Size
  /** What becomes of CronJobs: the names of those that run, or all of them. */
  readonly cronJobs: 'all' | readonly string[]
  readonly clusterScoped: 'refuse' | 'rename'
}

/** An image, and which one of the manifests it replaces. */
export interface TargetImage {
  readonly name: ImageName
  readonly built: BuiltImage
  /** null: found by its name, or the app's. */
  readonly replaces: string | null
}

/** How hosts become the preview's own. */
export interface HostRules {
  /** `{slug}-{host}`. Knows {slug}, {app}, {pr} and {host}. */
  readonly template: string
  /** How the preview's URLs are written; `auto` is https where something has TLS for the host, http elsewhere. */
  readonly scheme: 'auto' | 'http' | 'https'
  /** The port of the preview's URLs, null for the scheme's own. */
  readonly port: number | null
  /** `map`: `*.example.com` becomes `*.` and the template's form of `example.com`. */
  readonly wildcards: 'refuse' | 'map'
  /** `strip`: no TLS of the preview's own; `secret`: the name of a wildcard certificate's Secret for all. */
  readonly tls: 'keep' | 'strip' | { readonly secret: string }
  /** Those of the app's own hosts that the preview answers for, null for all of them. */
  readonly exposed: readonly string[] | null
  /** Whether variables and ConfigMaps that name an old host are made to name the new one. */
  readonly isFollowed: boolean
}

/** How big a preview may be. */
export interface Size {
  /** Pods of one workload, null for no cap. */
  readonly replicasMax: number | null
  /** Kubernetes quantities for each container, null for no cap. */
  readonly cpuRequestMax: string | null
  readonly memoryRequestMax: string | null
  /** Workload's name -> how many pods its author asks for; the cap holds all the same. */
  readonly replicas: Readonly<Record<string, number>>
}

/** Kubernetes: EnvVar v1 core. */
export interface EnvVar extends JsonObject {
  readonly name: string
}

/** What an instance sets for all previews of an app alike. */
export type TargetRules = Pick<
  Target,
  'hosts' | 'env' | 'formerNamespaces' | 'podTemplates' | 'size' | 'cronJobs' | 'clusterScoped'
>
