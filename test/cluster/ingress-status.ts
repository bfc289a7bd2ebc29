import {
  ApiException,
  type KubeConfig,
  NetworkingV1Api,
  PatchStrategy,
  setHeaderOptions,
} from '@kubernetes/client-node'
import { z } from 'zod'

/** Where the ingress listens, as far as the cluster is told. */
const ADDRESS = '127.0.0.1'
const RETRY_MS = 500

const AddressedSchema = z.object({
  metadata: z.object({ name: z.string(), namespace: z.string() }),
  status: z.object({ loadBalancer: z.object({ ingress: z.array(z.unknown()).nullish() }).nullish() }).nullish(),
})

/**
 * Writes an address into an Ingress that has none yet, as an ingress controller does: until then Argo CD takes it for
 * Progressing (Argo CD: "Resource Health"). Goes on until it is done, the Ingress is gone, or `signal` is aborted.
 */
export async function giveAddress(config: KubeConfig, ingress: unknown, signal: AbortSignal): Promise<void> {
  const { metadata, status } = AddressedSchema.parse(ingress)
  if ((status?.loadBalancer?.ingress ?? []).length > 0) return
  const api = config.makeApiClient(NetworkingV1Api)
  const { name, namespace } = metadata
  const body = { status: { loadBalancer: { ingress: [{ ip: ADDRESS }] } } }
  while (!signal.aborted) {
    try {
      const asMerge = setHeaderOptions('Content-Type', PatchStrategy.MergePatch)
      await api.patchNamespacedIngressStatus({ name, namespace, body }, asMerge)
      return
    } catch (error) {
      if (error instanceof ApiException && error.code === 404) return
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
    }
  }
}
