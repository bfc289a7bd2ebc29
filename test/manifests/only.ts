import { type JsonObject, jsonTextOf, objectOf } from '../../src/manifests/json.ts'
import type { Manifest } from '../../src/manifests/manifest.ts'
import type { Target } from '../../src/manifests/target.ts'
import type { Transform } from '../../src/manifests/transform.ts'
import { manifestsOf, targetOf } from './sample.ts'

/** One object called `x`, which throws where somebody changes it. */
export function only(apiVersion: string, kind: string, rest: JsonObject = {}): Manifest {
  const metadata = { name: 'x', ...objectOf(rest.metadata) }
  return first(manifestsOf(jsonTextOf({ apiVersion, kind, ...rest, metadata })))
}

/** What a transform makes of one object. */
export const changed = (transform: Transform, manifest: Manifest, changes: Partial<Target> = {}): Manifest =>
  first(transform([manifest], targetOf(changes)))

/** A Deployment `x` of one pod spec. */
export const deployment = (podSpec: JsonObject): Manifest =>
  only('apps/v1', 'Deployment', { spec: { template: { spec: podSpec } } })

/** The first of some objects. */
export function first(manifests: readonly Manifest[]): Manifest {
  const [manifest] = manifests
  if (manifest === undefined) throw new Error('no object')
  return manifest
}
