/** What pods reach others by: ClusterIPs, names, and the rules of NetworkPolicies. All of it is in the router. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { apply } from './apply.ts'
import { dnsObjects } from './cluster-dns.ts'
import { PATH_OF_ROOT } from './command.ts'
import { kubeconfig } from './control-plane.ts'
import { routerOf } from './node-config.ts'
import { letPodsReachApiServer } from './node-network.ts'
import { roomOf } from './node-room.ts'
import { letPodsReachOutside } from './outside.ts'
import { partIsReady, startPart } from './parts.ts'
import type { Programs } from './programs.ts'
import { REAL_NODE } from './real-node.ts'
import { type ClusterState, kubeconfigOf, type Part } from './state.ts'

/** kube-proxy's own; nobody else listens in the router. */
const HEALTH_PORT = 10256

/** Once the node is ready. The pod of CoreDNS may start later. */
export async function startServices(state: ClusterState, programs: Programs, signal: AbortSignal): Promise<void> {
  const { link, apiServer } = state
  if (link === null || apiServer === null) throw new Error('the link or the API server is not there yet')
  const folder = join(state.folder, 'node')
  const inRouter = [...(await roomOf(state)), 'nsenter', `--net=${routerOf(folder)}`]
  const port = await letPodsReachApiServer(state)
  await letPodsReachOutside(state, inRouter)
  await apply(kubeconfigOf(state.folder), [endpointsOf(link.address, port), ...dnsObjects()])

  const access = join(folder, 'kubeconfig')
  const address = { server: `https://${link.address}:${port}`, 'tls-server-name': 'kubernetes.default.svc' }
  await writeFile(access, kubeconfig(state.name, address, apiServer.token, apiServer.certificate), { mode: 0o600 })
  await writeFile(join(folder, 'kube-proxy.json'), JSON.stringify(proxyConfig(access, link.router)))
  const part = (name: string, args: readonly string[], readyUrl: string | null): Part => ({
    name,
    command: 'nsenter',
    args: [...inRouter, join(programs.folder, name), ...args],
    env: { PATH: PATH_OF_ROOT, NODE_NAME: REAL_NODE },
    readyUrl,
  })
  const health = `http://${link.router}:${HEALTH_PORT}/healthz`
  for (const each of [
    part('kube-proxy', [`--config=${join(folder, 'kube-proxy.json')}`], health),
    part('network-policies', [access], null),
  ]) {
    await startPart(state, each)
    await partIsReady(state, each, signal)
  }
}

/** Kubernetes: "kube-proxy Configuration (v1alpha1)". The limits of conntrack are the machine's: 0 leaves them alone. */
const proxyConfig = (kubeconfigPath: string, address: string): object => ({
  apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
  kind: 'KubeProxyConfiguration',
  clientConnection: { kubeconfig: kubeconfigPath },
  hostnameOverride: REAL_NODE,
  mode: 'nftables',
  nftables: { minSyncPeriod: '0s' },
  healthzBindAddress: `${address}:${HEALTH_PORT}`,
  metricsBindAddress: '127.0.0.1:10249',
  detectLocalMode: 'InterfaceNamePrefix',
  detectLocal: { interfaceNamePrefix: 'veth' },
  conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
})

/** Of the Service `kubernetes`: the API server does not write its own, since it listens on loopback. */
const endpointsOf = (address: string, port: number): object => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: 'kubernetes', namespace: 'default', labels: { 'kubernetes.io/service-name': 'kubernetes' } },
  addressType: 'IPv4',
  endpoints: [{ addresses: [address], conditions: { ready: true } }],
  ports: [{ name: 'https', port, protocol: 'TCP' }],
})
