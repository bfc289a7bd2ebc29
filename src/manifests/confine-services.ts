import { isList, isObject, type Json, type JsonObject, textOf, without } from './json.ts'
import { changeField, groupKindOf } from './manifest.ts'
import { mapMetadata, metadataWithout } from './metadata.ts'
import type { Transform } from './transform.ts'

/** Types that take ports of every node, or an address outside the cluster. */
const OUTSIDE_TYPES = ['NodePort', 'LoadBalancer']

/** Kubernetes: ServiceSpec v1 core. The API server refuses all but externalIPs on a Service of type ClusterIP. */
const OUTSIDE_FIELDS = [
  'allocateLoadBalancerNodePorts',
  'externalIPs',
  'externalTrafficPolicy',
  'healthCheckNodePort',
  'loadBalancerClass',
  'loadBalancerIP',
  'loadBalancerSourceRanges',
]

/**
 * How load balancers are ordered, and addresses, certificates and names for them: the clouds' controllers, by their
 * documentation of Service annotations, and those that do the same on bare metal.
 */
const BALANCER_ANNOTATIONS = [
  'service.beta.kubernetes.io/',
  'service.kubernetes.io/ibm-load-balancer-',
  'cloud.google.com/load-balancer-type',
  'cloud.google.com/l4-rbs',
  'networking.gke.io/load-balancer-',
  'networking.gke.io/internal-load-balancer-',
  'load-balancer.hetzner.cloud/',
  'loadbalancer.openstack.org/',
  'oci.oraclecloud.com/',
  'oci-network-load-balancer.oraclecloud.com/',
  'metallb.io/',
  'metallb.universe.tf/',
  'kube-vip.io/',
  'lbipam.cilium.io/',
  'io.cilium/lb-ipam-',
  'tailscale.com/',
]

/**
 * Makes every Service one inside the cluster only: a load balancer costs money and a public address, a node port or
 * a fixed address is taken by the long-lived sibling. Headless Services (`clusterIP: None`) stay headless.
 */
export const confineServices: Transform = (manifests) =>
  manifests.map((manifest) => {
    if (groupKindOf(manifest) !== 'Service') return manifest
    const isDropped = (name: string) => BALANCER_ANNOTATIONS.some((prefix) => name.startsWith(prefix))
    const quiet = mapMetadata(manifest, (metadata) => metadataWithout(metadata, 'annotations', isDropped))
    return changeField(quiet, ['spec'], (spec) => (isObject(spec) ? confined(spec) : spec))
  })

function confined(spec: JsonObject): JsonObject {
  const bare = without(spec, [...OUTSIDE_FIELDS, ...fixedAddressesOf(spec)])
  const inside = OUTSIDE_TYPES.includes(textOf(bare.type)) ? { ...bare, type: 'ClusterIP' } : bare
  if (!isList(inside.ports)) return inside
  const ports = inside.ports.map((port): Json => (isObject(port) ? without(port, ['nodePort']) : port))
  return ports.every((port, at) => port === (isList(inside.ports) ? inside.ports[at] : undefined))
    ? inside
    : { ...inside, ports }
}

/** Both fields name the same address, or say that there is none (Kubernetes: Headless Services). */
const fixedAddressesOf = ({ clusterIP, clusterIPs }: JsonObject): readonly string[] => {
  const isHeadless = clusterIP === 'None' || (isList(clusterIPs) && clusterIPs[0] === 'None')
  return isHeadless ? [] : ['clusterIP', 'clusterIPs']
}
