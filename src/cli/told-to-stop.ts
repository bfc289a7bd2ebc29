/** Aborted by the first SIGTERM or SIGINT, of which `first` is told: one that comes while it starts ends the start. */
export function toldToStop(first: (signal: string) => void): AbortSignal {
  const told = new AbortController()
  const onSignal = (signal: string) => {
    if (told.signal.aborted) return
    first(signal)
    told.abort(new Error(`told to stop by ${signal}`))
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
  return told.signal
}
