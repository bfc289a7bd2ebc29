import { Terminal } from '../../domain/errors.ts'
import { changesOf, changeText } from '../changes.ts'
import { type Manifest, objectName } from '../manifest.ts'
import type { Target } from '../target.ts'
import { familiesOf, namedHostsOf } from './families.ts'
import type { Naming } from './family.ts'
import { shownHost } from './host-name.ts'
import { isPreviewHost } from './preview-host.ts'

/**
 * Holds manifests that are said to be a preview's to that: every host is of the preview's own form, wherever
 * `renameHosts` would have changed it, and renaming them once more changes nothing.
 * @param manifests as a worker handed them over, which renamed them
 * @throws {Terminal} (operator) they are not: no worker of ours makes that, and no author could mend it
 */
export function refuseForeignHosts(manifests: readonly Manifest[], target: Target): void {
  const families = familiesOf(manifests, target)
  for (const [manifest, { host, field }] of namedHostsOf(manifests, families)) {
    if (isPreviewHost(host, target)) continue
    throw notOurs(`${objectName(manifest)}: ${field}: ${shownHost(host)} is not a host of this preview`)
  }
  // Wildcards have become hosts where they can, TLS is as it is set: all that is left is whose each host is.
  const naming: Naming = {
    own: (host) => (isPreviewHost(host, target) ? host : null),
    isExposed: () => true,
    follow: (text) => text,
    wildcards: 'map',
    tls: 'keep',
  }
  for (const manifest of manifests) {
    const holding = families.filter(({ holds }) => holds(manifest))
    const renamed = holding.reduce<Manifest | null>((made, family) => made && family.renamed(made, naming), manifest)
    const [change] = changesOf([manifest], renamed === null ? [] : [renamed])
    if (change !== undefined) throw notOurs(`its hosts are not this preview's alone: ${changeText(change)}`)
  }
}

const notOurs = (message: string): Terminal => new Terminal(message, { whose: 'operator' })
