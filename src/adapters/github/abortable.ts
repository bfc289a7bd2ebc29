/**
 * Runs `work` and gives up on it the moment `signal` is aborted, even where it waits in a queue that knows no signals.
 * `work` gets a signal of its own, whose reason is a plain AbortError: that one @octokit/plugin-retry leaves alone.
 * @throws the reason of `signal`
 */
export function abortable<T>(signal: AbortSignal, work: (stop: AbortSignal) => Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason)
      return
    }
    const stop = new AbortController()
    const onAbort = () => {
      reject(signal.reason)
      stop.abort()
    }
    signal.addEventListener('abort', onAbort, { once: true })
    work(stop.signal)
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', onAbort))
  })
}
