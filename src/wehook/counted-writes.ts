/** Writes to LevelDB, with the sum of what is there: counted where it is written, one group after the other. */
import type { ClassicLevel } from 'classic-level'
import { groupedWrites, type Write, type Written } from './grouped-writes.ts'

export interface CountedWritesOptions {
  readonly db: ClassicLevel<string, Buffer>
  /** Whether what is under a key counts. */
  readonly counts: (key: string) => boolean
  /** Told of each key that is there now and was not, or the other way round. */
  readonly changed: (key: string, isThere: boolean) => void
  readonly broke: (error: unknown) => void
}

export interface CountedWrites {
  /** As `groupedWrites` does. */
  readonly write: (writes: readonly Write[], where: Written) => Promise<void>
  /** Bytes of the keys that count, and of their values. */
  readonly bytes: () => number
}

const SUM = 'bytes'

export async function openCountedWrites(options: CountedWritesOptions): Promise<CountedWrites> {
  const { db, counts, changed, broke } = options
  let bytes = Number((await db.get(SUM))?.toString() ?? 0)

  /** Bytes under each of these keys, none where it is not there. */
  const sizesNow = async (writes: readonly Write[]): Promise<Map<string, number>> => {
    const asked = new Set<string>()
    for (const each of writes) if (counts(each.key) && (each.type === 'del' || !each.isNew)) asked.add(each.key)
    const keys = [...asked]
    const values = keys.length === 0 ? [] : await db.getMany(keys)
    const sizes = new Map<string, number>()
    for (const [at, key] of keys.entries()) {
      const value = values[at]
      if (value !== undefined) sizes.set(key, value.length)
    }
    return sizes
  }

  const write = groupedWrites(async (writes, { sync }) => {
    const before = await sizesNow(writes)
    // All are there at once or none is: of several of one key, the last says what is under it then.
    const last = new Map(writes.map((each) => [each.key, each]))
    let sum = bytes
    for (const [key, each] of last) {
      if (!counts(key)) continue
      const size = before.get(key)
      if (size !== undefined) sum -= Buffer.byteLength(key) + size
      if (each.type === 'put') sum += Buffer.byteLength(key) + each.value.length
    }
    await db.batch([...last.values(), { type: 'put', key: SUM, value: Buffer.from(String(sum)) }], { sync })
    bytes = sum
    for (const [key, { type }] of last) {
      const isThere = type === 'put'
      if (counts(key) && before.has(key) !== isThere) changed(key, isThere)
    }
  }, broke)
  return { write, bytes: () => bytes }
}
