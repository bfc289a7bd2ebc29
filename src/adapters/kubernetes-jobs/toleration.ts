import type { V1Toleration } from '@kubernetes/client-node'

/** A taint that pods put up with (Kubernetes: Toleration v1 core), as settings have it; null for what is not said. */
export interface Toleration {
  readonly key: string | null
  readonly operator: 'Exists' | 'Equal'
  readonly value: string | null
  readonly effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute' | null
}

/** As a pod's spec has it. */
export const tolerationOf = ({ key, operator, value, effect }: Toleration): V1Toleration => ({
  operator,
  ...(key !== null && { key }),
  ...(value !== null && { value }),
  ...(effect !== null && { effect }),
})
