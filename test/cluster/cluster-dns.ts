/** CoreDNS as a pod of the cluster, where NetworkPolicies look for it: in kube-system, with the label k8s-app=kube-dns. */
import { AppsV1Api, KubeConfig } from '@kubernetes/client-node'
import { until } from '../demo/until.ts'
import { COREDNS_IMAGE } from './program-image.ts'
import { type ClusterState, kubeconfigOf } from './state.ts'

export const DNS_ADDRESS = '10.96.0.10'
const NAMESPACE = 'kube-system'
const NAME = 'coredns'
const LABELS = { 'k8s-app': 'kube-dns' }
const READY_TIMEOUT_MS = 60_000

/** CoreDNS: plugins "kubernetes" and "ready". It answers for the cluster only: there is no way out that it could ask. */
const COREFILE = `.:53 {
  errors
  ready
  kubernetes cluster.local in-addr.arpa {
    ttl 1
  }
}
`

/** Kubernetes: "Customizing DNS Service", as kubeadm has it. */
export function dnsObjects(): readonly object[] {
  const metadata = { name: NAME, namespace: NAMESPACE }
  const role = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: NAME }
  const subject = { kind: 'ServiceAccount', name: NAME, namespace: NAMESPACE }
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: NAME },
      rules: [
        { apiGroups: [''], resources: ['services', 'pods', 'namespaces'], verbs: ['list', 'watch'] },
        { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
      ],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: NAME },
      roleRef: role,
      subjects: [subject],
    },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { Corefile: COREFILE } },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'kube-dns', namespace: NAMESPACE, labels: LABELS },
      spec: {
        selector: LABELS,
        clusterIP: DNS_ADDRESS,
        ports: [
          { name: 'dns', port: 53, protocol: 'UDP' },
          { name: 'dns-tcp', port: 53, protocol: 'TCP' },
        ],
      },
    },
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: DEPLOYMENT },
  ]
}

const DEPLOYMENT = {
  selector: { matchLabels: LABELS },
  template: {
    metadata: { labels: LABELS },
    spec: {
      serviceAccountName: NAME,
      // It would ask itself.
      dnsPolicy: 'Default',
      terminationGracePeriodSeconds: 1,
      containers: [
        {
          name: NAME,
          image: COREDNS_IMAGE,
          imagePullPolicy: 'Never',
          args: ['-conf', '/etc/coredns/Corefile'],
          readinessProbe: { httpGet: { path: '/ready', port: 8181 }, periodSeconds: 1 },
          volumeMounts: [{ name: 'config', mountPath: '/etc/coredns', readOnly: true }],
        },
      ],
      volumes: [{ name: 'config', configMap: { name: NAME } }],
    },
  },
}

/** Waits until pods can ask for names. @throws {Missed} with what the Deployment says of itself */
export async function dnsIsReady(state: ClusterState, signal: AbortSignal): Promise<void> {
  const config = new KubeConfig()
  config.loadFromFile(kubeconfigOf(state.folder))
  const api = config.makeApiClient(AppsV1Api)
  const fault = async () => {
    const { status } = await api.readNamespacedDeployment({ name: NAME, namespace: NAMESPACE })
    if ((status?.readyReplicas ?? 0) > 0) return null
    return status?.conditions?.map(({ message }) => message).join('; ') ?? 'it says nothing yet'
  }
  await until('CoreDNS to be ready', READY_TIMEOUT_MS, fault, signal)
}
