/** Writes that are asked for at the same time, as one. */

export interface Put {
  readonly type: 'put'
  readonly key: string
  readonly value: Buffer
  /** Nothing is under the key: it need not be looked for. */
  readonly isNew: boolean
}

/** One write of a key, or the removal of one. */
export type Write = Put | { readonly type: 'del'; readonly key: string }

/** Where writes are when they are done: what the system has only is lost with the machine, not with the process. */
export type Written = 'on disk' | 'with the system'

interface Waiting {
  readonly writes: readonly Write[]
  readonly where: Written
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** Bytes of one write, about: what waits beyond that comes with the next. */
const GROUP_MAX_BYTES = 8 * 1024 * 1024

/**
 * @param batch writes all or nothing
 * @param broke told of the first that failed. Nothing is written after it: LevelDB would append it behind what is torn,
 *   and not find it again when it is opened anew
 * @returns resolves when the writes are done: together with all that were asked for while the last were on their way
 */
export function groupedWrites(
  batch: (writes: Write[], options: { readonly sync: boolean }) => Promise<void>,
  broke: (error: unknown) => void,
): (writes: readonly Write[], where: Written) => Promise<void> {
  const waiting: Waiting[] = []
  let isWriting = false
  let fault: { readonly error: unknown } | null = null

  const nextGroup = (): readonly Waiting[] => {
    let bytes = 0
    let count = 0
    for (const { writes } of waiting) {
      if (bytes > GROUP_MAX_BYTES) break
      for (const write of writes) bytes += write.type === 'put' ? write.value.length : 0
      count += 1
    }
    return waiting.splice(0, count)
  }

  const work = async () => {
    while (waiting.length > 0) {
      const group = nextGroup()
      try {
        if (fault !== null) throw fault.error
        await batch(
          group.flatMap(({ writes }) => writes),
          { sync: group.some(({ where }) => where === 'on disk') },
        )
        for (const { resolve } of group) resolve()
      } catch (error) {
        if (fault === null) broke(error)
        fault = { error }
        for (const { reject } of group) reject(error)
      }
    }
    isWriting = false
  }

  return (writes, where) =>
    new Promise((resolve, reject) => {
      waiting.push({ writes, where, resolve, reject })
      if (isWriting) return
      isWriting = true
      setImmediate(() => void work()) // whoever writes in the same turn shares it
    })
}
