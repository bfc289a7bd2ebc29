/** A value of which only the latest state counts, and whoever waits for it to be as they want it. */
export interface Latest<Value> {
  get(): Value
  set(value: Value): void
  /**
   * What `pick` makes of the first state, from the present one on, of which it makes anything.
   * @throws what `pick` throws @throws the reason of `signal`
   */
  until<Picked>(pick: (value: Value) => Picked | null, signal: AbortSignal): Promise<Picked>
}

export function latest<Value>(first: Value): Latest<Value> {
  let value = first
  const lookers = new Set<() => void>()
  return {
    get: () => value,
    set(next) {
      value = next
      for (const look of [...lookers]) look()
    },
    until: (pick, signal) =>
      new Promise((resolve, reject) => {
        const end = () => {
          lookers.delete(look)
          signal.removeEventListener('abort', abort)
        }
        const abort = () => {
          end()
          reject(signal.reason)
        }
        const look = () => {
          try {
            const picked = pick(value)
            if (picked === null) return
            end()
            resolve(picked)
          } catch (error) {
            end()
            reject(error)
          }
        }
        if (signal.aborted) return reject(signal.reason)
        lookers.add(look)
        signal.addEventListener('abort', abort, { once: true })
        look()
      }),
  }
}
