/** Which workloads pull an image without a pull secret. Kubernetes: "Pull an Image from a Private Registry". */
import { type Json, type JsonObject, listOf, objectOf, textOf } from './json.ts'
import { groupKindOf, type Manifest, objectName } from './manifest.ts'
import { containersIn, type PodTemplates, podSpecsOf } from './pod-templates.ts'

/**
 * @param manifests all of the preview's, what `common/` has among them
 * @param images references as they stand in containers
 * @returns the names of the objects whose pods have such an image, and a secret neither themselves nor by their
 *   ServiceAccount, in the order of the manifests
 */
export function withoutPullSecret(
  manifests: readonly Manifest[],
  images: ReadonlySet<string>,
  podTemplates: PodTemplates,
): readonly string[] {
  const equipped = new Set(
    manifests
      .filter((manifest) => groupKindOf(manifest) === 'ServiceAccount' && hasNames(manifest.imagePullSecrets))
      .map(({ metadata }) => metadata.name),
  )
  return manifests
    .filter((manifest) =>
      podSpecsOf(manifest, podTemplates).some(
        (spec) => pulls(spec, images) && !hasNames(spec.imagePullSecrets) && !equipped.has(accountOf(spec)),
      ),
    )
    .map(objectName)
}

/** Kubernetes: "Configure Service Accounts for Pods": who names none runs as `default`. */
const accountOf = (spec: JsonObject): string =>
  textOf(spec.serviceAccountName) || textOf(spec.serviceAccount) || 'default'

const pulls = (spec: JsonObject, images: ReadonlySet<string>): boolean =>
  containersIn(spec).some((container) => images.has(textOf(container.image)))

const hasNames = (secrets: Json | undefined): boolean =>
  listOf(secrets).some((secret) => textOf(objectOf(secret).name) !== '')
