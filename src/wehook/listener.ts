/** One preview that takes the callbacks of one source at one path. */
export interface Listener {
  /** `<app>/pr-<number> <source> <path>`: what the store knows it by. */
  readonly name: string
  /** `<app>/pr-<number>` */
  readonly preview: string
  readonly source: string
  /** Where its callbacks go, without what follows `/hooks/<source>`. */
  readonly url: URL
  /** What `Host` says, null for what `url` says. */
  readonly host: string | null
  /** Where it is new, it gets what came from then on and is not too old. */
  readonly sinceMs: number
}
