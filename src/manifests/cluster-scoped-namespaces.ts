/** Where cluster-scoped objects name namespaces. */
import { isList, isObject, type Json, objectOf } from './json.ts'
import type { Manifest } from './manifest.ts'
import { mapMetadata } from './metadata.ts'
import { followNamespaces } from './namespace-fields.ts'
import type { Follow } from './namespace-forms.ts'

/** Keys under which a namespace stands: of subjects, webhooks' services, claims, parameters and Secrets of stores. */
const KEYS = ['namespace', 'kubernetes.io/metadata.name']
const LISTS = ['namespaces']

/**
 * A cluster-scoped object in which every namespace went through `follow`, wherever it stands: these kinds have no
 * namespace of their own, and so each that they name is one that they work on.
 */
export function followNamespacesInside(manifest: Manifest, follow: Follow): Manifest {
  const bare = mapMetadata(manifest, ({ namespace: _, ...metadata }) => metadata)
  const { apiVersion, kind, metadata } = bare
  return followNamespaces({ ...objectOf(deep(bare, follow)), apiVersion, kind, metadata }, follow)
}

function deep(value: Json, follow: Follow): Json {
  if (isList(value)) return value.map((element) => deep(element, follow))
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]): [string, Json] => {
      if (typeof inner === 'string' && KEYS.includes(key)) return [key, follow(inner)]
      if (isList(inner) && LISTS.includes(key)) {
        return [key, inner.map((element) => (typeof element === 'string' ? follow(element) : element))]
      }
      return [key, deep(inner, follow)]
    }),
  )
}
