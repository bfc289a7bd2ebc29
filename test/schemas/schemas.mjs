/** The schemas there are: Kubernetes' own, made from its OpenAPI description, and those of CRDs that apps often bring. */

/** The group's end -> the package with its kinds. */
const PACKAGES = new Map([
  ['gateway.networking.k8s.io', '@kubernetes-models/gateway-api'],
  ['networking.istio.io', '@kubernetes-models/istio'],
  ['security.istio.io', '@kubernetes-models/istio'],
  ['traefik.io', '@kubernetes-models/traefik'],
  ['argoproj.io', '@kubernetes-models/argo-rollouts'],
  ['cert-manager.io', '@kubernetes-models/cert-manager'],
  ['serving.knative.dev', '@kubernetes-models/knative'],
  ['eventing.knative.dev', '@kubernetes-models/knative'],
  ['flows.knative.dev', '@kubernetes-models/knative'],
  ['sources.knative.dev', '@kubernetes-models/knative'],
  ['monitoring.coreos.com', '@kubernetes-models/prometheus-operator'],
])

/** Groups of Kubernetes' own have no dot, or end so (Kubernetes: API Groups). */
const IS_OWN = /^[a-z]*$|\.k8s\.io$/

/** Kubernetes: Deprecated API Migration Guide. The package still has their schemas. */
const NOT_SERVED =
  /^(extensions\/v1beta1|apps\/v1beta[12]|policy\/v1beta1|batch\/v1beta1|networking\.k8s\.io\/v1beta1|autoscaling\/v2beta[12]|rbac\.authorization\.k8s\.io\/v1beta1)$/

/**
 * What is wrong with an object.
 * @returns null: nothing; 'unknown': there is no schema of it here; otherwise the fault's words
 */
export async function faultOf(manifest) {
  const { apiVersion, kind } = manifest
  if (NOT_SERVED.test(apiVersion)) return `no server knows ${apiVersion} any more`
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''
  const name = PACKAGES.get(group) ?? (IS_OWN.test(group) ? 'kubernetes-models' : null)
  if (name === null) return 'unknown'
  const models = await import(`${name}/${apiVersion}/${kind}`).catch((error) => {
    if (/ERR_(MODULE_NOT_FOUND|PACKAGE_PATH_NOT_EXPORTED)/.test(error.code)) return null
    throw error
  })
  if (models === null) return 'unknown'
  try {
    new models[kind](manifest).validate()
    return null
  } catch (error) {
    return error.message
  }
}
