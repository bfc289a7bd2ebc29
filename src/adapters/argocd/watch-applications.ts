import { NotReady } from '../../domain/errors.ts'
import type { Applications, Log } from '../../ports.ts'
import { followCollection } from '../kubernetes/follow-collection.ts'
import { kubeConfigOf } from '../kubernetes/kube-config.ts'
import { KnownApplications } from './known-applications.ts'

export interface WatchOptions {
  /** A file; null for KUBECONFIG, ~/.kube/config or the pod's own account, as kubectl looks for them. */
  readonly kubeconfig: string | null
  /** null for the file's current one */
  readonly context: string | null
  /** Argo CD's namespace. */
  readonly namespace: string
  /** Value of the label `westage.dev/instance` that the ApplicationSet puts on its Applications. */
  readonly instance: string
  readonly log: Log
  /** Called when an Application came, went or changed in what it is judged by; for each one at the first list too. */
  readonly onChange: (folder: string) => void
  readonly signal: AbortSignal
  readonly relistMs?: number
  /** For how long what was seen last is believed after the cluster stopped answering. */
  readonly staleAfterMs?: number
}

const FIRST_LIST_POLL_MS = 250

/**
 * Keeps the Applications of one instance by a list and a watch, until `signal` is aborted. Needs `list` and `watch` on
 * applications.argoproj.io in one namespace. Comes back at once: until the first list `of` and `all` throw, and again
 * when the cluster has not answered for `staleAfterMs`.
 * @throws the kubeconfig can't be read, or {Terminal} (operator) has no such context
 */
export async function watchApplications(options: WatchOptions): Promise<Applications & { isReady(): boolean }> {
  const { namespace, instance, log, onChange, signal, relistMs = 600_000, staleAfterMs = 120_000 } = options
  const config = kubeConfigOf(options.kubeconfig, options.context)
  const known = new KnownApplications(onChange, (name, fault) => log(`Application ${name} can't be read: ${fault}`))
  let isListed = false
  let down: { readonly sinceMs: number; readonly why: string } | null = null

  const path = `/apis/argoproj.io/v1alpha1/namespaces/${encodeURIComponent(namespace)}/applications`
  const labelSelector = `westage.dev/instance=${instance}`
  void followCollection(
    config,
    { path, labelSelector, relistMs },
    {
      replace(items) {
        isListed = true
        known.replace(items)
      },
      put: (item) => known.put(item),
      remove: (item) => known.remove(item),
      up() {
        if (down !== null) log('Argo CD: the Kubernetes API answers again')
        down = null
      },
      down(error, retryMs) {
        const why = error instanceof Error ? error.message : String(error)
        if (why !== down?.why) log(`Argo CD: can't follow Applications, trying again in ${retryMs} ms: ${why}`)
        down = { sinceMs: down?.sinceMs ?? performance.now(), why }
      },
    },
    signal,
  )

  /** Why what is known is not to be believed, '' where it is. */
  function doubt(): string {
    if (signal.aborted) return 'Applications are not followed any more'
    if (!isListed) return `the cluster's Applications have not been listed yet${down === null ? '' : `: ${down.why}`}`
    if (down === null || performance.now() - down.sinceMs <= staleAfterMs) return ''
    return `the cluster has not answered for ${Math.round((performance.now() - down.sinceMs) / 1000)} s: ${down.why}`
  }

  function believed(): KnownApplications {
    const why = doubt()
    // At the start the list is only a moment away: nothing is wrong.
    if (why !== '' && !isListed && down === null && !signal.aborted) throw new NotReady(why, FIRST_LIST_POLL_MS)
    if (why !== '') throw new Error(why)
    return known
  }

  return {
    of: (folder) => believed().of(folder),
    all: () => believed().readable(),
    isReady: () => doubt() === '',
  }
}
