import type { Manifest } from '../manifest.ts'
import type { Naming } from './family.ts'

/** A function of an object and a naming that works out each answer once: many objects ask the same of one. */
export function remembered<T>(
  make: (manifest: Manifest, naming: Naming) => T,
): (manifest: Manifest, naming: Naming) => T {
  const made = new WeakMap<Naming, Map<Manifest, { readonly value: T }>>()
  return (manifest, naming) => {
    const known = made.get(naming) ?? new Map<Manifest, { readonly value: T }>()
    made.set(naming, known)
    const found = known.get(manifest) ?? { value: make(manifest, naming) }
    known.set(manifest, found)
    return found.value
  }
}
