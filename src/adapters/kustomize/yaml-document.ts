import { defineMappingTag, FAILSAFE_SCHEMA, loadAll, YAMLException } from 'js-yaml'
import { Terminal } from '../../domain/errors.ts'

/** A YAML mapping with every pair that its text has: kustomize takes the last of a key's, and folds cases. */
export class Mapping {
  constructor(readonly pairs: readonly (readonly [key: unknown, value: unknown])[]) {}
}

const everyPair = defineMappingTag<[unknown, unknown][], Mapping>('tag:yaml.org,2002:map', {
  create: () => [],
  addPair: (pairs, key, value) => {
    pairs.push([key, value])
    return ''
  },
  has: () => false,
  keys: (mapping) => mapping.pairs.map(([key]) => key),
  get: () => undefined,
  finalize: (pairs) => new Mapping(pairs),
  identify: () => false,
})

/** Scalars stay text, and a tag such as !!binary, which would hide one, is unknown: the file is refused. */
const SCHEMA = FAILSAFE_SCHEMA.withTags(everyPair)

/** Line breaks in YAML 1.1, which kustomize reads, but not in 1.2, and marks of byte order that are not at the start. */
const AMBIGUOUS = /[\u0085\u2028\u2029]|(?!^)\ufeff/

/**
 * All documents of a text, as mappings, lists and strings.
 * @param file how to call it in an error
 * @throws {Terminal} (author) it can't be read as YAML, with the line
 */
export function documentsOf(text: string, file: string): readonly unknown[] {
  const ambiguous = AMBIGUOUS.exec(text)
  if (ambiguous !== null) {
    const line = text.slice(0, ambiguous.index).split('\n').length
    throw new Terminal(`${file}: line ${line} has a line separator that YAML 1.1 and 1.2 read differently`)
  }
  try {
    return loadAll(text, { schema: SCHEMA })
  } catch (error) {
    const [reason, mark] =
      error instanceof YAMLException ? [error.reason, error.mark] : ['nested too deeply', undefined]
    const line = mark === undefined ? '' : `line ${mark.line + 1}: `
    throw new Terminal(`${file}: ${line}${reason.length > 300 ? `${reason.slice(0, 300)}…` : reason}`, { cause: error })
  }
}

/** What a value takes in a file beside its own characters: its indent, dash or colon, and line end. */
const VALUE_CHARACTERS = 8

/**
 * About how many characters a document would have with every alias written out, counted without writing them out;
 * Infinity where a value holds itself.
 */
export function writtenOutSizeOf(document: unknown): number {
  const sizes = new Map<unknown, number>()
  const sizeOf = (node: unknown): number => {
    if (!(node instanceof Mapping) && !Array.isArray(node)) return VALUE_CHARACTERS + String(node).length
    const known = sizes.get(node)
    if (known !== undefined) return known
    sizes.set(node, Number.POSITIVE_INFINITY) // until it is known: who asks meanwhile stands inside of it
    const inner: readonly unknown[] = node instanceof Mapping ? node.pairs.flat() : node
    const size = inner.reduce((sum: number, one) => sum + sizeOf(one), VALUE_CHARACTERS)
    sizes.set(node, size)
    return size
  }
  return sizeOf(document)
}

/** The bytes of a YAML file as text. @throws {Terminal} (author) they are not UTF-8 */
export function textOf(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (error) {
    throw new Terminal(`${file}: is not UTF-8`, { cause: error })
  }
}

/**
 * Every value that kustomize could take for a field: keys are compared as Go's encoding/json does (any case, and the
 * two letters that Unicode folds to ASCII), merge keys (`<<`) are followed.
 */
export function valuesOf(node: unknown, field: string): readonly unknown[] {
  const values: unknown[] = []
  const seen = new Set<unknown>()
  const collect = (within: unknown) => {
    if (seen.has(within)) return
    seen.add(within)
    if (Array.isArray(within)) within.forEach(collect)
    if (!(within instanceof Mapping)) return
    for (const [key, value] of within.pairs) {
      if (key === '<<') collect(value)
      else if (typeof key === 'string' && folded(key) === folded(field)) values.push(value)
    }
  }
  if (node instanceof Mapping) collect(node)
  return values
}

const folded = (key: string): string => key.replaceAll('\u017f', 's').replaceAll('\u212a', 'k').toLowerCase()

/** The items of a field's lists; a value that is no list counts as its only item, an empty one as none. */
export const itemsOf = (node: unknown, field: string): readonly unknown[] =>
  valuesOf(node, field).flatMap((value) =>
    Array.isArray(value) ? value : value === '' || value === '~' || value === 'null' ? [] : [value],
  )
