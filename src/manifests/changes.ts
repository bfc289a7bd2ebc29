/** What a transform changed, found by looking at both sides: no transform has to keep a record of its own. */
import { isList, isObject, type Json, jsonTextOf, textOf } from './json.ts'
import { identityOf, type Manifest, objectName } from './manifest.ts'

export interface Change {
  /** `Kind/name` */
  readonly object: string
  /** `spec.template.spec.containers[web].image`; '' where it is the whole object. */
  readonly path: string
  /** What stood there, as short text; null where nothing did. */
  readonly before: string | null
  /** What stands there now; null where nothing does. */
  readonly after: string | null
}

/** The values of Secrets, and of what is named like one, are nobody's to read in a log. */
const HIDDEN = /pass|secret|token|credential|private|api_?key/i
const SHOWN_MAX = 120

/**
 * What is different in `after`, object by object, in its order; objects that went come last. Parts that a transform left
 * as they were (the same values) are not looked into.
 */
export function changesOf(before: readonly Manifest[], after: readonly Manifest[]): readonly Change[] {
  if (before === after) return []
  const former = new Map(before.map((manifest) => [identityOf(manifest), manifest]))
  const changes: Change[] = []
  // Twins, which only their namespaces tell apart, are refused later: each is compared with itself where it is unchanged.
  const unchanged = new Set<Manifest>(before)
  const gone = new Map(former)
  for (const manifest of after) {
    gone.delete(identityOf(manifest))
    if (unchanged.has(manifest)) continue
    const old = former.get(identityOf(manifest))
    if (old === undefined) changes.push({ object: objectName(manifest), path: '', before: null, after: 'added' })
    else differences(old, manifest, [], (path, was, is) => changes.push(changeOf(manifest, path, was, is)))
  }
  for (const manifest of gone.values()) {
    changes.push({ object: objectName(manifest), path: '', before: 'left out', after: null })
  }
  return changes
}

/** How many objects are not the very same values as before, or are gone: what changed, without looking into it. */
export function changedObjects(before: readonly Manifest[], after: readonly Manifest[]): number {
  if (before === after) return 0
  const [former, now] = [new Set(before), new Set(after)]
  const changed = after.filter((manifest) => !former.has(manifest))
  const left = new Set(changed.map(identityOf))
  const gone = before.filter((manifest) => !now.has(manifest) && !left.has(identityOf(manifest)))
  return changed.length + gone.length
}

/** `Deployment/web: spec.replicas: 5 -> 1` */
export function changeText({ object, path, before, after }: Change): string {
  if (path === '') return `${object}: ${after ?? 'left out'}`
  if (before === null) return `${object}: ${path}: ${after} (was not set)`
  if (after === null) return `${object}: ${path}: taken off (was ${before})`
  return `${object}: ${path}: ${before} -> ${after}`
}

type Found = (path: readonly string[], before: Json | undefined, after: Json | undefined) => void

function differences(before: Json | undefined, after: Json | undefined, path: readonly string[], found: Found): void {
  if (before === after) return
  if (isObject(before) && isObject(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      differences(before[key], after[key], [...path, keyed(key)], found)
    }
  } else if (isList(before) && isList(after)) {
    listDifferences(before, after, path, found)
  } else if (!(isEmpty(before) && isEmpty(after))) {
    found(path, before, after)
  }
}

/** Elements that have names are the same by name, others by place (Kubernetes: strategic merge of lists by `name`). */
function listDifferences(before: readonly Json[], after: readonly Json[], path: readonly string[], found: Found): void {
  const [old, now] = [byName(before), byName(after)]
  if (old !== null && now !== null) {
    for (const name of new Set([...old.keys(), ...now.keys()])) {
      differences(old.get(name), now.get(name), [...path, `[${name}]`], found)
    }
    return
  }
  for (let at = 0; at < Math.max(before.length, after.length); at++) {
    differences(before[at], after[at], [...path, `[${at}]`], found)
  }
}

/**
 * Whether an element is told by its name. Kubernetes: names of containers and volumes have 63 characters at most; with one
 * of a megabyte the places of all that is in the element would fill the memory.
 */
export const isTellingName = (name: string): boolean => name !== '' && name.length <= 63

function byName(list: readonly Json[]): ReadonlyMap<string, Json> | null {
  const named = new Map<string, Json>()
  for (const element of list) {
    const name = isObject(element) ? textOf(element.name) : ''
    if (!isTellingName(name) || named.has(name)) return null
    named.set(name, element)
  }
  return named
}

const isEmpty = (value: Json | undefined): boolean => value === undefined || value === null

/** How a key is written in a path. */
export const keyed = (key: string): string => (/^[A-Za-z0-9_-]+$/.test(key) ? key : `["${key}"]`)

function changeOf(manifest: Manifest, path: readonly string[], before: Json | undefined, after: Json | undefined) {
  const text = path.reduce(
    (whole, step) => (step.startsWith('[') || whole === '' ? whole + step : `${whole}.${step}`),
    '',
  )
  const isSecret = manifest.kind === 'Secret' || (HIDDEN.test(text) && [before, after].some(hasText))
  const [was, is] =
    isSecret || typeof before !== 'string' || typeof after !== 'string'
      ? [before, after]
      : around(withoutCredentials(before), withoutCredentials(after))
  return { object: objectName(manifest), path: text, before: shown(was, isSecret), after: shown(is, isSecret) }
}

/** Text, or something that may have some in it: switches and numbers give nothing away. */
const hasText = (value: Json | undefined): boolean => typeof value === 'string' || isObject(value) || isList(value)

/** RFC 3986, userinfo: `user:password@` in a URL. */
const withoutCredentials = (text: string): string => text.replace(/(?<=:\/\/)[^\s/?#"'<>]+@/g, '***@')

/** Of long texts, where they differ. */
function around(before: string, after: string): readonly [string, string] {
  if (before.length <= SHOWN_MAX && after.length <= SHOWN_MAX) return [before, after]
  let start = 0
  while (start < before.length && before[start] === after[start]) start++
  const from = Math.max(0, start - 20)
  const cut = (text: string) => `${from > 0 ? '…' : ''}${text.slice(from, from + SHOWN_MAX - 2)}`
  return [cut(before), cut(after)]
}

function shown(value: Json | undefined, isSecret: boolean): string | null {
  if (value === undefined || value === null) return null
  if (isSecret) return '(not shown)'
  const text = typeof value === 'string' && /^[\x21-\x7e]+$/.test(value) ? value : jsonTextOf(value)
  const safe = withoutCredentials(text)
  return safe.length <= SHOWN_MAX ? safe : `${safe.slice(0, SHOWN_MAX - 1)}…`
}
