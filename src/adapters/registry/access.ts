/** What it takes to be let into a registry. */
import type { Authority } from './authority.ts'

export type Credentials =
  | { readonly kind: 'password'; readonly username: string; readonly password: string }
  /** What a token server takes for a token of its own. Distribution project: "Docker Registry v2 ... using OAuth2". */
  | { readonly kind: 'identity token'; readonly token: string }

export interface RegistryAccess {
  /** http instead of https: for registries on loopback or in a network of one's own. */
  readonly plainHttp: boolean
  readonly credentials: Credentials | null
  /** Who signed its certificate, where that is not known anyway. */
  readonly authority?: Authority | null
}
