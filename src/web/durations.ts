const [SECOND_MS, MINUTE_MS, HOUR_MS, DAY_MS] = [1000, 60_000, 3_600_000, 86_400_000]

/** How long a step took, in milliseconds: `0.4 s`, `12 s`, `3 min 5 s`, `1 h 2 min`. */
export function durationText(ms: number): string {
  if (ms < 9_950) return `${(Math.max(0, ms) / SECOND_MS).toFixed(1)} s`
  const seconds = Math.round(ms / SECOND_MS)
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  const minutes = Math.round(seconds / 60)
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** How long somebody took to answer, in milliseconds: `12 ms`, then as `durationText`. */
export const latencyText = (ms: number): string => (ms < 950 ? `${Math.round(Math.max(0, ms))} ms` : durationText(ms))

/** How long ago something was, from milliseconds: `just now`, `5 min`, `3 h`, `12 d`. */
export function ageText(ms: number): string {
  if (ms < MINUTE_MS) return 'just now'
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min ago`
  if (ms < DAY_MS) return `${Math.floor(ms / HOUR_MS)} h ago`
  return `${Math.floor(ms / DAY_MS)} d ago`
}
