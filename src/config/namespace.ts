import { z } from 'zod'
import { cidr, labels, namespaceName, quantities } from '../settings/kubernetes-values.ts'

const QUOTA = {
  pods: '40',
  'requests.cpu': '4',
  'requests.memory': '8Gi',
  'requests.storage': '20Gi',
  persistentvolumeclaims: '10',
  'services.loadbalancers': '0',
  'services.nodeports': '0',
}
/** Private, shared and link-local ranges: nodes, API servers and metadata services are in these. */
const DENIED = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  '100.64.0.0/10',
  'fc00::/7',
  'fe80::/10',
]

/** Where the installation pages of these put them: ingress-nginx, Traefik (and in k3s), Istio, Envoy, Contour, Kong, HAProxy. */
const INGRESS_NAMESPACES = [
  'ingress-nginx',
  'traefik',
  'kube-system',
  'istio-system',
  'istio-ingress',
  'envoy-gateway-system',
  'projectcontour',
  'kong',
  'haproxy-controller',
  'kourier-system',
  'openshift-ingress',
]

const LimitsSchema = z.strictObject({
  defaultRequest: quantities({ cpu: '50m', memory: '64Mi' }).describe(
    'What a container requests that says nothing of it. A resource that is `null` is left out.',
  ),
  default: quantities({ memory: '1Gi' }).describe(
    'The limits of a container that says nothing of them. A resource that is `null` is left out.',
  ),
})

/** Kubernetes: Customizing DNS Service, and Using NodeLocal DNSCache. */
const DnsSchema = z.strictObject({
  namespace: namespaceName.default('kube-system').describe("Where the cluster's DNS runs."),
  labels: labels.default({ 'k8s-app': 'kube-dns' }).describe('Labels of the pods that are it.'),
  addresses: z
    .array(z.union([z.ipv4(), z.ipv6()], { error: 'is not an IP address' }))
    .default(['169.254.20.10'])
    .describe('Addresses of DNS servers outside of pods; the default is that of NodeLocal DNSCache.'),
})

const NetworkSchema = z.strictObject({
  ingressFrom: z
    .array(namespaceName)
    .default(INGRESS_NAMESPACES)
    .describe(
      'Namespaces of ingress controllers, which may reach every pod of a preview. The default names where the usual ones are installed.',
    ),
  ingressRanges: z
    .array(cidr)
    .default([])
    .describe(
      'Ranges from which every pod of a preview may be reached: of load balancers that send to pods by themselves, and of nodes, where an ingress controller runs in the network of its node.',
    ),
  internet: z.boolean().default(true).describe('Whether previews may reach addresses outside of the cluster.'),
  denied: z
    .array(cidr)
    .default(DENIED)
    .describe('Ranges that previews never reach: nodes, the API server and metadata services among them.'),
  dns: DnsSchema.prefault({}),
})

/** What guards each preview's namespace. */
export const NamespaceSchema = z.strictObject({
  quota: quantities(QUOTA)
    .nullable()
    .prefault(QUOTA)
    .describe(
      "ResourceQuota of each preview's namespace, by resource. What is set here is set beside the default; a resource that is `null` is left out. `null`: no ResourceQuota.",
    ),
  limits: LimitsSchema.nullable().prefault({}).describe("LimitRange of each preview's namespace. `null`: none."),
  network: NetworkSchema.nullable()
    .prefault({})
    .describe("NetworkPolicies of each preview's namespace: its own pods, DNS, and what is said here. `null`: none."),
})
