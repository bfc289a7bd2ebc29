import { EVERYWHERE } from '../profiles.ts'
import type { Rule } from '../rule.ts'

/** Fields that other rules look at, as they have to be written. */
const FIELDS = [
  'automountServiceAccountToken',
  'capabilities',
  'containers',
  'ephemeralContainers',
  'externalIPs',
  'externalName',
  'hostIPC',
  'hostNetwork',
  'hostPID',
  'hostPath',
  'hostPort',
  'initContainers',
  'namespace',
  'nodeName',
  'podSpec',
  'privileged',
  'procMount',
  'seccompProfile',
  'securityContext',
  'serviceAccountName',
  'spec',
  'sysctls',
  'template',
  'volumes',
]
const BY_LOWER_CASE = new Map(FIELDS.map((field) => [field.toLowerCase(), field]))
/** Maps with keys of the app's own. */
const FREE = [
  'labels',
  'matchLabels',
  'annotations',
  'selector',
  'nodeSelector',
  'limits',
  'requests',
  'data',
  'stringData',
  'params',
]

/**
 * The API server tells large letters from small ones in names of fields (Kubernetes: API Conventions), and so do the
 * rules here; a controller that reads by Go's own JSON does not.
 */
export const misspeltFields: Rule = {
  name: 'misspelt-fields',
  why: 'A field in other letters passes every rule, and some controllers read it all the same.',
  verdicts: EVERYWHERE,
  exemption: 'possible',
  breachesOf: (subject) =>
    subject.pods.length === 0 && subject.kind !== 'Service'
      ? []
      : subject.control
          .filter(({ key, parent }) => {
            const right = BY_LOWER_CASE.get(key.toLowerCase())
            return right !== undefined && right !== key && !FREE.includes(parent)
          })
          .map(({ field, key }) => ({
            field,
            words: `is written ${BY_LOWER_CASE.get(key.toLowerCase())}: correct it`,
          })),
}
