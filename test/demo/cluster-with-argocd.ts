import { ApiException, CustomObjectsApi, KubeConfig } from '@kubernetes/client-node'
import { Unusable } from './tools-here.ts'

const APPLICATIONS = { group: 'argoproj.io', version: 'v1alpha1', plural: 'applications' } as const

/**
 * Whether the cluster of a kubeconfig's current context has Argo CD's Applications in a namespace.
 * @throws {Unusable} the file can't be read, or its cluster does not answer
 */
export async function hasArgoCd(kubeconfig: string, namespace: string): Promise<boolean> {
  try {
    const config = new KubeConfig()
    config.loadFromFile(kubeconfig)
    const api = config.makeApiClient(CustomObjectsApi)
    await api.listNamespacedCustomObject({ ...APPLICATIONS, namespace, limit: 1 })
    return true
  } catch (cause) {
    if (cause instanceof ApiException && cause.code === 404) return false
    const why = rootOf(cause).split('\n')[0]
    throw new Unusable(`The cluster of ${kubeconfig} can't be asked for Argo CD's Applications: ${why}`, { cause })
  }
}

/** `fetch failed` has the reason in its cause. */
const rootOf = (error: unknown): string =>
  error instanceof Error ? (error.cause === undefined ? error.message : rootOf(error.cause)) : String(error)
