/** An image in a registry, by digest. */
export interface BuiltImage {
  /** `registry/repository`, without tag or digest */
  readonly repository: string
  /** `sha256:` and 64 hex digits */
  readonly digest: string
}
