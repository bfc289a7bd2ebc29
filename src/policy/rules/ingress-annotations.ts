import { isIngress } from '../../manifests/hosts/ingress.ts'
import { textOf } from '../../manifests/json.ts'
import { annotationsOf } from '../../manifests/manifest.ts'
import { annotationField } from '../metadata.ts'
import { isPermittedAnnotation, isSafeValue } from '../permitted-annotations.ts'
import { shown } from '../pods.ts'
import { EVERYWHERE } from '../profiles.ts'
import type { Breach, Rule, Subject } from '../rule.ts'
import { snippets } from './snippets.ts'

/** Annotations of what goes to a shared ingress controller, by a list; the rule snippets has words of its own. */
export const ingressAnnotations: Rule = {
  name: 'ingress-annotations',
  why: 'Controllers that serve the whole cluster take orders by annotation, and new ones with every release.',
  verdicts: EVERYWHERE,
  exemption: 'possible',
  breachesOf: (subject) => {
    if (!isIngress(subject.manifest) && subject.kind !== 'Route.route.openshift.io') return []
    const others = new Set(snippets.breachesOf(subject).map(({ field }) => field))
    return Object.entries(annotationsOf(subject.manifest))
      .filter(([key]) => !others.has(annotationField('metadata', key)))
      .flatMap(([key, value]) => breachesAt(key, textOf(value), subject))
  },
}

function breachesAt(key: string, value: string, { context: { settings } }: Subject): readonly Breach[] {
  const field = annotationField('metadata', key)
  if (!isPermittedAnnotation(key) && !settings.ingressAnnotations.some((pattern) => matches(pattern, key))) {
    return [
      { field, words: 'is not among the permitted annotations: leave it out; policy.ingressAnnotations permits it' },
    ]
  }
  return isSafeValue(key, value)
    ? []
    : [
        {
          field,
          words: `is ${shown(value)}, which has signs that end a line of a controller’s configuration: leave them out`,
        },
      ]
}

const matches = (pattern: string, key: string): boolean =>
  pattern.endsWith('*') ? key.startsWith(pattern.slice(0, -1)) : key === pattern
