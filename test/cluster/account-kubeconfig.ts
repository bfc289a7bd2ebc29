/** What an account may do, as somebody else's kubeconfig: nothing that it was not granted works with it. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node'

/**
 * A kubeconfig of the ServiceAccount `westage`, with its token in a file beside, as docs/clusters.md has it.
 * @param adminKubeconfig of the cluster that the account is in
 * @param folder where both files are written, by this name
 * @returns the kubeconfig's path
 */
export async function accountKubeconfig(adminKubeconfig: string, folder: string, name: string): Promise<string> {
  const admin = new KubeConfig()
  admin.loadFromFile(adminKubeconfig)
  const { status } = await admin.makeApiClient(CoreV1Api).createNamespacedServiceAccountToken({
    name: 'westage',
    namespace: 'westage',
    body: { spec: { audiences: [], expirationSeconds: 86_400 } },
  })
  const cluster = admin.getCurrentCluster()
  if (status === undefined || cluster === null) throw new Error('no token for the ServiceAccount westage')
  await writeFile(join(folder, `${name}.token`), `${status.token}\n`, { mode: 0o600 })
  const { server, caData } = cluster
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server, 'certificate-authority-data': caData } }],
    users: [{ name: 'westage', user: { tokenFile: `${name}.token` } }],
    contexts: [{ name, context: { cluster: name, user: 'westage' } }],
    'current-context': name,
  }
  const path = join(folder, `${name}.yaml`)
  await writeFile(path, JSON.stringify(config), { mode: 0o600 })
  return path
}
