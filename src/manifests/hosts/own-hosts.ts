import type { Json, JsonObject } from '../json.ts'
import { objectOf } from '../json.ts'
import type { Manifest } from '../manifest.ts'
import type { Naming } from './family.ts'

/** Hosts made the preview's, each once, without those for which it is not to answer. @throws {Terminal} as `Naming.own` */
export const ownHostsOf = (
  hosts: readonly string[],
  naming: Naming,
  manifest: Manifest,
  field: string,
): readonly string[] => [
  ...new Set(hosts.map((host) => naming.own(host, manifest, field)).filter((host) => host !== null)),
]

/** The object with another spec; the very same where the spec is. */
export const withSpec = (manifest: Manifest, spec: Json): Manifest =>
  spec === manifest.spec ? manifest : { ...manifest, spec }

/** The object's spec with some of its fields set anew. */
export const specWith = (manifest: Manifest, fields: JsonObject): JsonObject => ({
  ...objectOf(manifest.spec),
  ...fields,
})

/** A function for `changeAt` that has texts name the preview's hosts. */
export const following =
  (naming: Naming) =>
  (found: Json): Json =>
    typeof found === 'string' ? naming.follow(found) : found
