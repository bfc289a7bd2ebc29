import { z } from 'zod'

const text = z.string().min(1).nullable().default(null)

/** How a cluster is reached, and as whom: beside the settings of what is done there. */
export const clusterAccess = {
  kubeconfig: text.describe("A kubeconfig file. Without it: `KUBECONFIG`, `~/.kube/config`, or the pod's own account."),
  context: text.describe('A context of it. Without it: the current one.'),
}
