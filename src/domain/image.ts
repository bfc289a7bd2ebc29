/** An image in a registry, by digest. */
export interface BuiltImage {
  /** `registry/repository`, without tag or digest */
  readonly repository: string
  /** `sha256:` and 64 hex digits */
  readonly digest: string
}

/** What came of the wish for an image. */
export interface Built extends BuiltImage {
  /** It was in the registry already, made from the same. */
  readonly isReused: boolean
}

/** Of several images of an app the name of one; null: the app has this one alone. */
export type ImageName = string | null

/** What a Dockerfile is built with beside its context. */
export interface BuildInputs {
  /** Build arguments, by name. */
  readonly args: Readonly<Record<string, string>>
  /** The stage that is built, null for the last. */
  readonly target: string | null
  /** `linux/amd64`, `linux/arm64/v8`; none for the one that the builder runs on. */
  readonly platforms: readonly string[]
}
