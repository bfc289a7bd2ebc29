import { KubeConfig, type KubernetesObject, KubernetesObjectApi, PatchStrategy } from '@kubernetes/client-node'

const MANAGER = 'westage-test-cluster'

/** Applies objects on the server's side, in order. @throws {ApiException} the API server refused one */
export async function apply(kubeconfig: string, objects: readonly object[]): Promise<void> {
  const config = new KubeConfig()
  config.loadFromFile(kubeconfig)
  const api = KubernetesObjectApi.makeApiClient(config)
  for (const object of objects) {
    await api.patch(asModelled(object), undefined, undefined, MANAGER, true, PatchStrategy.ServerSideApply)
  }
}

/** Deletes objects that are there, in order. @throws {ApiException} the API server refused one */
export async function remove(kubeconfig: string, objects: readonly object[]): Promise<void> {
  const config = new KubeConfig()
  config.loadFromFile(kubeconfig)
  const api = KubernetesObjectApi.makeApiClient(config)
  for (const object of objects) await api.delete(object as KubernetesObject)
}

/**
 * The client sends the fields that its models have, where `from` of a NetworkPolicy is `_from`, and drops all others: a
 * rule for some would let everybody in.
 */
function asModelled(object: object): KubernetesObject {
  if (!('kind' in object) || object.kind !== 'NetworkPolicy') return object as KubernetesObject
  return JSON.parse(JSON.stringify(object), (_, value: unknown) => {
    if (typeof value !== 'object' || value === null || !('from' in value)) return value
    const { from, ...others } = value
    return { ...others, _from: from }
  })
}
