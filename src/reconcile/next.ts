/** When a key is run again, and how its failures are counted. */
export type Next =
  /** Nothing more to do until something changes. */
  | { readonly kind: 'done' }
  /** Nothing is wrong: again after `afterMs`. */
  | { readonly kind: 'again'; readonly afterMs: number }
  /** The platform failed: again after `afterMs`, and one more failure in a row. */
  | { readonly kind: 'retry'; readonly afterMs: number }

export const DONE: Next = { kind: 'done' }
export const again = (afterMs: number): Next => ({ kind: 'again', afterMs })

const FIRST_RETRY_MS = 2_000
/** How long at most what failed is left alone. */
export const LAST_RETRY_MS = 300_000

/** The wait after the `failures`-th failure in a row (from 1): doubles from 2 s up to 5 min. */
export const backoffMs = (failures: number): number =>
  Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(failures - 1, 20))
