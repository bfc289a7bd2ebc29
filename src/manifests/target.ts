import type { BuiltImage } from '../domain/image.ts'

/** What the manifests are bent to: everything a transform may need, and nothing that changes from run to run. */
export interface Target {
  readonly app: string
  readonly slug: string
  readonly namespace: string
  readonly repository: { readonly id: number; readonly name: string }
  readonly pull: { readonly number: number; readonly url: string; readonly branch: string }
  readonly sha: string
  /** How a host of the app becomes the preview's: `{slug}-{host}`. Knows {slug}, {app}, {pr} and {host}. */
  readonly hostTemplate: string
  /** How the preview's URLs are written; `auto` is https where an Ingress has TLS for the host, http elsewhere. */
  readonly scheme: 'auto' | 'http' | 'https'
  /** The port of the preview's URLs, null for the scheme's own. */
  readonly port: number | null
  /** The image built from this commit, and which image of the manifests it replaces (null: found by convention). */
  readonly image: { readonly built: BuiltImage; readonly replaces: string | null } | null
}
