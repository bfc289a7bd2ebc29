import { exposedUrlsOf } from '../../../src/manifests/hosts/exposed.ts'
import { renameHosts } from '../../../src/manifests/hosts/hosts.ts'
import { refuseForeignHosts } from '../../../src/manifests/hosts/refuse-foreign-hosts.ts'
import type { Manifest } from '../../../src/manifests/manifest.ts'
import { printManifest } from '../../../src/manifests/print.ts'
import type { HostRules } from '../../../src/manifests/target.ts'
import { hostRulesOf, manifestsOf, targetOf } from '../sample.ts'

/** The manifests with the hosts of a preview of `shop`, feat/cart; whatever they are, publish takes them for these. */
export function renamed(yaml: string, rules: Partial<HostRules> = {}): readonly Manifest[] {
  const target = targetOf(hostRulesOf(rules))
  const made = renameHosts(manifestsOf(yaml), target)
  refuseForeignHosts(made, target)
  return made
}

/** The same as text, for what must not stand there any more. */
export const renamedText = (yaml: string, rules: Partial<HostRules> = {}): string =>
  renamed(yaml, rules).map(printManifest).join('---\n')

/** The preview's addresses. */
export const urlsOf = (yaml: string, rules: Partial<HostRules> = {}): readonly string[] =>
  exposedUrlsOf(renamed(yaml, rules), targetOf(hostRulesOf(rules))).map(({ url }) => url)

/** The spec of one of the renamed objects. */
export const specOf = (manifests: readonly Manifest[], kind: string, name?: string): unknown =>
  manifests.find((one) => one.kind === kind && (name === undefined || one.metadata.name === name))?.spec
