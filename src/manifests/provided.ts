/** What objects there will be in the namespace: the manifests themselves, and what controllers make of some of them. */
import { isObject, type Json, listOf, objectOf, pathOf, textOf, valuesAt } from './json.ts'
import { annotationsOf, groupKindOf, type Manifest } from './manifest.ts'

/** Kubernetes: Configure Service Accounts for Pods, and the root certificate's ConfigMap: every namespace has these. */
const ALWAYS = ['ServiceAccount default', 'ConfigMap kube-root-ca.crt']

type Names = (manifest: Manifest) => readonly string[]

const at =
  (path: string, orOwn: 'or its own name' | 'nothing else' = 'nothing else'): Names =>
  (manifest) => {
    const named = valuesAt(manifest, pathOf(path))
      .map(textOf)
      .filter((name) => name !== '')
    return named.length === 0 && orOwn === 'or its own name' ? [manifest.metadata.name] : named
  }

/**
 * Which kinds make Secrets, `Kind.group`, and how these are called: cert-manager, Certificate; External Secrets,
 * ExternalSecret; Sealed Secrets; Secrets Store CSI driver; Vault Secrets Operator; 1Password; Infisical; Strimzi.
 */
const SECRETS = new Map<string, Names>([
  ['Certificate.cert-manager.io', at('spec.secretName')],
  ['Certificate.certmanager.k8s.io', at('spec.secretName')],
  ['ExternalSecret.external-secrets.io', at('spec.target.name', 'or its own name')],
  ['ExternalSecret.kubernetes-client.io', at('', 'or its own name')],
  ['SealedSecret.bitnami.com', at('spec.template.metadata.name', 'or its own name')],
  ['SecretProviderClass.secrets-store.csi.x-k8s.io', at('spec.secretObjects.*.secretName')],
  ['VaultStaticSecret.secrets.hashicorp.com', at('spec.destination.name')],
  ['VaultDynamicSecret.secrets.hashicorp.com', at('spec.destination.name')],
  ['VaultPKISecret.secrets.hashicorp.com', at('spec.destination.name')],
  ['OnePasswordItem.onepassword.com', at('', 'or its own name')],
  ['InfisicalSecret.secrets.infisical.com', at('spec.managedSecretReference.secretName')],
  ['KafkaUser.kafka.strimzi.io', at('spec.template.secret.metadata.name', 'or its own name')],
  ['SopsSecret.isindir.github.com', at('spec.secretTemplates.*.name')],
])

/** The annotations by which cert-manager makes an Ingress' or a Gateway's own TLS Secrets (cert-manager: Annotated Ingress). */
const ISSUERS = [
  'cert-manager.io/issuer',
  'cert-manager.io/cluster-issuer',
  'certmanager.k8s.io/issuer',
  'certmanager.k8s.io/cluster-issuer',
  'kubernetes.io/tls-acme',
]
const TLS_SECRETS = ['spec.tls.*.secretName', 'spec.listeners.*.tls.certificateRefs.*.name']

/** @returns `Kind name` of Secrets, ConfigMaps, and everything else by its own kind and name */
export function providedBy(manifests: readonly Manifest[]): ReadonlySet<string> {
  const provided = new Set(ALWAYS)
  for (const manifest of manifests) {
    provided.add(`${groupKindOf(manifest)} ${manifest.metadata.name}`)
    for (const secret of secretsMadeOf(manifest)) provided.add(`Secret ${secret}`)
    // Knative: a Service makes a Service of its name.
    if (groupKindOf(manifest) === 'Service.serving.knative.dev') provided.add(`Service ${manifest.metadata.name}`)
  }
  return provided
}

function secretsMadeOf(manifest: Manifest): readonly string[] {
  const own = SECRETS.get(groupKindOf(manifest))?.(manifest) ?? []
  const annotations = annotationsOf(manifest)
  const isIssued = ISSUERS.some((issuer) => annotations[issuer] !== undefined)
  const issued = isIssued ? TLS_SECRETS.flatMap((path) => valuesAt(manifest, pathOf(path)).map(textOf)) : []
  return [...own, ...issued]
}

/** The keys of a ConfigMap or Secret among the manifests, null where it is not there to be looked into. */
export function keysIn(manifests: readonly Manifest[], kind: string, name: string): ReadonlySet<string> | null {
  const found = manifests.find((manifest) => groupKindOf(manifest) === kind && manifest.metadata.name === name)
  if (found === undefined) return null
  return new Set(['data', 'stringData', 'binaryData'].flatMap((field) => Object.keys(objectOf(found[field]))))
}

/** The claims that a StatefulSet makes by itself are volumes by their templates' names (Kubernetes: StatefulSets). */
export const claimTemplatesOf = (manifest: Manifest): readonly string[] =>
  listOf(objectOf(manifest.spec).volumeClaimTemplates)
    .filter(isObject)
    .map((template: Json) => textOf(objectOf(objectOf(template).metadata).name))
