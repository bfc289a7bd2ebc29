/** The publishing half's part of a preview: what is not the pull request's, and one more look at what is. */
import { additionsOf, type Wanted } from '../addons/catalogue.ts'
import { refuseClashes } from '../addons/clashes.ts'
import { passwordFrom } from '../addons/passwords.ts'
import { wavesBefore } from '../addons/waves.ts'
import { commonManifestsOf } from '../manifests/common.ts'
import { type Composition, composed } from '../manifests/compose.ts'
import { refuseForeignHosts } from '../manifests/hosts/refuse-foreign-hosts.ts'
import { missingIn, missingText } from '../manifests/missing.ts'
import type { Target } from '../manifests/target.ts'
import { type GuardSettings, guardsOf } from '../policy/guards.ts'
import { enforce } from '../policy/policy.ts'
import { namespaceLabelsOf } from '../policy/profiles.ts'
import type { PolicyContext } from '../policy/rule.ts'
import { type Adapted, isOfApp } from './adapted.ts'
import type { AddonRules } from './settings.ts'

export interface Completion {
  readonly target: Target
  readonly policy: PolicyContext
  readonly guards: GuardSettings
  readonly addons: AddonRules
  readonly wanted: Wanted
  /** What passwords of add-ons come from, this preview's alone; null where the cluster makes them. */
  readonly seed: string | null
  /** Texts of the files of the repo that add-ons are filled with, by path. */
  readonly files: ReadonlyMap<string, string>
  /** `common/` of the GitOps repo: path -> text */
  readonly common: ReadonlyMap<string, string>
  /** The `Kind.group` that the target cluster knows, null where it can't be asked. */
  readonly kinds: ReadonlySet<string> | null
}

export interface Completed {
  readonly content: Composition
  /** All that the pull request is to hear, one sentence each: what is missing comes first. */
  readonly notices: readonly string[]
}

/**
 * @throws {Terminal} (author) the policy does not permit the bundle, an object is called as an add-on's, a seed is missing
 * @throws {Terminal} (operator) an object of the bundle names a host that is not the preview's
 * @throws {CommonFault} what operators have in `common/` can't be used
 */
export function completed({ bundle, notices }: Adapted, completion: Completion): Completed {
  const { target, policy, guards, addons, wanted, seed, files, kinds } = completion
  const own = bundle.manifests.filter(isOfApp)
  enforce(own, policy)
  refuseForeignHosts(own, target)
  const common = commonManifestsOf(completion.common)
  const made = additionsOf(wanted, {
    namespace: target.namespace,
    images: addons.images,
    passwordOf: (purpose) => (seed === null ? null : passwordFrom(seed, purpose)),
    wave: wavesBefore([...own, ...common]).addons,
    files,
  })
  refuseClashes(made, own)
  const content = composed(
    bundle,
    {
      common,
      addons: made,
      guards: guardsOf(guards, target.namespace),
      namespaceLabels: namespaceLabelsOf(policy.settings.profile),
    },
    target,
  )
  const missing = missingIn([...content.files.values()], target.podTemplates, kinds).map(missingText)
  const replaced = content.replaced.map((name) => `${name} is the operators’ own, from common/ in the GitOps repo`)
  return { content, notices: [...missing, ...replaced, ...notices] }
}
