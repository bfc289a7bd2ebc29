/**
 * YAML as kubectl and Argo CD read it: sigs.k8s.io/yaml over go-yaml v2, whose scalars are YAML 1.1 with Go's number
 * syntax (go-yaml v2, resolve.go). What is printed here reads the same there, in js-yaml and in YAML 1.2 readers.
 */
import {
  boolYaml11Tag,
  DUMP_SCHEMA,
  defineMappingTag,
  defineScalarTag,
  dump,
  FAILSAFE_SCHEMA,
  loadAll,
  mapTag,
  mergeTag,
  NOT_RESOLVED,
  nullYaml11Tag,
} from 'js-yaml'
import type { Json } from './json.ts'

/** A value that has no exact JSON: where it stands, and why. */
export class NotJson extends Error {
  readonly path: string
  readonly reason: string
  constructor(path: string, reason: string) {
    super(path === '' ? reason : `${path}: ${reason}`)
    this.name = 'NotJson'
    this.path = path
    this.reason = reason
  }
}

/**
 * The documents of a YAML stream. Aliases are refused: kustomize writes none, and a few of them can unfold into
 * gigabytes.
 * @throws {YAMLException} not YAML, a duplicate key, an alias, an unknown tag, nested more than 100 deep
 */
export const readYaml = (yaml: string): readonly unknown[] => loadAll(yaml, { schema: READ_SCHEMA, maxAliases: 0 })

/** What was read, as JSON. @throws {NotJson} what JSON, or a number in JavaScript, can't hold exactly */
export function jsonOf(value: unknown, path = ''): Json {
  if (value === null || typeof value === 'boolean') return value
  if (typeof value === 'string') {
    if (/\p{Surrogate}/u.test(value)) throw new NotJson(path, 'is not valid Unicode')
    return value
  }
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new NotJson(path, `${value} is not a number that JSON knows`)
    if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
      throw new NotJson(path, 'is an integer past 2^53, which not every JSON reader keeps exact; make it a string')
    }
    return value === 0 ? 0 : value
  }
  if (Array.isArray(value)) return value.map((element, at) => jsonOf(element, `${path}[${at}]`))
  if (typeof value !== 'object') throw new NotJson(path, `is a ${typeof value}`)
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const at = path === '' ? key : `${path}.${key}`
      if (/\p{Surrogate}/u.test(key)) throw new NotJson(at, 'is not valid Unicode')
      return [key, jsonOf(inner, at)]
    }),
  )
}

/** One value as YAML: keys in their order, no anchors, no folded lines. */
export const printYaml = (value: Json): string => dump(value, { schema: PRINT_SCHEMA, lineWidth: -1, noRefs: true })

const INT_TAG = 'tag:yaml.org,2002:int'
const FLOAT_TAG = 'tag:yaml.org,2002:float'
const NUMBER_FIRST = [...'+-0123456789']

/** Go's strconv.ParseInt with base 0, underscores taken out. */
const GO_INT = /^([-+]?)(0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+|0[0-7]*|[1-9][0-9]*)$/
const GO_FLOAT = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/
/** What starts with a dot goes to strconv.ParseFloat as it stands: an underscore only between digits. */
const GO_DOT_FLOAT = /^\.[0-9]+(_[0-9]+)*([eE][-+]?[0-9]+(_[0-9]+)*)?$/
const SPECIAL_FLOATS = new Map([
  ...['.nan', '.NaN', '.NAN'].map((text): [string, number] => [text, Number.NaN]),
  ...['.inf', '.Inf', '.INF'].flatMap((text): [string, number][] => [
    [text, Number.POSITIVE_INFINITY],
    [`+${text}`, Number.POSITIVE_INFINITY],
    [`-${text}`, Number.NEGATIVE_INFINITY],
  ]),
])

function goInt(source: string): number | typeof NOT_RESOLVED {
  const [, sign, digits] = GO_INT.exec(source.replaceAll('_', '')) ?? []
  if (digits === undefined) return NOT_RESOLVED
  const size = BigInt(/^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits.toLowerCase())
  const fits = sign === '-' ? size <= 2n ** 63n : sign === '+' ? size < 2n ** 63n : size < 2n ** 64n
  return fits ? Number(sign === '-' ? -size : size) : NOT_RESOLVED
}

function goFloat(source: string): number | typeof NOT_RESOLVED {
  const special = SPECIAL_FLOATS.get(source)
  if (special !== undefined) return special
  const plain = source.replaceAll('_', '')
  if (!(source.startsWith('.') ? GO_DOT_FLOAT.test(source) : GO_FLOAT.test(plain))) return NOT_RESOLVED
  const value = Number(plain)
  return Number.isFinite(value) ? value : NOT_RESOLVED
}

const goIntTag = defineScalarTag<number>(INT_TAG, {
  implicit: true,
  implicitFirstChars: NUMBER_FIRST,
  resolve: goInt,
  identify: () => false,
})

const goFloatTag = defineScalarTag<number>(FLOAT_TAG, {
  implicit: true,
  implicitFirstChars: ['.', ...NUMBER_FIRST],
  resolve: goFloat,
  identify: () => false,
})

/** sigs.k8s.io/yaml makes strings of keys, in ways that JavaScript does not share for null, fractions and more. */
const jsonMapTag = defineMappingTag<Record<string, unknown>>('tag:yaml.org,2002:map', {
  ...mapTag,
  addPair: (carrier, key, value) =>
    typeof key === 'string' || typeof key === 'boolean' || Number.isSafeInteger(key)
      ? mapTag.addPair(carrier, key, value)
      : 'a key that is not a string: put it in quotes',
})

const READ_SCHEMA = FAILSAFE_SCHEMA.withTags(nullYaml11Tag, boolYaml11Tag, goIntTag, goFloatTag, mergeTag, jsonMapTag)

/** Plain text that any of the readers takes for a number must be quoted. */
const eitherOf = (tagName: string, go: (source: string) => number | typeof NOT_RESOLVED) => {
  const standard = DUMP_SCHEMA.tags.find((tag) => tag.tagName === tagName)
  if (standard?.nodeKind !== 'scalar') throw new Error(`js-yaml has no ${tagName}`)
  return defineScalarTag<unknown>(tagName, {
    implicit: true,
    implicitFirstChars: ['.', ...NUMBER_FIRST],
    resolve: (source, isExplicit) => {
      const result = go(source)
      return result === NOT_RESOLVED ? standard.resolve(source, isExplicit, tagName) : result
    },
    identify: standard.identify,
    represent: standard.represent,
  })
}

const PRINT_SCHEMA = DUMP_SCHEMA.withTags(eitherOf(INT_TAG, goInt), eitherOf(FLOAT_TAG, goFloat))
