/**
 * One piece of work for all who ask for it. Who asks gets a result of work that began after it asked, so that nothing
 * older is taken for the answer; those who ask while work is under way share the next one. Work that nobody waits for
 * any more is aborted.
 */
export function sharedFlight<T>(work: (signal: AbortSignal) => Promise<T>): (signal: AbortSignal) => Promise<T> {
  interface Flight {
    readonly stop: AbortController
    readonly result: Promise<T>
    passengers: number
  }
  let current: Flight | null = null
  let next: Flight | null = null

  function flightAfter(former: Promise<unknown>): Flight {
    const stop = new AbortController()
    // How the former one ended was told to those who waited for it.
    const begun = former.then(
      () => undefined,
      () => undefined,
    )
    const flight: Flight = {
      stop,
      passengers: 0,
      result: begun.then(() => {
        stop.signal.throwIfAborted()
        current = flight
        if (next === flight) next = null
        return work(stop.signal)
      }),
    }
    const land = () => {
      if (current === flight) current = null
    }
    flight.result.then(land, land)
    return flight
  }

  return (signal) => {
    const flight = next ?? flightAfter(current?.result ?? Promise.resolve())
    next = flight
    flight.passengers++
    return new Promise<T>((resolve, reject) => {
      const leave = () => {
        flight.passengers--
        if (flight.passengers > 0) return
        flight.stop.abort(signal.reason)
        // Nobody may board a flight that will not take off.
        if (next === flight) next = null
      }
      const onAbort = () => {
        reject(signal.reason)
        leave()
      }
      if (signal.aborted) {
        onAbort()
        return
      }
      signal.addEventListener('abort', onAbort, { once: true })
      flight.result.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
    })
  }
}

/** The same by name: those who ask for one name share its flights, and nothing is kept once nobody waits. */
export function sharedFlights<T>(): (
  name: string,
  work: (signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
) => Promise<T> {
  const flights = new Map<string, { readonly fly: (signal: AbortSignal) => Promise<T>; waiting: number }>()
  return async (name, work, signal) => {
    const flight = flights.get(name) ?? { fly: sharedFlight(work), waiting: 0 }
    flights.set(name, flight)
    flight.waiting++
    try {
      return await flight.fly(signal)
    } finally {
      flight.waiting--
      if (flight.waiting === 0) flights.delete(name)
    }
  }
}
