/** Where namespaced kinds name a namespace other than their own, kind by kind, by each project's API reference. */
import { type Json, type Path, pathOf } from './json.ts'
import { annotationsOf, changeField, groupKindOf, type Manifest, withAnnotations } from './manifest.ts'
import {
  accountName,
  crdNames,
  type Follow,
  type Form,
  plain,
  principal,
  serviceHost,
  slashed,
} from './namespace-forms.ts'

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
  pathOf('spec.parentRefs.*.namespace'),
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
  'spec.steps.*.ref',
  'spec.branches.*.filter.ref',
  'spec.branches.*.subscriber.ref',
  'spec.config',
  'spec.ref',
]
const knativeKinds: Readonly<Record<string, readonly string[]>> = {
  eventing: ['Broker', 'Trigger'],
  sources: ['SinkBinding', 'ApiServerSource', 'PingSource', 'ContainerSource', 'KafkaSource'],
  bindings: ['KafkaBinding'],
  messaging: ['Subscription'],
  flows: ['Sequence', 'Parallel'],
  serving: ['DomainMapping'],
}

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
  {
    kinds: ['VirtualService', 'DestinationRule', 'ServiceEntry'].map((kind) => `${kind}.networking.istio.io`),
    form: plain,
    paths: [pathOf('spec.exportTo.*')],
  },
  { kinds: ['Sidecar.networking.istio.io'], form: slashed, paths: [pathOf('spec.egress.*.hosts.*')] },
  {
    kinds: ['AuthorizationPolicy.security.istio.io'],
    form: plain,
    paths: ['namespaces', 'notNamespaces'].map((field) => pathOf(`spec.rules.*.from.*.source.${field}.*`)),
  },
  {
    kinds: ['AuthorizationPolicy.security.istio.io'],
    form: principal,
    paths: ['principals', 'notPrincipals'].map((field) => pathOf(`spec.rules.*.from.*.source.${field}.*`)),
  },
  {
    kinds: ['DestinationRule.networking.istio.io'],
    form: principal,
    paths: [pathOf('spec.trafficPolicy.tls.subjectAltNames.*')],
  },
  {
    kinds: ['TLSCertificateDelegation.projectcontour.io'],
    form: plain,
    paths: [pathOf('spec.delegations.*.targetNamespaces.*')],
  },
  { kinds: ['DestinationRule.networking.istio.io'], form: serviceHost, paths: [pathOf('spec.host')] },
  {
    kinds: Object.entries(knativeKinds).flatMap(([area, kinds]) => kinds.map((kind) => `${kind}.${area}.knative.dev`)),
    form: plain,
    paths: knativeRefs.map((path) => pathOf(`${path}.namespace`)),
  },
]

const nginx = (name: string) => `nginx.ingress.kubernetes.io/${name}`
const traefik = (name: string) => `traefik.ingress.kubernetes.io/${name}`

/** ingress-nginx: Annotations; cert-manager: CA Injector; Traefik: Kubernetes Ingress Routing; Contour: Annotations. */
const ANNOTATIONS: ReadonlyMap<string, Form> = new Map([
  ...[
    'auth-secret',
    'auth-tls-secret',
    'proxy-ssl-secret',
    'auth-proxy-set-headers',
    'custom-headers',
    'fastcgi-params-configmap',
  ].map((name): [string, Form] => [nginx(name), slashed]),
  ['cert-manager.io/inject-ca-from', slashed],
  ['cert-manager.io/inject-ca-from-secret', slashed],
  ['projectcontour.io/tls-cert-namespace', plain],
  ...['router.middlewares', 'router.tls.options', 'service.serverstransport'].map((name): [string, Form] => [
    traefik(name),
    crdNames,
  ]),
])

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
  const changed = Object.entries(annotations).flatMap(([name, before]): [string, Json][] => {
    const form = ANNOTATIONS.get(name)
    const after = form === undefined ? before : changeText(before, form, follow)
    return after === before ? [] : [[name, after]]
  })
  return changed.length === 0 ? manifest : withAnnotations(manifest, { ...annotations, ...Object.fromEntries(changed) })
}
