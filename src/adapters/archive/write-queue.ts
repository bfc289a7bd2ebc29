/** Writes that go on beside the reading: at most a few at once, and none is lost sight of. */
export interface WriteQueue {
  /** Waits for a free place. @throws what an earlier write failed with */
  add(write: () => Promise<void>): Promise<void>
  /** Waits for all of them. @throws what the first failing one failed with */
  done(): Promise<void>
  /** Waits for all of them, whatever comes of them. */
  settled(): Promise<void>
}

export function writeQueue(concurrency: number): WriteQueue {
  const pending = new Set<Promise<void>>()
  const faults: unknown[] = []
  const settled = async () => {
    while (pending.size > 0) await Promise.race(pending)
  }
  const throwFault = () => {
    if (faults.length > 0) throw faults[0]
  }
  return {
    async add(write) {
      while (pending.size >= concurrency) await Promise.race(pending)
      throwFault()
      const writing = write()
        .catch((error: unknown) => void faults.push(error))
        .finally(() => pending.delete(writing))
      pending.add(writing)
    },
    async done() {
      await settled()
      throwFault()
    },
    settled,
  }
}
