/** The payloads that @octokit/webhooks-examples collected from GitHub: what ours start from. */
import { createRequire } from 'node:module'
import { isJsonObject, type Json, type JsonObject } from './json.ts'

/** A package whose entry is a JSON file can't be imported from an ES module without an import attribute. */
const DEFINITIONS: unknown = createRequire(import.meta.url)('@octokit/webhooks-examples')

/** The richest example of an event and action: the one with the most keys, so that `installation` is among them. */
export function exampleOf(event: string, action: string | null): JsonObject {
  const found = read(DEFINITIONS)
    .filter(({ name }) => name === event)
    .flatMap(({ examples }) => examples)
    .filter((example) => (example.action ?? null) === action)
    .sort((a, b) => Object.keys(b).length - Object.keys(a).length)[0]
  if (found === undefined) throw new Error(`no example of ${event} ${action ?? ''}`)
  return found
}

function read(definitions: unknown): { name: string; examples: JsonObject[] }[] {
  if (!Array.isArray(definitions)) throw new Error('@octokit/webhooks-examples is not a list')
  return definitions.filter(isJsonObject).map(({ name, examples }) => ({
    name: String(name),
    examples: Array.isArray(examples) ? examples.filter(isJsonObject) : [],
  }))
}

/** The object below a path of keys of an example. */
export function partOf(example: JsonObject, ...path: readonly string[]): JsonObject {
  let part: JsonObject = example
  for (const key of path) {
    const next = part[key]
    if (!isJsonObject(next)) throw new Error(`the example has no ${path.join('.')}`)
    part = next
  }
  return part
}

/** A copy in which every occurrence of a key of `replacements` in a string has become its value; longer keys first. */
export function rewritten(example: JsonObject, replacements: Readonly<Record<string, string>>): JsonObject {
  const keys = Object.keys(replacements).sort((a, b) => b.length - a.length)
  const any = new RegExp(keys.map((key) => key.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|'), 'g')
  const copy = (value: Json): Json => {
    if (typeof value === 'string') return value.replace(any, (match) => replacements[match] ?? match)
    if (isJsonList(value)) return value.map(copy)
    return isJsonObject(value) ? copyObject(value) : value
  }
  const copyObject = (object: JsonObject): JsonObject =>
    Object.fromEntries(Object.entries(object).map(([key, value]) => [key, copy(value)]))
  return copyObject(example)
}

const isJsonList = (value: Json): value is readonly Json[] => Array.isArray(value)
