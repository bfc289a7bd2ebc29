import { hasText } from '../locate.ts'
import { EVERYWHERE } from '../profiles.ts'
import type { Rule } from '../rule.ts'

/**
 * Annotations by which Secrets and ConfigMaps are copied from and into other namespaces: Kubernetes Replicator, Reflector,
 * Config Syncer (kubed), Hierarchical Namespaces. Templates of Secrets have them as well: of cert-manager's Certificates,
 * of ExternalSecrets and SealedSecrets.
 */
const COPYING =
  /^(replicator\.v1\.mittwald\.de|reflector\.v1\.k8s\.emberstack\.com|(kubed|config-syncer)\.appscode\.com|([a-z-]+\.)?hnc\.x-k8s\.io)\//

export const copiedObjects: Rule = {
  name: 'copied-objects',
  why: 'A copy takes a Secret out of another namespace, or puts the preview’s own into one.',
  verdicts: EVERYWHERE,
  exemption: 'possible',
  breachesOf: ({ manifest, entries }) =>
    (hasText(manifest, (text) => COPYING.test(text)) ? entries() : [])
      .filter(({ key, parent }) => parent === 'annotations' && COPYING.test(key))
      .map(({ field }) => ({
        field,
        words: 'copies between namespaces: leave it out; what previews need is put into common/ of the GitOps repo',
      })),
}
