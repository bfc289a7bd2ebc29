/** JSON that keeps the numbers which JSON.parse does not: integers of 64 bits, and -0, whose places are told beside it. */
import { z } from 'zod'
import { isList, isObject, type Json } from '../manifests/json.ts'

/** A number that stands in the value as null, by its keys and places. */
export const ExactSchema = z.object({
  at: z.array(z.union([z.string(), z.int().nonnegative()])),
  number: z.union([z.literal('-0'), z.string().regex(/^-?[1-9][0-9]{0,19}$/)]),
})
export type Exact = z.output<typeof ExactSchema>

/** @returns a value that JSON.stringify takes, and what it can't say of it */
export function toJson(value: Json): { readonly value: Json; readonly exact: readonly Exact[] } {
  const exact: Exact[] = []
  const walk = (found: Json, at: readonly (string | number)[]): Json => {
    if (typeof found === 'bigint') exact.push({ at: [...at], number: found.toString() })
    else if (Object.is(found, -0)) exact.push({ at: [...at], number: '-0' })
    else if (isList(found)) return mapList(found, (element, index) => walk(element, [...at, index]))
    else if (isObject(found)) return mapObject(found, (inner, key) => walk(inner, [...at, key]))
    else return found
    return null
  }
  return { value: walk(value, []), exact }
}

/**
 * @param exact what `toJson` told beside
 * @throws {Error} it names a place where no null is
 */
export function fromJson(value: Json, exact: readonly Exact[]): Json {
  const numbers = new Map(exact.map(({ at, number }) => [JSON.stringify(at), number === '-0' ? -0 : BigInt(number)]))
  if (numbers.size === 0) return value
  const walk = (found: Json, at: readonly (string | number)[]): Json => {
    if (isList(found)) return mapList(found, (element, index) => walk(element, [...at, index]))
    if (isObject(found)) return mapObject(found, (inner, key) => walk(inner, [...at, key]))
    const place = JSON.stringify(at)
    const number = found === null ? numbers.get(place) : undefined
    if (number === undefined) return found
    numbers.delete(place)
    return number
  }
  const whole = walk(value, [])
  if (numbers.size > 0) throw new Error('a number has no place')
  return whole
}

/** The very same list where nothing in it changes: most have no such number. */
function mapList(list: readonly Json[], change: (element: Json, index: number) => Json): readonly Json[] {
  const changed = list.map(change)
  return changed.every((element, index) => Object.is(element, list[index])) ? list : changed
}

function mapObject(object: { readonly [key: string]: Json }, change: (inner: Json, key: string) => Json): Json {
  const changed = Object.entries(object).map(([key, inner]): [string, Json] => [key, change(inner, key)])
  return changed.every(([key, inner]) => Object.is(inner, object[key])) ? object : Object.fromEntries(changed)
}
