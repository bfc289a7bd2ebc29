/** Finds values in an object, and says where they stand in the words of changes.ts: `spec.rules[0].host`. */
import { isTellingName, keyed } from '../manifests/changes.ts'
import { isList, isObject, type Json, type Path, textOf } from '../manifests/json.ts'

export interface Located {
  readonly field: string
  readonly value: Json
}

/** `field` below another; either may be ''. */
export const below = (field: string, key: string): string =>
  field === '' ? key : key === '' || key.startsWith('[') ? field + key : `${field}.${key}`

/** How an element of a list is written in a path: by its name, where it has one. */
const placed = (element: Json, at: number): string => {
  const name = isObject(element) ? textOf(element.name) : ''
  return `[${isTellingName(name) ? name : at}]`
}

/** Everything at `path`; `*` is each element of a list. Only what is set: null is absence, as in Kubernetes. */
export function locate(value: Json | undefined, path: Path, at = ''): readonly Located[] {
  if (!isReached(value, path)) return NOWHERE
  const found: Located[] = []
  find(value, path, 0, at, found)
  return found
}

const NOWHERE: readonly Located[] = []

/** Whether something may be there. Most of what rules look for is not, and is not worth a name of its place. */
function isReached(value: Json | undefined, path: Path): boolean {
  let here = value
  for (const step of path) {
    if (step === '*') return isList(here) && here.length > 0
    if (!isObject(here) || !Object.hasOwn(here, step)) return false
    here = here[step]
  }
  return here !== undefined && here !== null
}

function find(value: Json | undefined, path: Path, depth: number, at: string, found: Located[]): void {
  if (value === undefined || value === null) return
  const step = path[depth]
  if (step === undefined) found.push({ field: at, value })
  else if (step === '*') {
    if (!isList(value)) return
    for (const [place, element] of value.entries()) {
      find(element, path, depth + 1, below(at, placed(element, place)), found)
    }
  } else if (isObject(value) && Object.hasOwn(value, step)) {
    find(value[step], path, depth + 1, below(at, keyed(step)), found)
  }
}

/** What is under a key of any object in `value`, at whatever depth. */
export interface Entry extends Located {
  /** The key, '' for an element of a list. */
  readonly key: string
  /** The key of the object that it is in. */
  readonly parent: string
}

/**
 * Whether a key or a text anywhere in `value` is wanted: what rules look for everywhere is hardly ever there, and names of
 * places are only worth making where it is.
 */
export function hasText(value: Json | undefined, isWanted: (text: string) => boolean): boolean {
  if (typeof value === 'string') return isWanted(value)
  if (isList(value)) return value.some((inner) => hasText(inner, isWanted))
  if (!isObject(value)) return false
  for (const key of Object.keys(value)) if (isWanted(key) || hasText(value[key], isWanted)) return true
  return false
}

const NOTHING: ReadonlySet<string> = new Set()

/**
 * Every value of every object and list in `value`, outer ones first.
 * @param leftOut fields that are not looked at, nor what is in them
 */
export function entriesIn(
  value: Json | undefined,
  leftOut: ReadonlySet<string> = NOTHING,
  at = '',
  parent = '',
): readonly Entry[] {
  const found: Entry[] = []
  // The policy looks at every value of every object: what is slow here is slow for a large app as a whole.
  const collect = (inside: Json | undefined, place: string, above: string): void => {
    if (isList(inside)) {
      for (const [index, inner] of inside.entries()) {
        const field = place + placed(inner, index)
        if (leftOut.has(field)) continue
        found.push({ key: '', parent: above, field, value: inner })
        if (typeof inner === 'object') collect(inner, field, above)
      }
    } else if (isObject(inside)) {
      for (const key of Object.keys(inside)) {
        const inner = inside[key] ?? null
        const field = below(place, keyed(key))
        if (leftOut.has(field)) continue
        found.push({ key, parent: above, field, value: inner })
        if (typeof inner === 'object') collect(inner, field, key)
      }
    }
  }
  collect(value, at, parent)
  return found
}
