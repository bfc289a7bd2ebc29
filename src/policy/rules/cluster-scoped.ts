import { keyed } from '../../manifests/changes.ts'
import { isClusterScoped } from '../../manifests/cluster-scoped-kinds.ts'
import { isNamedAfter } from '../../manifests/cluster-scoped-names.ts'
import { type Json, objectOf } from '../../manifests/json.ts'
import { below } from '../locate.ts'
import { annotationField } from '../metadata.ts'
import { EVERYWHERE, namespaceLabelsOf } from '../profiles.ts'
import type { Breach, Rule, Subject } from '../rule.ts'

/** Only the preview's own Namespace; others only where the instance allows the kind, and under a name of the preview. */
export const clusterScoped: Rule = {
  name: 'cluster-scoped',
  why: 'What is outside of every namespace is the whole cluster’s.',
  verdicts: EVERYWHERE,
  exemption: 'possible',
  breachesOf: (subject) => {
    const { kind, manifest, context } = subject
    if (kind === 'Namespace') return namespaceBreaches(subject)
    if (!isClusterScoped(kind)) return []
    if (!context.settings.kinds.allow.includes(kind)) {
      return [{ field: '', words: `is cluster-scoped: leave it out; only policy.kinds.allow with ${kind} permits it` }]
    }
    return isNamedAfter(manifest.metadata.name, context.namespace)
      ? []
      : [{ field: 'metadata.name', words: `has to start with the preview’s namespace, ${context.namespace}.` }]
  },
}

const NAME = 'kubernetes.io/metadata.name'

/** Its labels decide what the API server lets in (Kubernetes: Pod Security Admission). */
function namespaceBreaches({ manifest, context: { namespace, settings } }: Subject): readonly Breach[] {
  if (manifest.metadata.name !== namespace) {
    return [{ field: '', words: `is not the preview’s own, ${namespace}: leave it out` }]
  }
  const own: Readonly<Record<string, Json>> = { ...namespaceLabelsOf(settings.profile), [NAME]: namespace }
  const { labels, annotations } = manifest.metadata
  const words = 'is not for a preview to set: leave it out'
  return [
    ...Object.entries(objectOf(labels))
      .filter(([key, value]) => !key.startsWith('westage.dev/') && own[key] !== value)
      .map(([key]) => ({ field: below('metadata.labels', keyed(key)), words })),
    ...Object.keys(objectOf(annotations))
      .filter((key) => !/^(westage\.dev|argocd\.argoproj\.io)\//.test(key))
      .map((key) => ({ field: annotationField('metadata', key), words })),
  ]
}
