import { KubeConfig, type KubernetesObject, KubernetesObjectApi, PatchStrategy } from '@kubernetes/client-node'

const MANAGER = 'westage-test-cluster'

/** Applies objects on the server's side, in order. @throws {ApiException} the API server refused one */
export async function apply(kubeconfig: string, objects: readonly object[]): Promise<void> {
  const config = new KubeConfig()
  config.loadFromFile(kubeconfig)
  const api = KubernetesObjectApi.makeApiClient(config)
  for (const object of objects) {
    await api.patch(object as KubernetesObject, undefined, undefined, MANAGER, true, PatchStrategy.ServerSideApply)
  }
}
