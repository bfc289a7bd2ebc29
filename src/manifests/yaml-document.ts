/** One document of YAML as the value that it is. js-yaml tells what stands where; what is not clear is refused. */
import {
  COLLECTION_STYLE,
  EVENT_ID,
  getScalarValue,
  type ParserOptions,
  parseEvents,
  SCALAR_STYLE,
  type ScalarEvent,
  YAMLException,
} from 'js-yaml'
import type { Json } from './json.ts'
import { type Place, unclearScalar } from './unclear-scalar.ts'
import { NotJson, NotYaml } from './yaml-faults.ts'
import { isIntegerToGo, scalarOf } from './yaml-scalar.ts'
import { type DocumentText, lineAt } from './yaml-stream.ts'

/** What stands in a document. A part of it that JSON does not know is null there, and the first one is named. */
export interface YamlDocument {
  readonly value: Json
  readonly notJson: NotJson | null
}

type Frame = { readonly place: Place /** Characters of the keys above. */; readonly keysAbove: number } & (
  | { readonly kind: 'list'; readonly value: Json[] }
  | { readonly kind: 'object'; readonly value: Record<string, Json>; key: string | null }
)

const NO_PLACE = -1
const HALF_CHARACTER = /\p{Surrogate}/u
const PARSING: ParserOptions = { filename: '', maxDepth: 100 }
/**
 * Kubernetes: the longest key of an annotation has 317. What looks at every value says where it stands by the keys above:
 * a key of a megabyte over a long list would be gigabytes of that.
 */
const MAX_KEYS_CHARACTERS = 1024

/**
 * @throws {NotYaml} not YAML; a duplicate key, or one that is not a string to all; an anchor, alias, tag or merge key:
 * kustomize writes none of them, readers do not agree about them, and a few aliases can unfold into gigabytes;
 * nested more than 100 deep, or below keys of more than 1024 characters; more than one document
 */
export function readDocument({ text, linesBefore }: DocumentText): YamlDocument {
  const refuse = (position: number, reason: string): never => {
    throw new NotYaml(linesBefore + lineAt(text, position), reason)
  }
  const frames: Frame[] = []
  let notJson: NotJson | null = null
  let root: Json = null
  let documents = 0

  const add = (value: Json): void => {
    const frame = frames.at(-1)
    if (frame === undefined) root = value
    else if (frame.kind === 'list') frame.value.push(value)
    else if (frame.key !== null) {
      setField(frame.value, frame.key, value)
      frame.key = null
    }
  }
  const addScalar = (event: ScalarEvent): void => {
    const frame = frames.at(-1)
    const isKey = frame?.kind === 'object' && frame.key === null
    const unclear = unclearScalar(text, event, frame?.place ?? 'document')
    if (unclear !== null) refuse(Math.max(event.valueStart, 0), unclear)
    if (isKey) {
      frame.key = keyOf(event, frame.value)
      return
    }
    const value = scalarIn(text, event)
    const reason = faultOf(value)
    if (reason !== null) notJson ??= new NotJson(pathOf(frames), reason)
    add(reason === null ? value : null)
  }
  const keyOf = (event: ScalarEvent, object: Record<string, Json>): string => {
    const source = getScalarValue(text, event)
    const value = event.style === SCALAR_STYLE.PLAIN ? scalarOf(source) : source
    if (value === '<<' && event.style === SCALAR_STYLE.PLAIN) {
      refuse(event.valueStart, 'has a merge key (<<), which readers take in different ways; write the fields out')
    }
    // sigs.k8s.io/yaml makes strings of them: of a fraction with the digits of a float32, of null and large integers none.
    const isInteger = (Number.isSafeInteger(value) || typeof value === 'bigint') && isIntegerToGo(source)
    if (typeof value !== 'string' && typeof value !== 'boolean' && !isInteger) {
      refuse(Math.max(event.valueStart, 0), 'has a key that is not a string; put it in quotes')
    }
    const key = String(value)
    if (HALF_CHARACTER.test(key)) refuse(event.valueStart, 'has a key that is not valid Unicode')
    if ((frames.at(-1)?.keysAbove ?? 0) + key.length > MAX_KEYS_CHARACTERS) {
      refuse(event.valueStart, `has keys that are longer than ${MAX_KEYS_CHARACTERS} characters in all`)
    }
    if (Object.hasOwn(object, key)) refuse(event.valueStart, `has the key ${JSON.stringify(key)} a second time`)
    return key
  }

  for (const event of eventsIn(text, linesBefore)) {
    if (event.type === EVENT_ID.ALIAS) {
      refuse(event.anchorStart, 'has an alias (*); write out what it stands for')
    } else if (event.type === EVENT_ID.DOCUMENT) {
      if (++documents > 1) refuse(text.length, 'has more than one document without a line of --- between them')
    } else if (event.type === EVENT_ID.POP) {
      frames.pop()
    } else {
      if (event.anchorStart !== NO_PLACE) refuse(event.anchorStart, 'has an anchor (&); take it out')
      if (event.tagStart !== NO_PLACE) {
        const tag = text.slice(event.tagStart, event.tagEnd)
        refuse(event.tagStart, `has the tag ${tag}; take it out, and put text in quotes`)
      }
      if (event.type === EVENT_ID.SCALAR) addScalar(event)
      else {
        const frame = frames.at(-1)
        if (frame?.kind === 'object' && frame.key === null) {
          refuse(event.start, 'has a key that is not a string; put it in quotes')
        }
        const place = event.style === COLLECTION_STYLE.FLOW ? 'flow' : 'block'
        const keysAbove =
          frame === undefined ? 0 : frame.keysAbove + (frame.kind === 'object' ? (frame.key ?? '').length : 0)
        const opened: Frame =
          event.type === EVENT_ID.MAPPING
            ? { place, keysAbove, kind: 'object', value: {}, key: null }
            : { place, keysAbove, kind: 'list', value: [] }
        add(opened.value)
        frames.push(opened)
      }
    }
  }
  return { value: root, notJson }
}

function eventsIn(text: string, linesBefore: number) {
  try {
    return parseEvents(text, PARSING)
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error
    const reason = error.reason.startsWith('nesting exceeded') ? 'is nested more than 100 deep' : error.reason
    throw new NotYaml(linesBefore + (error.mark?.line ?? 0) + 1, reason)
  }
}

const scalarIn = (text: string, event: ScalarEvent): Json => {
  const scalar = getScalarValue(text, event)
  return event.style === SCALAR_STYLE.PLAIN ? scalarOf(scalar) : scalar
}

function faultOf(value: Json): string | null {
  if (typeof value === 'string') return HALF_CHARACTER.test(value) ? 'is not valid Unicode' : null
  if (typeof value !== 'number' || Number.isFinite(value)) return null
  return `${value} is not a number that JSON knows`
}

/** Where the next value goes: `data.list[1]`. */
const pathOf = (frames: readonly Frame[]): string =>
  frames
    .map((frame) => (frame.kind === 'list' ? `[${frame.value.length}]` : `.${frame.key}`))
    .join('')
    .replace(/^\./, '')

function setField(object: Record<string, Json>, key: string, value: Json): void {
  // Assigned, it would be the prototype.
  if (key === '__proto__')
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true })
  else object[key] = value
}
