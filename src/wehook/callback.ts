/** A callback: what a provider sent, kept as it came. */
export interface Callback {
  /** Unique, and later for what came later. */
  readonly id: string
  /** From whom, by the name in the configuration. */
  readonly source: string
  readonly receivedAtMs: number
  readonly method: string
  /** What follows `/hooks/<source>` in the address that was called, its query included, as it was written; '' for nothing. */
  readonly suffix: string
  /** Name, value, name, value and so on: as they came, in their order and case. */
  readonly headers: readonly string[]
  /** What tells a repetition of it from another; null where providers repeat what they sent on purpose. */
  readonly mark: string | null
  readonly body: Uint8Array
}

/** What a list says of one. */
export type ListedCallback = Pick<Callback, 'id' | 'source' | 'receivedAtMs' | 'method' | 'suffix'>

/** What has come, and is not kept yet. */
export type Arrived = Omit<Callback, 'id'>
