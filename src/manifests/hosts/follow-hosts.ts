import { changeAt, isObject, type Json, type JsonObject, pathOf } from '../json.ts'
import { groupKindOf, type Manifest } from '../manifest.ts'
import { mapContainers } from '../pod-templates.ts'
import type { Transform } from '../transform.ts'
import { familiesOf, namedHostsOf } from './families.ts'
import { namingOf } from './preview-host.ts'

/**
 * Where the app asks for it: variables of containers and texts of ConfigMaps that name one of the app's own hosts name
 * the preview's. It comes before the hosts themselves are renamed, while the manifests still say which they are. What is
 * not text (`binaryData`) and what is secret stays.
 * @throws {Terminal} as `renameHosts`
 */
export const followHosts: Transform = (manifests, target) => {
  if (!target.hosts.isFollowed) return manifests
  const { follow } = namingOf(namedHostsOf(manifests, familiesOf(manifests, target)), target)
  const followed = (found: Json): Json => (typeof found === 'string' ? follow(found) : found)
  const withVariables = (container: JsonObject): JsonObject => {
    const changed = changeAt(container, pathOf('env.*.value'), followed)
    return isObject(changed) ? changed : container
  }
  return manifests.map((manifest) =>
    groupKindOf(manifest) === 'ConfigMap'
      ? withData(manifest, follow)
      : mapContainers(manifest, withVariables, target.podTemplates),
  )
}

function withData(manifest: Manifest, follow: (text: string) => string): Manifest {
  const { data } = manifest
  if (!isObject(data)) return manifest
  const entries = Object.entries(data).map(([key, value]): [string, Json] => [
    key,
    typeof value === 'string' ? follow(value) : value,
  ])
  return entries.every(([key, value]) => data[key] === value)
    ? manifest
    : { ...manifest, data: Object.fromEntries(entries) }
}
