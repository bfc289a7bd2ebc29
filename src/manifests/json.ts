/** JSON values, which is what manifests are made of, and how to look into and change them without touching them. */

/**
 * A number as kubectl holds it: an int64 or a float64 (k8s.io/apimachinery, pkg/util/json). It is a `bigint` only where
 * it is an int64 that a JavaScript number can't hold exactly.
 */
export type Json = null | boolean | number | bigint | string | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [key: string]: Json
}

export const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value)

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !isList(value)

/** The object, or an empty one where there is none: Kubernetes takes an absent and a null field as the same. */
export const objectOf = (value: Json | undefined): JsonObject => (isObject(value) ? value : {})

/** The list, or an empty one where there is none. */
export const listOf = (value: Json | undefined): readonly Json[] => (isList(value) ? value : [])

/** The text, or '' where there is none. */
export const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '')

/** The value as JSON text, with integers of any size exact: JSON.stringify takes no `bigint`. */
export function jsonTextOf(value: Json): string {
  if (typeof value === 'bigint') return value.toString()
  if (isList(value)) return `[${value.map(jsonTextOf).join(',')}]`
  if (!isObject(value)) return JSON.stringify(value)
  const fields = Object.entries(value).map(([key, inner]) => `${JSON.stringify(key)}:${jsonTextOf(inner)}`)
  return `{${fields.join(',')}}`
}

/** The object without some of its keys, the very same one where it has none of them. */
export const without = (object: JsonObject, keys: readonly string[]): JsonObject =>
  keys.some((key) => Object.hasOwn(object, key))
    ? Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)))
    : object

/** Where something stands in a value: keys, and `*` for each element of a list. */
export type Path = readonly string[]

/** A path whose keys have no dots: `spec.rules.*.host`. */
export const pathOf = (text: string): Path => text.split('.')

/**
 * A value in which what stands at `path` was changed. Where nothing stands there, or `change` gives back what it was
 * given, it is the very same value (`===`); what lies beside the path always is.
 */
export function changeAt(value: Json, path: Path, change: (found: Json) => Json): Json {
  const [step, ...rest] = path
  if (step === undefined) return change(value)
  if (step === '*') return isList(value) ? changeEach(value, (element) => changeAt(element, rest, change)) : value
  if (!isObject(value) || !Object.hasOwn(value, step)) return value
  const before = value[step]
  if (before === undefined) return value
  const after = changeAt(before, rest, change)
  return after === before ? value : { ...value, [step]: after }
}

function changeEach(list: readonly Json[], change: (element: Json) => Json): readonly Json[] {
  const changed = list.map(change)
  return changed.every((element, at) => element === list[at]) ? list : changed
}

/** Everything that stands at `path`, in order. */
export function valuesAt(value: Json | undefined, path: Path): readonly Json[] {
  const [step, ...rest] = path
  if (value === undefined) return []
  if (step === undefined) return [value]
  if (step === '*') return listOf(value).flatMap((element) => valuesAt(element, rest))
  return isObject(value) && Object.hasOwn(value, step) ? valuesAt(value[step], rest) : []
}
