import { z } from 'zod'
import { startArgoCdStandIn } from '../servers/argocd-standin/start-argocd-standin.ts'
import type { GitOpsAccess } from '../servers/instance.ts'
import type { E2eSide } from './side.ts'

const SpecSchema = z.object({ destination: z.object({ namespace: z.string() }) })

/** The demo's stand-in: Applications and hosts that answer, and no pods. */
export async function startStandInSide(gitops: GitOpsAccess): Promise<E2eSide> {
  const standIn = await startArgoCdStandIn({
    ...gitops,
    delays: { compareMs: 20, syncMs: 50, startMs: 100, removeMs: 50 },
  })
  const namespaces = async () => standIn.applications().map(({ spec }) => SpecSchema.parse(spec).destination.namespace)
  return {
    name: 'stand-in',
    podsAre: 'none',
    cluster: null,
    kubeconfigPath: standIn.kubeconfigPath,
    previewAddress: standIn.previewAddress,
    applications: async () => standIn.applications().map(({ metadata }) => metadata.name),
    namespaces,
    counts: async () => ({
      'Application.argoproj.io': standIn.applications().length,
      Namespace: new Set(await namespaces()).size,
    }),
    ask: null,
    adminKubeconfig: null,
    close: standIn.close,
  }
}
