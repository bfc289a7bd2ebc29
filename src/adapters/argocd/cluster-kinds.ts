/** Which kinds the cluster knows: one request, kept for a short while. */
import type { KubeConfig } from '@kubernetes/client-node'
import { z } from 'zod'
import type { Cluster } from '../../ports.ts'
import { jsonOf, kubernetesGet } from '../kubernetes/kubernetes-get.ts'

export interface ClusterKindsOptions {
  readonly config: KubeConfig
  readonly now: () => number
  readonly log: (level: 'info', line: string) => void
}

/** A CRD that operators add is known after this long. */
const KEPT_MS = 60_000
const TIMEOUT_MS = 5_000

/** Kubernetes: Aggregated Discovery, stable since 1.30. Every account may ask (`system:discovery`). */
const ACCEPT = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
const DiscoverySchema = z.object({
  kind: z.literal('APIGroupDiscoveryList'),
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string().default('') }).prefault({}),
      versions: z.array(
        z.object({
          resources: z.array(z.object({ responseKind: z.object({ kind: z.string() }).optional() })).default([]),
        }),
      ),
    }),
  ),
})

/** Asks the cluster of a kubeconfig's current context. What goes wrong is told once, until an answer comes again. */
export function clusterKinds({ config, now, log }: ClusterKindsOptions): Cluster {
  let known: { readonly kinds: ReadonlySet<string> | null; readonly atMs: number } | null = null
  let asking: Promise<ReadonlySet<string> | null> | null = null

  async function ask(): Promise<ReadonlySet<string> | null> {
    try {
      const answers = ['/api', '/apis'].map(async (path) => {
        const response = await kubernetesGet(config, path, {}, AbortSignal.timeout(TIMEOUT_MS), ACCEPT)
        return kindsIn(DiscoverySchema.parse(await jsonOf(response)))
      })
      const kinds = new Set((await Promise.all(answers)).flat())
      known = { kinds, atMs: now() }
      return kinds
    } catch (error) {
      const isNews = known === null || known.kinds !== null
      known = { kinds: null, atMs: now() }
      const reason = error instanceof z.ZodError ? 'it has no aggregated discovery' : String(error)
      if (isNews) log('info', `the cluster could not be asked for its kinds, so none is said to be missing: ${reason}`)
      return null
    } finally {
      asking = null
    }
  }

  return {
    async kinds(signal) {
      signal.throwIfAborted()
      if (known !== null && now() - known.atMs < KEPT_MS) return known.kinds
      asking ??= ask()
      return asking
    },
  }
}

const kindsIn = ({ items }: z.output<typeof DiscoverySchema>): readonly string[] =>
  items.flatMap(({ metadata: { name }, versions }) =>
    versions.flatMap(({ resources }) =>
      resources.flatMap(({ responseKind }) =>
        responseKind === undefined ? [] : [name === '' ? responseKind.kind : `${responseKind.kind}.${name}`],
      ),
    ),
  )
