import { isObject, listOf, textOf } from '../../manifests/json.ts'
import type { Entry } from '../locate.ts'
import { EVERYWHERE } from '../profiles.ts'
import type { Rule } from '../rule.ts'

const KINDS = ['ServiceMonitor', 'PodMonitor'].map((kind) => `${kind}.monitoring.coreos.com`)

/** Prometheus: relabel_config: `__address__` is where a target is asked. Another port at the same address is fine. */
export const monitorTargets: Rule = {
  name: 'monitor-targets',
  why: 'Prometheus asks from its own network, where no policy of the preview holds it back.',
  verdicts: EVERYWHERE,
  exemption: 'possible',
  breachesOf: ({ kind, control }) =>
    (KINDS.includes(kind) ? control : [])
      .filter((entry) => sendsElsewhere(entry))
      .map(({ field }) => ({ field, words: 'sends Prometheus elsewhere than to the app’s own pods: leave it out' })),
}

function sendsElsewhere({ key, value }: Entry): boolean {
  if (/^proxyurl$/i.test(key)) return value !== null && value !== ''
  if (!isObject(value) || value.targetLabel !== '__address__') return false
  const isPort = listOf(value.sourceLabels)[0] === '__address__' && /^\$(1|\{1\})/.test(textOf(value.replacement))
  return !isPort
}
