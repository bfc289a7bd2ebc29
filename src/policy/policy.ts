import { Terminal } from '../domain/errors.ts'
import { groupKindOf, type Manifest, objectName } from '../manifests/manifest.ts'
import { controlEntriesOf, wholeTextOf } from './control-texts.ts'
import { entriesIn } from './locate.ts'
import { containersIn, podsOf } from './pods.ts'
import type { Verdict } from './profiles.ts'
import type { Finding, PolicyContext, Rule, Subject } from './rule.ts'
import { rules } from './rules.ts'

export type { Profile } from './profiles.ts'
export type { Finding, PolicyContext, PolicySettings } from './rule.ts'

/** A Check has 64 KiB; what comes after this many is counted only. */
const TOLD_MAX = 50

/**
 * What the policy says about an app's objects, as they leave the transforms. Pure, and never throws, whatever stands in
 * them.
 * @returns `refused`: all that it does not permit; `noted`: what passes with a word in the Check
 */
export function findingsOf(
  manifests: readonly Manifest[],
  context: PolicyContext,
): { readonly refused: readonly Finding[]; readonly noted: readonly Finding[] } {
  const accounts = accountsOf([...manifests, ...context.beside])
  const found = manifests.flatMap((manifest) => findingsAt(subjectOf(manifest, manifests, accounts, context)))
  const by = (wanted: Verdict) => found.filter(({ verdict }) => verdict === wanted).map(({ finding }) => finding)
  return { refused: by('refused'), noted: by('noted') }
}

/**
 * Lets an app's objects pass, or refuses them.
 * @returns what passes with a word in the Check
 * @throws {Terminal} (author) how to ask for an exemption; its details are every refusal: object, field, words, rule
 */
export function enforce(manifests: readonly Manifest[], context: PolicyContext): readonly Finding[] {
  const { refused, noted } = findingsOf(manifests, context)
  if (refused.length === 0) return noted
  throw new Terminal(refusalOf(refused, context), { details: linesOf(refused) })
}

/** `Deployment/web: spec.hostNetwork: words (rule host-namespaces)` */
export const findingText = ({ object, field, words, rule }: Finding): string =>
  `${object}: ${field === '' ? '' : `${field}: `}${words} (rule ${rule})`

function linesOf(refused: readonly Finding[]): readonly string[] {
  const told = refused.slice(0, TOLD_MAX).map(findingText)
  return refused.length > TOLD_MAX ? [...told, `and ${refused.length - TOLD_MAX} more`] : told
}

function refusalOf(refused: readonly Finding[], { app, settings }: PolicyContext): string {
  const [only] = refused
  const what =
    refused.length === 1 && only !== undefined
      ? `this: ${findingText(only)}`
      : `${refused.length} things, each told below: rules ${rulesOf(refused).join(', ')}`
  return `the policy (profile ${settings.profile}) does not permit ${what}. ${exemptionWords(refused, app)}`
}

const rulesOf = (refused: readonly Finding[]): readonly string[] => [...new Set(refused.map(({ rule }) => rule))]

/** How to ask for an exemption, by the example of the first finding that can have one. */
function exemptionWords(refused: readonly Finding[], app: string): string {
  const possible = refused.find(({ rule }) => isExemptible(rule))
  if (possible === undefined) return 'No setting exempts from these rules.'
  const entry = `{ rule: ${possible.rule}, app: ${app}, object: ${possible.object} }`
  const none = rulesOf(refused).filter((rule) => !isExemptible(rule))
  return (
    `Whoever operates this instance can exempt an object by an entry such as ${entry} in policy.exemptions of westage.yaml.` +
    (none.length === 0 ? '' : ` No setting exempts from ${none.join(', ')}.`)
  )
}

/** The names of all rules, which settings may name. */
export const ruleNames: readonly string[] = rules.map(({ name }) => name)

/** Whether an exemption from the rule can be set; false for one that does not exist. */
export const isExemptible = (name: string): boolean =>
  rules.some((rule) => rule.name === name && rule.exemption === 'possible')

function subjectOf(
  manifest: Manifest,
  bundle: readonly Manifest[],
  accounts: ReadonlySet<string>,
  context: PolicyContext,
): Subject {
  const pods = podsOf(manifest, context.podTemplates)
  const [kind, containers] = [groupKindOf(manifest), pods.flatMap(containersIn)]
  const [entries, control] = [() => entriesIn(manifest), controlEntriesOf(kind, manifest, containers)]
  const controlText = wholeTextOf(control)
  return { manifest, kind, pods, containers, entries, control, controlText, bundle, accounts, context }
}

/** `default` is every namespace's own (Kubernetes: Service Accounts). */
const accountsOf = (manifests: readonly Manifest[]): ReadonlySet<string> =>
  new Set([
    '',
    'default',
    ...manifests.filter((manifest) => groupKindOf(manifest) === 'ServiceAccount').map(({ metadata }) => metadata.name),
  ])

const findingsAt = (subject: Subject): readonly { readonly verdict: Verdict; readonly finding: Finding }[] =>
  rules.flatMap((rule) => {
    const verdict = rule.verdicts[subject.context.settings.profile]
    if (verdict === 'passed' || isExempt(rule, subject)) return []
    return rule.breachesOf(subject).map((breach) => ({
      verdict,
      finding: { object: objectName(subject.manifest), ...breach, rule: rule.name },
    }))
  })

function isExempt(rule: Rule, { manifest, context }: Subject): boolean {
  if (rule.exemption === 'never') return false
  return context.settings.exemptions.some(
    (exemption) =>
      exemption.rule === rule.name &&
      (exemption.app === null || exemption.app === context.app) &&
      (exemption.object === null || matches(exemption.object, objectName(manifest))),
  )
}

const matches = (pattern: string, name: string): boolean =>
  pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern
