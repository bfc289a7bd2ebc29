import { KubeConfig } from '@kubernetes/client-node'
import { apply } from './apply.ts'
import { ARGOCD_NAMESPACE } from './argocd-objects.ts'

/** Makes a cluster a destination of an Argo CD (Argo CD: "Declarative Setup", Clusters). */
export async function registerCluster(argocdKubeconfig: string, otherKubeconfig: string, name: string): Promise<void> {
  const other = new KubeConfig()
  other.loadFromFile(otherKubeconfig)
  const [cluster, user] = [other.getCurrentCluster(), other.getCurrentUser()]
  if (cluster === null || user === null) throw new Error(`${otherKubeconfig} has no current context`)
  const config = {
    ...(user.token !== undefined && { bearerToken: user.token }),
    tlsClientConfig: {
      ...(cluster.caData !== undefined && { caData: cluster.caData }),
      ...(user.certData !== undefined && { certData: user.certData }),
      ...(user.keyData !== undefined && { keyData: user.keyData }),
    },
  }
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: `cluster-${name}`,
      namespace: ARGOCD_NAMESPACE,
      labels: { 'argocd.argoproj.io/secret-type': 'cluster' },
    },
    stringData: { name, server: cluster.server, config: JSON.stringify(config) },
  }
  await apply(argocdKubeconfig, [secret])
}
