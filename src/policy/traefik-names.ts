import type { Manifest } from '../manifests/manifest.ts'
import type { PolicyContext } from './rule.ts'

/**
 * Whether `namespace-name@kubernetescrd` is one of the preview's own objects (Traefik: Kubernetes CRD provider). The start
 * alone does not say so: the namespace of a branch `cart-2` starts with that of `cart` and a dash.
 */
export const isOwnOfTraefik = (
  name: string,
  bundle: readonly Manifest[],
  { namespace, beside }: Pick<PolicyContext, 'namespace' | 'beside'>,
): boolean => [...bundle, ...beside].some(({ metadata }) => name === `${namespace}-${metadata.name}@kubernetescrd`)
