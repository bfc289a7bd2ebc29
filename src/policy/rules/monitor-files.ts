import { entriesIn } from '../locate.ts'
import { EVERYWHERE } from '../profiles.ts'
import type { Rule } from '../rule.ts'

const KINDS = ['ServiceMonitor', 'PodMonitor', 'Probe', 'ScrapeConfig'].map((kind) => `${kind}.monitoring.coreos.com`)
/** Prometheus Operator: API reference, Endpoint and TLSConfig. */
const FIELDS = ['bearerTokenFile', 'caFile', 'certFile', 'keyFile', 'credentialsFile']

export const monitorFiles: Rule = {
  name: 'monitor-files',
  why: 'Prometheus reads its own files, its token among them, and sends them to whom it asks for metrics.',
  verdicts: EVERYWHERE,
  exemption: 'possible',
  breachesOf: ({ kind, manifest }) =>
    KINDS.includes(kind)
      ? [...entriesIn({ spec: manifest.spec ?? null })]
          .filter(({ key, value }) => FIELDS.includes(key) && value !== null && value !== '')
          .map(({ field }) => ({ field, words: 'is a file of Prometheus’ own: use a Secret of the app' }))
      : [],
}
