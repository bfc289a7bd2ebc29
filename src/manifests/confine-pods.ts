import { changeAt, isObject, type Json, type JsonObject, objectOf, without } from './json.ts'
import { mapContainers, mapPodSpecs } from './pod-templates.ts'
import type { Transform } from './transform.ts'

/**
 * Takes pods off the nodes' network: a port of a node is one for all previews and their sibling, and who is in a
 * node's network sees all of it. `ClusterFirstWithHostNet` is for such pods only (Kubernetes: Pod's DNS Policy).
 */
export const confinePods: Transform = (manifests, { podTemplates }) =>
  manifests.map((manifest) =>
    mapContainers(mapPodSpecs(manifest, withoutHostNetwork, podTemplates), withoutHostPorts, podTemplates),
  )

function withoutHostNetwork(spec: JsonObject): JsonObject {
  const inside = spec.hostNetwork === true ? without(spec, ['hostNetwork']) : spec
  return inside.dnsPolicy === 'ClusterFirstWithHostNet' ? { ...inside, dnsPolicy: 'ClusterFirst' } : inside
}

const withoutHostPorts = (container: JsonObject): JsonObject =>
  objectOf(
    changeAt(container, ['ports', '*'], (port: Json) =>
      isObject(port) ? without(port, ['hostPort', 'hostIP']) : port,
    ),
  )
