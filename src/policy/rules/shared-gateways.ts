import { shown } from '../pods.ts'
import { RESTRICTED } from '../profiles.ts'
import type { Rule } from '../rule.ts'

/**
 * Gateway API, Cross-Namespace routing: a Gateway says itself which namespaces may attach to it. Istio's Gateway says
 * so by `namespace/host`.
 */
export const isSharedGateway = (kind: string, field: string): boolean =>
  (/^([A-Z]+Route|ListenerSet)\.gateway\.networking\.k8s\.io$/i.test(kind) &&
    /^spec\.parentRefs?(\[[^\]]*\])?\.namespace$/.test(field)) ||
  (kind === 'VirtualService.networking.istio.io' && /^spec\.(http\[[^\]]*\]\.match\[[^\]]*\]\.)?gateways\[/.test(field))

export const sharedGateways: Rule = {
  name: 'shared-gateways',
  why: 'A Gateway of another namespace is shared with what lives there for long.',
  verdicts: RESTRICTED,
  exemption: 'possible',
  breachesOf: (subject) =>
    subject.control
      .filter(({ field, value }) => {
        if (typeof value !== 'string' || !isSharedGateway(subject.kind, field)) return false
        const name = value.includes('/') ? value.slice(0, value.indexOf('/')) : value
        const isNamed = value.includes('/') || field.endsWith('.namespace')
        return isNamed && name !== subject.context.namespace
      })
      .map(({ field, value }) => ({
        field,
        words: `attaches to a Gateway of another namespace, ${shown(value)}: bring a Gateway along, or use an Ingress`,
      })),
}
