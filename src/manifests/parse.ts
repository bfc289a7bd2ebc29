import { Terminal } from '../domain/errors.ts'
import { isList, isObject, type Json, objectOf, textOf } from './json.ts'
import { groupKindOf, type Manifest, namespaceIn, objectName } from './manifest.ts'
import { readDocument } from './yaml-document.ts'
import { NotYaml } from './yaml-faults.ts'
import { documentsIn } from './yaml-stream.ts'

/** More than the largest of public projects needs by far; Argo CD and people would not cope with more. */
const MAX_OBJECTS = 5000
/** Kubernetes: an API server takes 3 MiB in a request, and etcd 1.5 MiB; YAML is longer by its indents. */
const MAX_OBJECT_CHARACTERS = 3 * 1024 * 1024

/**
 * Values that were read already, held to the same rules.
 * @throws {Terminal} as `parseManifests`, of what is not YAML's alone
 */
export function manifestsOf(values: readonly Json[], from: string): readonly Manifest[] {
  const manifests = values.flatMap((value, at) => flatten(value, whereIs(at + 1, from)))
  if (manifests.length > MAX_OBJECTS) throw new Terminal(`${from} has more than ${MAX_OBJECTS} objects`)
  refuseTwins(manifests, from)
  return manifests
}

/**
 * Reads manifests as kubectl would (sigs.k8s.io/yaml). Lists are taken apart, empty documents are skipped.
 * @param from what messages call the text
 * @throws {Terminal} no object at all, or more than 5000; one of more than 3 MiB; what `documentsIn` and `readDocument`
 * refuse; a document that is not an object, or has no apiVersion, kind or name; the same object twice
 */
export function parseManifests(yaml: string, from = "kustomize's output"): readonly Manifest[] {
  const manifests: Manifest[] = []
  let documents = 0
  for (const value of valuesIn(yaml, from)) {
    documents++
    if (value !== null) manifests.push(...flatten(value, whereIs(documents, from)))
    if (Math.max(documents, manifests.length) > MAX_OBJECTS) {
      throw new Terminal(`${from} has more than ${MAX_OBJECTS} objects, which is the most that a preview may have`)
    }
  }
  if (manifests.length === 0) throw new Terminal(`${from} has no objects`)
  refuseTwins(manifests, from)
  return manifests
}

const whereIs = (document: number, from: string): string => `document ${document} of ${from}`

function* valuesIn(yaml: string, from: string): Generator<Json> {
  let documents = 0
  try {
    for (const document of documentsIn(yaml)) {
      const where = whereIs(++documents, from)
      if (document.text.length > MAX_OBJECT_CHARACTERS) {
        throw new Terminal(`${where} is longer than 3 MiB, more than Kubernetes takes of one object`)
      }
      const { value, notJson } = readDocument(document)
      if (notJson !== null) throw new Terminal(`${nameOf(value, where)}: ${notJson.message}`, { cause: notJson })
      yield value
    }
  } catch (error) {
    if (!(error instanceof NotYaml)) throw error
    throw new Terminal(`${from} can't be read: ${error.message}`, {
      details: [lineOf(yaml, error.line)],
      cause: error,
    })
  }
}

/** At most so much of the line that a person can read it. */
function lineOf(yaml: string, line: number): string {
  let start = 0
  for (let at = 1; at < line && start !== -1; at++) start = yaml.indexOf('\n', start) + 1 || -1
  return start === -1 ? '' : (yaml.slice(start, start + 200).split('\n', 1)[0] ?? '')
}

/** What to call a document that could not be read whole. */
function nameOf(document: Json, where: string): string {
  const { kind, metadata } = objectOf(document)
  const { name } = objectOf(metadata)
  return typeof kind === 'string' && typeof name === 'string' ? `${kind}/${name}` : where
}

function flatten(document: Json, where: string): readonly Manifest[] {
  if (
    isObject(document) &&
    textOf(document.kind).endsWith('List') &&
    (isList(document.items) || document.items === null)
  ) {
    return (document.items ?? []).flatMap((item, at) => flatten(item, `item ${at + 1} of the list in ${where}`))
  }
  return [manifestOf(document, where)]
}

function manifestOf(document: Json, where: string): Manifest {
  if (!isObject(document)) throw new Terminal(`${where} is ${isList(document) ? 'a list' : 'text'}, not an object`)
  const { apiVersion, kind, metadata } = document
  if (typeof kind !== 'string' || kind === '') throw new Terminal(`${where} has no kind`)
  if (!/^[A-Za-z][A-Za-z0-9]{0,62}$/.test(kind)) throw new Terminal(`${where}: ${JSON.stringify(kind)} is not a kind`)
  if (!isObject(metadata) || typeof metadata.name !== 'string' || metadata.name === '') {
    throw new Terminal(`${kind} in ${where} has no metadata.name`)
  }
  const called = `${kind}/${metadata.name}`
  if (typeof apiVersion !== 'string' || apiVersion === '') throw new Terminal(`${called} has no apiVersion`)
  if (!/^([a-z0-9.-]+\/)?[a-z0-9]+$/.test(apiVersion)) {
    throw new Terminal(`${called}: ${JSON.stringify(apiVersion)} is not an apiVersion`)
  }
  // Kubernetes: Object Names and IDs, Path Segment Names: the widest rule that any kind has.
  if (!/^(?!\.{1,2}$)[^/%\p{C}\p{Z}]{1,253}$/u.test(metadata.name)) {
    throw new Terminal(`${kind} in ${where}: ${JSON.stringify(metadata.name)} can't be the name of an object`)
  }
  for (const field of ['namespace', 'labels', 'annotations'] as const) {
    const value = metadata[field] ?? null
    const fits = field === 'namespace' ? typeof value === 'string' : isObject(value)
    if (value !== null && !fits) throw new Terminal(`${called}: metadata.${field} is of the wrong type`)
  }
  return { ...document, apiVersion, kind, metadata: { ...metadata, name: metadata.name } }
}

function refuseTwins(manifests: readonly Manifest[], from: string): void {
  const seen = new Set<string>()
  for (const manifest of manifests) {
    const identity = [groupKindOf(manifest), namespaceIn(manifest), manifest.metadata.name].join(' ')
    if (seen.has(identity)) throw new Terminal(`${from} has ${objectName(manifest)} twice`)
    seen.add(identity)
  }
}
