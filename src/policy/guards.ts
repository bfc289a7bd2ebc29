/** What WeStage puts around a preview in its own namespace: how much it may use, and whom it may reach. */
import type { Json, JsonObject } from '../manifests/json.ts'
import type { Manifest } from '../manifests/manifest.ts'
import { SYNC_WAVE } from '../manifests/sync-wave.ts'

export interface GuardSettings {
  /** ResourceQuota's `spec.hard`, null for no quota. */
  readonly quota: Readonly<Record<string, string>> | null
  /** What a container has that says nothing of its own, null for nothing. */
  readonly limits: {
    readonly defaultRequest: Readonly<Record<string, string>>
    readonly default: Readonly<Record<string, string>>
  } | null
  /** Null for no NetworkPolicy at all. */
  readonly network: NetworkSettings | null
}

export interface NetworkSettings {
  /** Namespaces of ingress controllers, from where requests come in. */
  readonly ingressFrom: readonly string[]
  /** Ranges from where requests come in: load balancers and nodes that are no pods. */
  readonly ingressRanges: readonly string[]
  /** Whether pods reach the Internet. */
  readonly internet: boolean
  /** Ranges that are not reached although the Internet is: the cluster's own, the API server, private networks. */
  readonly denied: readonly string[]
  readonly dns: DnsSettings
}

interface DnsSettings {
  /** Where the cluster's DNS runs. */
  readonly namespace: string
  readonly labels: Readonly<Record<string, string>>
  /** Addresses of DNS outside of pods, such as NodeLocal DNSCache. */
  readonly addresses: readonly string[]
}

/** Never reached, whatever the settings say: where clouds tell a machine its credentials. */
export const METADATA_RANGES: readonly string[] = [
  '169.254.0.0/16',
  '100.100.100.200/32',
  'fd00:ec2::254/128',
  'fe80::/10',
]

/** The waves of the Namespace and of what is in it (Argo CD: in one wave Namespaces come first, then these kinds). */
const WAVE = '-100'

/**
 * The objects that limit a preview, none where the settings want none. All are called `westage` or `westage-…`.
 * Kubernetes: Resource Quotas, Limit Ranges, Network Policies.
 */
export const guardsOf = ({ quota, limits, network }: GuardSettings, namespace: string): readonly Manifest[] => [
  ...(quota === null ? [] : [guard('v1', 'ResourceQuota', 'westage', namespace, { hard: quota })]),
  ...(limits === null
    ? []
    : [guard('v1', 'LimitRange', 'westage', namespace, { limits: [{ type: 'Container', ...limits }] })]),
  ...(network === null ? [] : [networkPolicy(network, namespace)]),
]

/**
 * One policy for all pods, since each object more is work for Argo CD in every preview: what it does not name is closed
 * (Kubernetes: Network Policies). An empty list of peers would be everybody, so that a rule without any is left out.
 */
function networkPolicy(network: NetworkSettings, namespace: string): Manifest {
  const { internet, dns } = network
  const outside = internet ? internetPeers(network) : []
  return guard('networking.k8s.io/v1', 'NetworkPolicy', 'westage', namespace, {
    podSelector: {},
    policyTypes: ['Ingress', 'Egress'],
    ingress: [OWN_PODS, ingressPeers(network)].filter(isSome).map((from) => ({ from })),
    egress: [
      { to: OWN_PODS },
      { to: dnsPeers(dns), ports: DNS_PORTS },
      ...[outside].filter(isSome).map((to) => ({ to })),
    ],
  })
}

const OWN_PODS: readonly Json[] = [{ podSelector: {} }]

const isSome = (peers: readonly Json[]): boolean => peers.length > 0

const ingressPeers = ({ ingressFrom, ingressRanges }: NetworkSettings): readonly Json[] => [
  ...ingressFrom.map((name) => ({ namespaceSelector: named(name) })),
  ...ingressRanges.map((range) => ({ ipBlock: { cidr: range } })),
]

const DNS_PORTS: readonly Json[] = ['UDP', 'TCP'].map((protocol) => ({ protocol, port: 53 }))

const dnsPeers = ({ namespace, labels, addresses }: DnsSettings): readonly Json[] => [
  { namespaceSelector: named(namespace), podSelector: { matchLabels: labels } },
  ...addresses.map((address) => ({ ipBlock: { cidr: `${address}/${address.includes(':') ? 128 : 32}` } })),
]

/** Kubernetes: The label kubernetes.io/metadata.name, which every Namespace has. */
const named = (namespace: string): Json => ({ matchLabels: { 'kubernetes.io/metadata.name': namespace } })

/** Kubernetes: IPBlock: an exception lies inside of its block and is smaller, so each goes to that of its own family. */
function internetPeers({ denied }: NetworkSettings): readonly Json[] {
  const denials = [...new Set([...METADATA_RANGES, ...denied])]
  return ['0.0.0.0/0', '::/0']
    .filter((cidr) => !denials.includes(cidr))
    .map((cidr) => ({
      ipBlock: { cidr, except: denials.filter((range) => range.includes(':') === cidr.includes(':')) },
    }))
}

const guard = (apiVersion: string, kind: string, name: string, namespace: string, spec: JsonObject): Manifest => ({
  apiVersion,
  kind,
  metadata: { name, namespace, annotations: { [SYNC_WAVE]: WAVE } },
  spec,
})
