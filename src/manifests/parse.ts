import { YAMLException } from 'js-yaml'
import { Terminal } from '../domain/errors.ts'
import { isList, isObject, type Json, textOf } from './json.ts'
import { groupKindOf, type Manifest, namespaceIn, objectName } from './manifest.ts'
import { jsonOf, NotJson, readYaml } from './yaml.ts'

/**
 * Reads manifests as kubectl would (sigs.k8s.io/yaml). Lists are taken apart, empty documents are skipped.
 * @param from what messages call the text
 * @throws {Terminal} no object at all; not YAML, a duplicate key, an alias; a document that is not an object, or has no
 * apiVersion, kind or name; a number that can't be kept exact; the same object twice
 */
export function parseManifests(yaml: string, from = "kustomize's output"): readonly Manifest[] {
  const manifests = documentsIn(yaml, from).flatMap((document, at) =>
    document === null ? [] : flatten(document, `document ${at + 1} of ${from}`),
  )
  if (manifests.length === 0) throw new Terminal(`${from} has no objects`)
  refuseTwins(manifests, from)
  return manifests
}

function documentsIn(yaml: string, from: string): readonly Json[] {
  try {
    return readYaml(yaml).map((document, at) => exact(document, `document ${at + 1} of ${from}`))
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error
    const { line } = error.mark ?? { line: 0 }
    throw new Terminal(`${from} can't be read: line ${line + 1}: ${error.reason}`, {
      details: [yaml.split('\n')[line] ?? ''],
      cause: error,
    })
  }
}

function exact(document: unknown, where: string): Json {
  try {
    return jsonOf(document)
  } catch (error) {
    if (!(error instanceof NotJson)) throw error
    throw new Terminal(`${nameOf(document, where)}: ${error.message}`, { cause: error })
  }
}

/** What to call a document that could not be read whole. */
function nameOf(document: unknown, where: string): string {
  const field = (value: unknown, key: string): unknown =>
    typeof value === 'object' && value !== null ? Object.entries(value).find(([name]) => name === key)?.[1] : undefined
  const [kind, name] = [field(document, 'kind'), field(field(document, 'metadata'), 'name')]
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
