/** What a preview refers to and does not hold: said when it is committed, not when a pod has waited for it in vain. */
import { groupKindOf, groupOf, type Manifest, objectName } from './manifest.ts'
import type { PodTemplates } from './pod-templates.ts'
import { claimTemplatesOf, keysIn, providedBy } from './provided.ts'
import { type Reference, referencesOf } from './references.ts'

export interface Missing {
  /** `Secret/db`, and where only a key of it is missing, which. */
  readonly what: string
  /** `Deployment/web: containers[web].env[PASSWORD]` */
  readonly neededBy: readonly string[]
}

/**
 * @param kinds the `Kind.group` that the target cluster knows, null where it can't be asked
 * @returns each missing object once, in the order in which it is first referred to
 */
export function missingIn(
  manifests: readonly Manifest[],
  podTemplates: PodTemplates,
  kinds: ReadonlySet<string> | null,
): readonly Missing[] {
  const provided = providedBy(manifests)
  const missing = new Map<string, string[]>()
  const miss = (what: string, neededBy: string) => missing.set(what, [...(missing.get(what) ?? []), neededBy])
  for (const manifest of manifests) {
    const claims = new Set(claimTemplatesOf(manifest))
    for (const reference of referencesOf(manifest, podTemplates)) {
      if (reference.kind === 'PersistentVolumeClaim' && claims.has(reference.name)) continue
      const what = whatIsMissing(reference, manifests, provided)
      if (what !== null) miss(what, `${objectName(manifest)}: ${reference.field}`)
    }
    // Built-in kinds are the API server's to know; of custom ones it knows what its CRDs say.
    if (kinds !== null && groupOf(manifest).includes('.') && !kinds.has(groupKindOf(manifest))) {
      miss(`the kind ${manifest.kind} of ${groupOf(manifest)}, which the cluster does not know`, objectName(manifest))
    }
  }
  return [...missing].map(([what, neededBy]) => ({ what, neededBy: [...new Set(neededBy)] }))
}

function whatIsMissing(
  { kind, name, key }: Reference,
  manifests: readonly Manifest[],
  provided: ReadonlySet<string>,
): string | null {
  if (!provided.has(`${kind} ${name}`)) return `${kind}/${name}`
  if (key === '') return null
  const keys = keysIn(manifests, kind, name)
  return keys === null || keys.has(key) ? null : `the key ${key} of ${kind}/${name}`
}

const SHOWN_MAX = 3

/** One sentence for the Check: `Secret/db is not in the preview; Deployment/web needs it (…)`. */
export function missingText({ what, neededBy }: Missing): string {
  const shown = neededBy.slice(0, SHOWN_MAX).join(', ')
  const more = neededBy.length > SHOWN_MAX ? `, and ${neededBy.length - SHOWN_MAX} more` : ''
  return `${what} is missing: needed by ${shown}${more}`
}
