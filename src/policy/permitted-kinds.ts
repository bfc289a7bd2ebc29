/**
 * Which kinds each profile permits, `Kind.group`. A kind is here when all that it can do is known: its pods are checked
 * like any other, its hosts are made the preview's own, and it reaches nothing beyond its namespace.
 */
import type { Profile } from './profiles.ts'

const of = (group: string, kinds: readonly string[]): readonly string[] => kinds.map((kind) => `${kind}.${group}`)

const STRICT: readonly string[] = [
  'ConfigMap',
  'PersistentVolumeClaim',
  'Secret',
  'Service',
  'ServiceAccount',
  ...of('apps', ['Deployment', 'StatefulSet']),
  ...of('batch', ['CronJob', 'Job']),
  ...of('networking.k8s.io', ['Ingress']),
  ...of('gateway.networking.k8s.io', ['GRPCRoute', 'HTTPRoute']),
  ...of('bitnami.com', ['SealedSecret']),
]

const STANDARD: readonly string[] = [
  ...STRICT,
  'Pod',
  'PodTemplate',
  'ReplicationController',
  ...of('apps', ['DaemonSet', 'ReplicaSet']),
  // Older names of the same kinds: an API server that does not know them any more says so itself.
  ...of('extensions', ['DaemonSet', 'Deployment', 'Ingress', 'ReplicaSet']),
  ...of('rbac.authorization.k8s.io', ['Role', 'RoleBinding']),
  ...of('coordination.k8s.io', ['Lease']),
  // Ways in. Gateways get their addresses, and their hosts, from their own namespace.
  ...of('gateway.networking.k8s.io', [
    'BackendTLSPolicy',
    'Gateway',
    'ListenerSet',
    'ReferenceGrant',
    'TCPRoute',
    'TLSRoute',
    'UDPRoute',
  ]),
  ...of('networking.istio.io', ['DestinationRule', 'Gateway', 'ServiceEntry', 'Sidecar', 'VirtualService']),
  ...of('security.istio.io', ['AuthorizationPolicy', 'PeerAuthentication', 'RequestAuthentication']),
  ...of('telemetry.istio.io', ['Telemetry']),
  ...['traefik.io', 'traefik.containo.us'].flatMap((group) =>
    of(group, [
      'IngressRoute',
      'IngressRouteTCP',
      'IngressRouteUDP',
      'Middleware',
      'MiddlewareTCP',
      'ServersTransport',
      'ServersTransportTCP',
      'TLSOption',
      'TraefikService',
    ]),
  ),
  ...of('projectcontour.io', ['ExtensionService', 'HTTPProxy', 'TLSCertificateDelegation']),
  ...of('route.openshift.io', ['Route']),
  // Workloads of others.
  ...of('apps.openshift.io', ['DeploymentConfig']),
  ...of('image.openshift.io', ['ImageStream']),
  ...of('authorization.openshift.io', ['Role', 'RoleBinding']),
  ...of('argoproj.io', ['AnalysisRun', 'AnalysisTemplate', 'Experiment', 'Rollout']),
  ...of('serving.knative.dev', ['Configuration', 'DomainMapping', 'Route', 'Service']),
  ...of('eventing.knative.dev', ['Broker', 'EventType', 'Trigger']),
  ...of('messaging.knative.dev', ['Channel', 'InMemoryChannel', 'Subscription']),
  ...of('flows.knative.dev', ['Parallel', 'Sequence']),
  ...of('sources.knative.dev', [
    'ApiServerSource',
    'ContainerSource',
    'KafkaBinding',
    'KafkaSource',
    'PingSource',
    'SinkBinding',
  ]),
  ...of('bindings.knative.dev', ['KafkaBinding']),
  // Certificates, secrets and what is measured.
  ...of('cert-manager.io', ['Certificate', 'Issuer']),
  // Not here: SecretStore. Without credentials of its own it reads, as its controller may, all that there is.
  ...of('external-secrets.io', ['ExternalSecret']),
  ...of('generators.external-secrets.io', ['Password', 'UUID']),
  ...of('monitoring.coreos.com', ['PodMonitor', 'PrometheusRule', 'ServiceMonitor']),
  ...of('linkerd.io', ['ServiceProfile']),
]

/**
 * What `trusted` does not permit either: kinds that bring objects which nobody here has seen, that send other people's
 * traffic elsewhere, or that act with the rights of whoever runs them.
 */
const NEVER_ON_TRUST: readonly string[] = [
  'Endpoints',
  ...of('discovery.k8s.io', ['EndpointSlice']),
  ...of('helm.toolkit.fluxcd.io', ['HelmRelease']),
  ...of('kustomize.toolkit.fluxcd.io', ['Kustomization']),
  ...of('source.toolkit.fluxcd.io', ['Bucket', 'GitRepository', 'HelmChart', 'HelmRepository', 'OCIRepository']),
  ...of('helm.cattle.io', ['HelmChart', 'HelmChartConfig']),
  ...of('fleet.cattle.io', ['Bundle', 'GitRepo']),
  ...of('kro.run', ['ResourceGraphDefinition']),
  ...of('kubernetes.crossplane.io', ['Object']),
  ...of('helm.crossplane.io', ['Release']),
  ...of('work.open-cluster-management.io', ['ManifestWork']),
  ...of('addons.cluster.x-k8s.io', ['ClusterResourceSet', 'HelmChartProxy']),
  ...of('operators.coreos.com', [
    'CatalogSource',
    'ClusterServiceVersion',
    'InstallPlan',
    'OperatorGroup',
    'Subscription',
  ]),
  ...of('template.openshift.io', ['TemplateInstance']),
  ...of('build.openshift.io', ['Build', 'BuildConfig']),
  ...of('externaldns.k8s.io', ['DNSEndpoint']),
  ...of('networking.istio.io', ['EnvoyFilter', 'WorkloadEntry', 'WorkloadGroup']),
  ...of('traefik.io', ['TLSStore']),
  ...of('traefik.containo.us', ['TLSStore']),
  ...of('k8s.cni.cncf.io', ['NetworkAttachmentDefinition']),
  ...of('metacontroller.k8s.io', ['DecoratorController']),
]

/** Whether a profile by itself permits objects of a `Kind.group`. */
export function isPermittedKind(kind: string, profile: Profile): boolean {
  if (profile === 'trusted') return !NEVER_ON_TRUST.includes(kind)
  return (profile === 'strict' ? STRICT : STANDARD).includes(kind)
}
