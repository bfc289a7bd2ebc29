/** Finds values in an object, and says where they stand in the words of changes.ts: `spec.rules[0].host`. */
import { isList, isObject, type Json, type JsonObject, type Path, textOf } from '../manifests/json.ts'

export interface Located {
  readonly field: string
  readonly value: Json
}

/** `field` below another; either may be ''. */
export const below = (field: string, key: string): string =>
  field === '' ? key : key === '' || key.startsWith('[') ? field + key : `${field}.${key}`

/** How a key is written in a path. */
export const keyed = (key: string): string => (/^[A-Za-z0-9_-]+$/.test(key) ? key : `["${key}"]`)

/** How an element of a list is written in a path: by its name, where it has one. */
const placed = (element: Json, at: number): string => {
  const name = isObject(element) ? textOf(element.name) : ''
  return `[${name === '' ? at : name}]`
}

/** Everything at `path`; `*` is each element of a list. Only what is set: null is absence, as in Kubernetes. */
export function locate(value: Json | undefined, path: Path, at = ''): readonly Located[] {
  const [step, ...rest] = path
  if (value === undefined || value === null) return []
  if (step === undefined) return [{ field: at, value }]
  if (step === '*') {
    return isList(value)
      ? value.flatMap((element, place) => locate(element, rest, below(at, placed(element, place))))
      : []
  }
  return isObject(value) && Object.hasOwn(value, step) ? locate(value[step], rest, below(at, keyed(step))) : []
}

/** What is under a key of any object in `value`, at whatever depth. */
export interface Entry extends Located {
  /** The key, '' for an element of a list. */
  readonly key: string
  /** The key of the object that it is in. */
  readonly parent: string
}

const NOTHING: ReadonlySet<string> = new Set()

/**
 * Every value of every object and list in `value`, outer ones first.
 * @param leftOut fields that are not looked at, nor what is in them
 */
export function* entriesIn(
  value: Json | undefined,
  leftOut: ReadonlySet<string> = NOTHING,
  at = '',
  parent = '',
): Generator<Entry> {
  for (const { key, step, inner } of isList(value) ? elementsOf(value) : isObject(value) ? fieldsOf(value) : []) {
    const field = below(at, step)
    if (leftOut.has(field)) continue
    yield { key, parent, field, value: inner }
    yield* entriesIn(inner, leftOut, field, key === '' ? parent : key)
  }
}

const elementsOf = (list: readonly Json[]) =>
  list.map((inner, place) => ({ key: '', step: placed(inner, place), inner }))

const fieldsOf = (object: JsonObject) =>
  Object.entries(object).map(([key, inner]) => ({ key, step: keyed(key), inner }))
