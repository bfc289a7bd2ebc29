/** Where namespaced kinds name a namespace other than their own, kind by kind, by each project's API reference. */
import { type Json, type Path, pathOf } from './json.ts'
import { annotationsOf, changeField, groupKindOf, type Manifest, withAnnotations } from './manifest.ts'

/** The namespace that takes the place of another, or that other itself where it is not the app's own. */
export type Follow = (namespace: string) => string

/** How a namespace is written in a field. */
type Form = (text: string, follow: Follow) => string

const plain: Form = (text, follow) => follow(text)

/** `service.namespace.svc`, with or without the cluster's domain (Kubernetes: DNS for Services and Pods). */
const serviceHost: Form = (text, follow) =>
  text.replace(
    /^([a-z0-9-]+\.)([a-z0-9-]+)(\.svc(?:\..+)?)$/,
    (_, service, namespace, rest) => service + follow(namespace) + rest,
  )

/** `namespace/name` */
const slashed: Form = (text, follow) => text.replace(/^([a-z0-9-]+)\//, (_, namespace) => `${follow(namespace)}/`)

/** `system:serviceaccount:namespace:name` and `system:serviceaccounts:namespace` (Kubernetes: Authenticating) */
const accountName: Form = (text, follow) =>
  text.replace(/^(system:serviceaccounts?:)([a-z0-9-]+)/, (_, prefix, namespace) => prefix + follow(namespace))

const NAMESPACE_NAME = 'kubernetes.io/metadata.name'
const peers = (direction: string): readonly Path[] => [
  [...pathOf(direction), 'namespaceSelector', 'matchLabels', NAMESPACE_NAME],
  [...pathOf(direction), 'namespaceSelector', 'matchExpressions', '*', 'values', '*'],
]
const filtersOf = (rule: string): readonly Path[] => [pathOf(`${rule}.filters.*.requestMirror.backendRef.namespace`)]
const routes: readonly Path[] = [
  pathOf('spec.parentRefs.*.namespace'),
  pathOf('spec.rules.*.backendRefs.*.namespace'),
  ...filtersOf('spec.rules.*'),
  ...filtersOf('spec.rules.*.backendRefs.*'),
]
const traefikRoutes: readonly Path[] = [
  pathOf('spec.routes.*.services.*.namespace'),
  pathOf('spec.routes.*.middlewares.*.namespace'),
  pathOf('spec.tls.options.namespace'),
  pathOf('spec.tls.store.namespace'),
]
const istioDestinations = (protocol: string): readonly Path[] => [
  pathOf(`spec.${protocol}.*.route.*.destination.host`),
  pathOf(`spec.${protocol}.*.mirror.host`),
  pathOf(`spec.${protocol}.*.mirrors.*.destination.host`),
]
const knativeRefs = [
  'spec.subscriber.ref',
  'spec.sink.ref',
  'spec.subject',
  'spec.reply.ref',
  'spec.delivery.deadLetterSink.ref',
]

const BINDINGS = ['RoleBinding', 'ClusterRoleBinding'].flatMap((kind) =>
  ['rbac.authorization.k8s.io', 'authorization.openshift.io'].map((group) => `${kind}.${group}`),
)

const FIELDS: readonly { readonly kinds: readonly string[]; readonly form: Form; readonly paths: readonly Path[] }[] = [
  {
    kinds: BINDINGS,
    form: plain,
    paths: [pathOf('subjects.*.namespace')],
  },
  {
    kinds: BINDINGS,
    form: accountName,
    paths: [pathOf('subjects.*.name')],
  },
  { kinds: ['Service'], form: serviceHost, paths: [pathOf('spec.externalName')] },
  { kinds: ['Endpoints'], form: plain, paths: [pathOf('subsets.*.addresses.*.targetRef.namespace')] },
  { kinds: ['EndpointSlice.discovery.k8s.io'], form: plain, paths: [pathOf('endpoints.*.targetRef.namespace')] },
  { kinds: ['PersistentVolumeClaim'], form: plain, paths: [pathOf('spec.dataSourceRef.namespace')] },
  {
    kinds: ['NetworkPolicy.networking.k8s.io', 'NetworkPolicy.extensions'],
    form: plain,
    paths: [...peers('spec.ingress.*.from.*'), ...peers('spec.egress.*.to.*')],
  },
  {
    kinds: ['ServiceMonitor.monitoring.coreos.com', 'PodMonitor.monitoring.coreos.com'],
    form: plain,
    paths: [pathOf('spec.namespaceSelector.matchNames.*')],
  },
  {
    kinds: ['Probe.monitoring.coreos.com'],
    form: plain,
    paths: [pathOf('spec.targets.ingress.namespaceSelector.matchNames.*')],
  },
  {
    kinds: ['HTTPRoute', 'GRPCRoute', 'TLSRoute', 'TCPRoute', 'UDPRoute'].map(
      (kind) => `${kind}.gateway.networking.k8s.io`,
    ),
    form: plain,
    paths: routes,
  },
  {
    kinds: ['Gateway.gateway.networking.k8s.io', 'ListenerSet.gateway.networking.k8s.io'],
    form: plain,
    paths: [
      pathOf('spec.parentRef.namespace'),
      pathOf('spec.listeners.*.tls.certificateRefs.*.namespace'),
      [...pathOf('spec.listeners.*.allowedRoutes.namespaces.selector.matchLabels'), NAMESPACE_NAME],
    ],
  },
  { kinds: ['ReferenceGrant.gateway.networking.k8s.io'], form: plain, paths: [pathOf('spec.from.*.namespace')] },
  {
    kinds: ['IngressRoute', 'IngressRouteTCP', 'IngressRouteUDP'].flatMap((kind) => [
      `${kind}.traefik.io`,
      `${kind}.traefik.containo.us`,
    ]),
    form: plain,
    paths: traefikRoutes,
  },
  {
    kinds: ['TraefikService.traefik.io', 'TraefikService.traefik.containo.us'],
    form: plain,
    paths: ['spec.weighted.services.*', 'spec.mirroring', 'spec.mirroring.mirrors.*'].map((path) =>
      pathOf(`${path}.namespace`),
    ),
  },
  {
    kinds: ['Middleware.traefik.io', 'Middleware.traefik.containo.us'],
    form: plain,
    paths: [pathOf('spec.errors.service.namespace'), pathOf('spec.chain.middlewares.*.namespace')],
  },
  { kinds: ['HTTPProxy.projectcontour.io'], form: plain, paths: [pathOf('spec.includes.*.namespace')] },
  { kinds: ['HTTPProxy.projectcontour.io'], form: slashed, paths: [pathOf('spec.virtualhost.tls.secretName')] },
  {
    kinds: ['VirtualService.networking.istio.io'],
    form: serviceHost,
    paths: [pathOf('spec.hosts.*'), ...['http', 'tcp', 'tls'].flatMap(istioDestinations)],
  },
  { kinds: ['VirtualService.networking.istio.io'], form: slashed, paths: [pathOf('spec.gateways.*')] },
  { kinds: ['DestinationRule.networking.istio.io'], form: serviceHost, paths: [pathOf('spec.host')] },
  {
    kinds: ['Trigger', 'SinkBinding', 'ApiServerSource', 'PingSource', 'KafkaSource', 'Subscription'].flatMap((kind) =>
      ['eventing', 'sources', 'messaging'].map((area) => `${kind}.${area}.knative.dev`),
    ),
    form: plain,
    paths: knativeRefs.map((path) => pathOf(`${path}.namespace`)),
  },
]

/** ingress-nginx: Annotations; cert-manager: CA Injector. Each is `namespace/name`. */
const SLASHED_ANNOTATIONS = [
  ...['auth-secret', 'auth-tls-secret', 'proxy-ssl-secret'].map((name) => `nginx.ingress.kubernetes.io/${name}`),
  ...['inject-ca-from', 'inject-ca-from-secret'].map((name) => `cert-manager.io/${name}`),
]

/** A manifest in which every field that names a namespace went through `follow`. */
export function followNamespaces(manifest: Manifest, follow: Follow): Manifest {
  const groupKind = groupKindOf(manifest)
  const followed = FIELDS.filter(({ kinds }) => kinds.includes(groupKind)).reduce(
    (changed, { form, paths }) =>
      paths.reduce((inner, path) => changeField(inner, path, (found) => changeText(found, form, follow)), changed),
    manifest,
  )
  return followAnnotations(followed, follow)
}

const changeText = (found: Json, form: Form, follow: Follow): Json =>
  typeof found === 'string' ? form(found, follow) : found

function followAnnotations(manifest: Manifest, follow: Follow): Manifest {
  const annotations = annotationsOf(manifest)
  const named = SLASHED_ANNOTATIONS.filter((name) => typeof annotations[name] === 'string')
  if (named.length === 0) return manifest
  const changed = named.map((name): [string, Json] => [name, changeText(annotations[name] ?? null, slashed, follow)])
  return withAnnotations(manifest, { ...annotations, ...Object.fromEntries(changed) })
}
