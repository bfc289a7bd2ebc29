/**
 * The name that somebody meant who wrote another one: the one with the fewest letters to change, put in, take out or
 * swap, at most a third of them; null where none is that near. Case, dashes and underscores do not count.
 */
export function nearestOf(written: string, names: readonly string[]): string | null {
  const plain = plainOf(written)
  const most = Math.max(1, Math.floor(plain.length / 3))
  let best: { readonly name: string; readonly distance: number } | null = null
  for (const name of names) {
    if (Math.abs(plainOf(name).length - plain.length) > most) continue
    const distance = distanceOf(plain, plainOf(name))
    if (distance <= most && (best === null || distance < best.distance)) best = { name, distance }
  }
  return best?.name ?? null
}

const plainOf = (name: string): string => name.toLowerCase().replace(/[-_]/g, '')

/** Optimal string alignment: the least number of changes, a swap of two neighbours being one. */
function distanceOf(a: string, b: string): number {
  let [twoAbove, above]: [number[], number[]] = [[], Array.from({ length: b.length + 1 }, (_, at) => at)]
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const isSame = a[row - 1] === b[column - 1]
      const isSwapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      current.push(
        Math.min(
          (above[column] ?? 0) + 1,
          (current[column - 1] ?? 0) + 1,
          (above[column - 1] ?? 0) + (isSame ? 0 : 1),
          isSwapped ? (twoAbove[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
        ),
      )
    }
    ;[twoAbove, above] = [above, current]
  }
  return above[b.length] ?? 0
}
