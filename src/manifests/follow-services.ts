import { formerNamespacesOf } from './former-namespaces.ts'
import { changeAt, isList, isObject, type Json, type JsonObject, objectOf, type Path, pathOf } from './json.ts'
import { changeField, groupKindOf, type Manifest } from './manifest.ts'
import { mapContainers } from './pod-templates.ts'
import { followServices, followShortServices } from './service-names.ts'
import type { Transform } from './transform.ts'

/** What names an object, chooses objects by labels, or is pulled by nodes, which know nothing of Services. */
const KEPT = new Set(['name', 'namespace', 'labels', 'matchLabels', 'selector', 'image'])

/** Kubernetes: Container v1 core. Where a container is told an address. */
const CONTAINER_TEXTS: readonly Path[] = [
  pathOf('env.*.value'),
  pathOf('args.*'),
  pathOf('command.*'),
  ...['livenessProbe', 'readinessProbe', 'startupProbe', 'lifecycle.postStart', 'lifecycle.preStop'].map((hook) =>
    pathOf(`${hook}.exec.command.*`),
  ),
]

/**
 * Makes texts that name Services in the app's long-lived namespaces name the preview's: `db.shop.svc` wherever it
 * stands in an object, since it can mean nothing else; `db.shop` in variables, arguments, commands, ConfigMaps and
 * Secrets, where `db` is a Service of the app. It looks at the namespaces that objects still have, and so goes before
 * they move.
 */
export const followServiceNames: Transform = (manifests, target) => {
  // What serves the whole cluster is not the app's, even where the app puts an object beside it.
  const former = new Set([...formerNamespacesOf(manifests, target)].filter((name) => !name.startsWith('kube-')))
  const services = new Set(
    manifests.filter((one) => groupKindOf(one) === 'Service').map(({ metadata }) => metadata.name),
  )
  const names = { former, services, namespace: target.namespace }
  const long = (text: string) => followServices(text, names)
  const both = (text: string) => followShortServices(long(text), names)
  return manifests.map((manifest) => {
    const followed = withTexts(manifest, long)
    if (groupKindOf(manifest) === 'ConfigMap') return changeField(followed, ['data'], (data) => changeEach(data, both))
    if (groupKindOf(manifest) === 'Secret') return withSecretTexts(followed, both)
    return mapContainers(followed, (container) => withContainerTexts(container, both), target.podTemplates)
  })
}

type Change = (text: string) => string

const onText =
  (change: Change) =>
  (found: Json): Json =>
    typeof found === 'string' ? change(found) : found

function withTexts(manifest: Manifest, change: Change): Manifest {
  const { apiVersion, kind, metadata } = manifest
  const after = deep(manifest, change)
  return after === manifest
    ? manifest
    : { ...objectOf(after), apiVersion, kind, metadata: { ...objectOf(objectOf(after).metadata), name: metadata.name } }
}

/** Every text of a value but those under the keys that are kept; the very same value where none changes. */
function deep(value: Json, change: Change): Json {
  if (typeof value === 'string') return change(value)
  if (isList(value)) {
    const list = value.map((element) => deep(element, change))
    return list.every((element, at) => element === value[at]) ? value : list
  }
  if (!isObject(value)) return value
  // Nearly all objects stay: they are looked through key by key, and copied once one of their texts changes.
  let copy: Record<string, Json> | null = null
  for (const [key, before] of Object.entries(value)) {
    const after = KEPT.has(key) ? before : deep(before, change)
    if (after === before) continue
    copy ??= { ...value }
    copy[key] = after
  }
  return copy ?? value
}

/** Each text of an object, whatever its key. */
function changeEach(data: Json, change: Change): Json {
  if (!isObject(data)) return data
  return Object.keys(data).reduce<Json>((changed, key) => changeAt(changed, [key], onText(change)), data)
}

const withContainerTexts = (container: JsonObject, change: Change): JsonObject =>
  CONTAINER_TEXTS.reduce((changed, path) => objectOf(changeAt(changed, path, onText(change))), container)

/** Kubernetes: Secret v1 core. `data` is base64; what is not text there stays. */
function withSecretTexts(secret: Manifest, change: Change): Manifest {
  const plain = changeField(secret, ['stringData'], (data) => changeEach(data, change))
  return changeField(plain, ['data'], (data) => changeEach(data, (encoded) => withDecoded(encoded, change)))
}

function withDecoded(encoded: string, change: Change): string {
  const bytes = Buffer.from(encoded, 'base64')
  const text = bytes.toString('utf8')
  const changed = change(text)
  return changed === text || !Buffer.from(text, 'utf8').equals(bytes)
    ? encoded
    : Buffer.from(changed).toString('base64')
}
