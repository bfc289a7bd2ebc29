import { z } from 'zod'
import { clusterAccess } from './cluster-access.ts'

/** The cluster that previews run in, where that is not Argo CD's. */
export const PreviewsSchema = z.strictObject({
  ...clusterAccess,
  kubeconfig: clusterAccess.kubeconfig.describe(
    "A kubeconfig file for the cluster that `argocd.destination` names, to ask which kinds it knows. Without it: only Argo CD's own cluster is asked.",
  ),
})
