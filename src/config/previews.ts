import { z } from 'zod'

/** The cluster that previews run in, where that is not Argo CD's. */
export const PreviewsSchema = z.strictObject({
  kubeconfig: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe(
      "A kubeconfig file for the cluster that `argocd.destination` names, to ask which kinds it knows. Without it: only Argo CD's own cluster is asked.",
    ),
  context: z.string().min(1).nullable().default(null).describe('A context of it. Without it: the current one.'),
})
