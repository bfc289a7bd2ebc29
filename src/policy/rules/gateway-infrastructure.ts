import { locate } from '../locate.ts'
import { EVERYWHERE } from '../profiles.ts'
import type { Rule } from '../rule.ts'

/**
 * Gateway API, GatewayInfrastructure: Istio overlays what it deploys for a Gateway, pods too, with a ConfigMap that
 * `parametersRef` names, and Services take orders for load balancers by annotation.
 */
const FIELDS = ['annotations', 'parametersRef']

export const gatewayInfrastructure: Rule = {
  name: 'gateway-infrastructure',
  why: 'It changes pods and Services that a controller makes, which nobody has looked at.',
  verdicts: EVERYWHERE,
  exemption: 'possible',
  breachesOf: ({ kind, manifest }) =>
    kind === 'Gateway.gateway.networking.k8s.io'
      ? FIELDS.flatMap((name) => locate(manifest, ['spec', 'infrastructure', name])).map(({ field }) => ({
          field,
          words: 'changes what the controller deploys for the Gateway: leave it out',
        }))
      : [],
}
