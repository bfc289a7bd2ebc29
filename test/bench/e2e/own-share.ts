/** What of a preview's way is WeStage's own, and not that of the tools and the cluster that it waits for. */

/** Milliseconds since 1970. */
export interface Interval {
  readonly fromMs: number
  readonly toMs: number
}

export interface Way {
  /** From the label until the pull request was told. */
  readonly whole: Interval
  /** Archive, build with the image's push, kustomize, and the push of the commit, as they were for this preview. */
  readonly prepared: readonly Interval[]
  /** Argo CD and the cluster: from the push until the Application is Synced and Healthy. */
  readonly synced: Interval
}

/**
 * How long nothing that others do was under way for each of the previews of a round, in milliseconds. Before its own
 * archive is fetched, a preview that waits while others are fetched and built waits for the machine: only so many are
 * prepared at a time.
 */
export function ownMsOf(ways: readonly Way[]): readonly number[] {
  const everyones = ways.flatMap(({ prepared }) => prepared)
  return ways.map(({ whole, prepared, synced }) => {
    const beganMs = Math.min(...prepared.map(({ fromMs }) => fromMs))
    const inTurn = everyones
      .filter(({ fromMs }) => fromMs < beganMs)
      .map(({ fromMs, toMs }) => ({ fromMs, toMs: Math.min(toMs, beganMs) }))
    return uncoveredMs(whole, [...prepared, synced, ...inTurn])
  })
}

/** How much of `whole` is in none of the intervals. */
function uncoveredMs({ fromMs, toMs }: Interval, intervals: readonly Interval[]): number {
  let uncovered = 0
  let atMs = fromMs
  for (const interval of intervals.toSorted((a, b) => a.fromMs - b.fromMs)) {
    uncovered += Math.max(0, Math.min(interval.fromMs, toMs) - atMs)
    atMs = Math.max(atMs, Math.min(interval.toMs, toMs))
  }
  return uncovered + (toMs - atMs)
}
