/** What an object needs to be there in its own namespace before it can work, by each kind's API reference. */
import { isObject, type Json, type JsonObject, listOf, objectOf, pathOf, textOf, valuesAt } from './json.ts'
import { groupKindOf, type Manifest, namespaceIn } from './manifest.ts'
import { CONTAINER_LISTS, type PodTemplates, podSpecsOf } from './pod-templates.ts'

export interface Reference {
  /** `Kind`, and `Kind.group` outside of the core group. */
  readonly kind: string
  readonly name: string
  /** The key that is read of a ConfigMap or Secret, '' for all of it. */
  readonly key: string
  /** Where it stands: `containers[web].env[DB]` */
  readonly field: string
}

/** Every object of the same namespace that this one can't do without. What is marked `optional` is no such. */
export const referencesOf = (manifest: Manifest, podTemplates: PodTemplates): readonly Reference[] => [
  ...podSpecsOf(manifest, podTemplates).flatMap(podReferences),
  ...claimsOf(manifest).flatMap(([claim, path]) => contentReferences(claim, path, namespaceIn(manifest))),
  ...(REFERENCES.get(groupKindOf(manifest)) ?? []).flatMap(({ kind, path }) =>
    valuesAt(manifest, pathOf(path))
      .flatMap((found) => ownName(found, namespaceIn(manifest)))
      .flatMap((name) => (kind === 'Service' ? serviceIn(name, namespaceIn(manifest)) : [name]))
      .map((name) => ({ kind, name, key: '', field: path })),
  ),
]

/** A PersistentVolumeClaim's spec, and those of the claims that a StatefulSet makes, with where they stand. */
const claimsOf = (manifest: Manifest): readonly (readonly [Json, string])[] => {
  const kind = groupKindOf(manifest)
  if (kind === 'PersistentVolumeClaim') return [[objectOf(manifest.spec), 'spec']]
  if (kind !== 'StatefulSet.apps') return []
  const path = 'spec.volumeClaimTemplates.*.spec'
  return valuesAt(manifest, pathOf(path)).map((claim): [Json, string] => [claim, path])
}

/**
 * What a claim's volume is filled from: a claim or a snapshot of the same namespace, without which it stays pending
 * (Kubernetes: Volume Populators). `dataSource` is the older form; the API server keeps the two alike.
 */
function contentReferences(claim: Json, path: string, namespace: string): readonly Reference[] {
  const { dataSource, dataSourceRef } = objectOf(claim)
  const [from, field] = isObject(dataSourceRef)
    ? [dataSourceRef, 'dataSourceRef']
    : [objectOf(dataSource), 'dataSource']
  const [kind, group, name] = [textOf(from.kind), textOf(from.apiGroup), textOf(from.name)]
  if (kind === '' || name === '' || !isWithin(from, namespace)) return []
  return [{ kind: group === '' ? kind : `${kind}.${group}`, name, key: '', field: `${path}.${field}` }]
}

/** Kubernetes API reference, PodSpec. */
function podReferences(spec: JsonObject): readonly Reference[] {
  const account = textOf(spec.serviceAccountName) || textOf(spec.serviceAccount)
  return [
    ...(account === '' ? [] : [{ kind: 'ServiceAccount', name: account, key: '', field: 'serviceAccountName' }]),
    ...named(spec.imagePullSecrets).map(({ name }) => secret(name, '', 'imagePullSecrets')),
    ...listOf(spec.volumes).filter(isObject).flatMap(volumeReferences),
    ...CONTAINER_LISTS.flatMap((list) =>
      listOf(spec[list])
        .filter(isObject)
        .flatMap((container) => containerReferences(container, `${list}[${textOf(container.name)}]`)),
    ),
  ]
}

function volumeReferences(volume: JsonObject): readonly Reference[] {
  const field = `volumes[${textOf(volume.name)}]`
  const claim = textOf(objectOf(volume.persistentVolumeClaim).claimName)
  return [
    ...(claim === '' ? [] : [{ kind: 'PersistentVolumeClaim', name: claim, key: '', field }]),
    ...contentReferences(objectOf(objectOf(objectOf(volume.ephemeral).volumeClaimTemplate).spec), field, ''),
    ...source('Secret', volume.secret, 'secretName', field),
    ...source('ConfigMap', volume.configMap, 'name', field),
    ...listOf(objectOf(volume.projected).sources)
      .filter(isObject)
      .flatMap((projected) => [
        ...source('Secret', projected.secret, 'name', field),
        ...source('ConfigMap', projected.configMap, 'name', field),
      ]),
    ...source('Secret', objectOf(volume.csi).nodePublishSecretRef, 'name', field),
  ]
}

function containerReferences(container: JsonObject, at: string): readonly Reference[] {
  return [
    ...listOf(container.envFrom)
      .filter(isObject)
      .flatMap((from) => [
        ...source('Secret', from.secretRef, 'name', `${at}.envFrom`),
        ...source('ConfigMap', from.configMapRef, 'name', `${at}.envFrom`),
      ]),
    ...listOf(container.env)
      .filter(isObject)
      .flatMap((variable) => {
        const [from, field] = [objectOf(variable.valueFrom), `${at}.env[${textOf(variable.name)}]`]
        return [
          ...source('Secret', from.secretKeyRef, 'name', field),
          ...source('ConfigMap', from.configMapKeyRef, 'name', field),
        ]
      }),
  ]
}

/** A selector of a ConfigMap or Secret, with the keys that it takes of it. */
function source(kind: string, selector: Json | undefined, nameField: string, field: string): readonly Reference[] {
  if (!isObject(selector) || selector.optional === true) return []
  const name = textOf(selector[nameField])
  if (name === '') return []
  const keys = [textOf(selector.key), ...listOf(selector.items).map((item) => textOf(objectOf(item).key))]
  const wanted = keys.filter((key) => key !== '')
  return (wanted.length === 0 ? [''] : wanted).map((key) => ({ kind, name, key, field }))
}

const secret = (name: string, key: string, field: string): Reference => ({ kind: 'Secret', name, key, field })

const named = (list: Json | undefined): readonly { readonly name: string }[] =>
  listOf(list)
    .map((element) => ({ name: textOf(objectOf(element).name) }))
    .filter(({ name }) => name !== '')

/** Whether a reference object stays in the namespace: the transforms make the preview's of one that was the app's. */
const isWithin = (reference: JsonObject, namespace: string): boolean =>
  ['', namespace].includes(textOf(reference.namespace))

/**
 * A name as text, or of a reference object that stays in its own namespace and means what the table says: one that
 * names a namespace was found not to be the preview's own, or is the policy's business.
 */
function ownName(found: Json, namespace: string): readonly string[] {
  if (typeof found === 'string') return found === '' ? [] : [found]
  if (!isObject(found) || !isWithin(found, namespace)) return []
  const kind = textOf(found.kind)
  return kind === '' || kind === 'Service' ? [textOf(found.name)].filter((name) => name !== '') : []
}

/**
 * The Service of the namespace that a mesh's host means (Istio: Destination, host; Kubernetes: DNS for Services); none
 * of another name. A Service by its name has no dots.
 */
function serviceIn(host: string, namespace: string): readonly string[] {
  const [name = '', ...rest] = host.split('.')
  const isOwn = ['', namespace, `${namespace}.svc`, `${namespace}.svc.cluster.local`].includes(rest.join('.'))
  return isOwn ? [name] : []
}

interface Place {
  readonly kind: string
  readonly path: string
}

const services = (...paths: readonly string[]): readonly Place[] => paths.map((path) => ({ kind: 'Service', path }))
const secrets = (...paths: readonly string[]): readonly Place[] => paths.map((path) => ({ kind: 'Secret', path }))
const routes = services('spec.rules.*.backendRefs.*')
const TRAEFIK = ['traefik.io', 'traefik.containo.us']

/** Kubernetes, Ingress; Gateway API; OpenShift, Route; Traefik, Kubernetes CRD; Contour, HTTPProxy; Istio; Argo Rollouts. */
const REFERENCES: ReadonlyMap<string, readonly Place[]> = new Map<string, readonly Place[]>([
  [
    'Ingress.networking.k8s.io',
    [
      ...services('spec.defaultBackend.service.name', 'spec.rules.*.http.paths.*.backend.service.name'),
      ...secrets('spec.tls.*.secretName'),
    ],
  ],
  [
    'Ingress.extensions',
    [
      ...services('spec.backend.serviceName', 'spec.rules.*.http.paths.*.backend.serviceName'),
      ...secrets('spec.tls.*.secretName'),
    ],
  ],
  ...['HTTPRoute', 'GRPCRoute', 'TLSRoute', 'TCPRoute', 'UDPRoute'].map((kind): [string, readonly Place[]] => [
    `${kind}.gateway.networking.k8s.io`,
    routes,
  ]),
  ['Gateway.gateway.networking.k8s.io', secrets('spec.listeners.*.tls.certificateRefs.*.name')],
  ['Route.route.openshift.io', services('spec.to', 'spec.alternateBackends.*')],
  ...TRAEFIK.flatMap((group): [string, readonly Place[]][] => [
    [`IngressRoute.${group}`, [...services('spec.routes.*.services.*'), ...secrets('spec.tls.secretName')]],
    [`IngressRouteTCP.${group}`, [...services('spec.routes.*.services.*'), ...secrets('spec.tls.secretName')]],
    [`IngressRouteUDP.${group}`, services('spec.routes.*.services.*')],
  ]),
  [
    'HTTPProxy.projectcontour.io',
    [
      ...services('spec.routes.*.services.*', 'spec.tcpproxy.services.*'),
      ...secrets('spec.virtualhost.tls.secretName'),
    ],
  ],
  [
    'Rollout.argoproj.io',
    services(
      'spec.strategy.canary.stableService',
      'spec.strategy.canary.canaryService',
      'spec.strategy.blueGreen.activeService',
      'spec.strategy.blueGreen.previewService',
    ),
  ],
  [
    'VirtualService.networking.istio.io',
    services(...['http', 'tcp', 'tls'].map((route) => `spec.${route}.*.route.*.destination.host`)),
  ],
  ['ServiceAccount', secrets('imagePullSecrets.*.name')],
])
