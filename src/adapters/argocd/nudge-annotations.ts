import type { KubeConfig } from '@kubernetes/client-node'
import { z } from 'zod'
import { parseFolder } from '../../domain/names.ts'
import { KubernetesError } from '../kubernetes/kubernetes-get.ts'
import { kubernetesSend } from '../kubernetes/kubernetes-send.ts'
import type { NudgeWay } from './nudge.ts'

export interface AnnotationOptions {
  readonly config: KubeConfig
  /** Argo CD's namespace. */
  readonly namespace: string
  /** The ApplicationSet has its name; that of an app with a set of its own ends in `-<app>`. */
  readonly instance: string
  readonly timeoutMs?: number
}

const TIMEOUT_MS = 5_000
const AT_ONCE = 8
/** For how long an app that had no ApplicationSet of its own is taken to have none. */
const NONE_OF_ITS_OWN_MS = 60_000
/** Argo CD: annotations and labels. Each is taken off again by the controller that looked. */
const OF_APPLICATION = 'argocd.argoproj.io/refresh'
const OF_APPLICATION_SET = 'argocd.argoproj.io/application-set-refresh'
/** Kubernetes: API concepts, receiving metadata alone: an ApplicationSet lists thousands of Applications. */
const METADATA_ALONE = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json'

const LabelledSchema = z.object({ metadata: z.object({ labels: z.record(z.string(), z.string()).default({}) }) })

/**
 * Nudges by the annotations that ask Argo CD's controllers for a refresh. Needs the right to patch Applications and
 * ApplicationSets, which is the right to change them in any way.
 */
export function nudgeByAnnotations(options: AnnotationOptions): NudgeWay {
  const { config, namespace, instance, timeoutMs = TIMEOUT_MS } = options
  /** Until when an app is taken to have no ApplicationSet of its own. */
  const noneUntil = new Map<string, number>()
  const collection = `/apis/argoproj.io/v1alpha1/namespaces/${encodeURIComponent(namespace)}`
  const annotate = (kind: string, name: string, annotation: string, value: string, signal: AbortSignal) =>
    kubernetesSend(
      config,
      {
        method: 'PATCH',
        path: `${collection}/${kind}/${encodeURIComponent(name)}`,
        body: { metadata: { annotations: { [annotation]: value } } },
        accept: METADATA_ALONE,
      },
      timeoutMs,
      signal,
    )
  /** Only a change is an event to the controller: while a refresh is under way the annotation is there already. */
  const refreshSet = (name: string, signal: AbortSignal) =>
    annotate('applicationsets', name, OF_APPLICATION_SET, new Date().toISOString(), signal)

  /** @returns whether there is such a set, and it is this instance's */
  async function refreshOwnSet(app: string, signal: AbortSignal): Promise<boolean> {
    if ((noneUntil.get(app) ?? 0) > performance.now()) return false
    const set = await refreshSet(`${instance}-${app}`, signal).catch(nullWhereMissing)
    const isOwn = set !== null && LabelledSchema.parse(set).metadata.labels['westage.dev/instance'] === instance
    if (!isOwn) noneUntil.set(app, performance.now() + NONE_OF_ITS_OWN_MS)
    return isOwn
  }

  return {
    async applicationSet(folders, signal) {
      let isRest = false
      for (const app of new Set(folders.map((folder) => parseFolder(folder)?.app))) {
        if (app === undefined || !(await refreshOwnSet(app, signal))) isRest = true
      }
      if (isRest) await refreshSet(instance, signal)
    },
    async applications(applications, signal) {
      const rest = applications.map(({ name }) => name)
      let failure: { readonly error: unknown } | null = null
      // What fails for one fails for all, and is asked for again while it is waited for.
      const work = async () => {
        for (let name = rest.pop(); name !== undefined && failure === null; name = rest.pop()) {
          // One that went since it was seen has nothing to look at.
          await annotate('applications', name, OF_APPLICATION, 'normal', signal)
            .catch(nullWhereMissing)
            .catch((error: unknown) => {
              failure ??= { error }
            })
        }
      }
      await Promise.all(Array.from({ length: AT_ONCE }, work))
      if (failure !== null) throw (failure as { error: unknown }).error
    },
  }
}

function nullWhereMissing(error: unknown): null {
  if (error instanceof KubernetesError && error.code === 404) return null
  throw error
}
