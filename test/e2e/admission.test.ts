/**
 * The policies of argocd/policy/ at a real API server, by dry-run: `npm run test:e2e`, or beside a cluster that
 * `npm run cluster -- up` left running.
 */
import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { guardsOf } from '../../src/policy/guards.ts'
import { kustomized } from '../argocd/kustomized.ts'
import { findCluster } from '../cluster/start-cluster.ts'

const isWanted = process.env.WESTAGE_E2E === undefined || process.env.WESTAGE_E2E === 'cluster'
const cluster = isWanted ? findCluster(process.env.WESTAGE_E2E_CLUSTER ?? 'default') : null
const reason = cluster === null ? ' (skipped: no cluster of `npm run cluster -- up`)' : ''

/** Other tests of this cluster have previews of their own. */
const PREFIX = 'admission-test-'
const NAMESPACE = `${PREFIX}shop`
const POLICIES = ['ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding']

function kubectl(args: readonly string[], input = ''): string {
  const all = ['--kubeconfig', cluster?.kubeconfigPath ?? '', ...args]
  return execFileSync('kubectl', all, { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] })
}

/** What the API server says of an object that is not kept: '' where it takes it. */
function refusalOf(manifest: object, namespace = NAMESPACE): string {
  try {
    kubectl(['create', '--dry-run=server', '--namespace', namespace, '-f', '-'], JSON.stringify(manifest))
    return ''
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

const policies = () =>
  kustomized({ components: ['policy'] })
    .filter(({ kind }) => POLICIES.includes(kind))
    .map((policy) =>
      JSON.stringify(policy).replaceAll('\\"westage-\\"', `\\"${PREFIX}\\"`).replaceAll('"westage-', `"${PREFIX}`),
    )

const object = (apiVersion: string, kind: string, rest: object, metadata: object = {}) => ({
  apiVersion,
  kind,
  metadata: { name: 'a', ...metadata },
  ...rest,
})
const container = (changes: object = {}) => ({ name: 'a', image: 'registry.test/a', ...changes })
const pod = (changes: object = {}) => object('v1', 'Pod', { spec: { containers: [container()], ...changes } })
const secured = (securityContext: object) => pod({ containers: [container({ securityContext })] })
const template = (spec: object) => ({
  metadata: { labels: { app: 'a' } },
  spec: { containers: [container()], ...spec },
})
const deployment = (spec: object = {}) =>
  object('apps/v1', 'Deployment', { spec: { selector: { matchLabels: { app: 'a' } }, template: template(spec) } })
const cronJob = (spec: object) =>
  object('batch/v1', 'CronJob', {
    spec: {
      schedule: '0 0 * * *',
      jobTemplate: { spec: { template: template({ restartPolicy: 'Never', ...spec }) } },
    },
  })
const service = (spec: object) => object('v1', 'Service', { spec: { ports: [{ port: 80 }], ...spec } })
const RBAC = 'rbac.authorization.k8s.io'
const role = (rule: object) => object(`${RBAC}/v1`, 'Role', { rules: [rule] })
const binding = (kind: string, name: string, namespace = NAMESPACE) =>
  object(`${RBAC}/v1`, 'RoleBinding', {
    roleRef: { apiGroup: RBAC, kind, name },
    subjects: [{ kind: 'ServiceAccount', name: 'default', namespace }],
  })
const backend = { service: { name: 'a', port: { number: 80 } } }
const rule = { http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }
const ingress = (spec: object, annotations: object = {}) =>
  object('networking.k8s.io/v1', 'Ingress', { spec }, { annotations })
const hosted = (annotations: object) => ingress({ rules: [{ host: 'a.example.com', ...rule }] }, annotations)

const HARMFUL: readonly (readonly [what: string, manifest: object, rule: string])[] = [
  ['a privileged pod', secured({ privileged: true }), 'privileged'],
  [
    'a privileged init container',
    deployment({ initContainers: [container({ name: 'i', securityContext: { privileged: true } })] }),
    'privileged',
  ],
  ['the node’s processes', deployment({ hostPID: true }), 'host-namespaces'],
  ['the node’s network every night', cronJob({ hostNetwork: true }), 'host-namespaces'],
  ['a capability', secured({ capabilities: { add: ['SYS_ADMIN'] } }), 'capabilities'],
  ['no seccomp', pod({ securityContext: { seccompProfile: { type: 'Unconfined' } } }), 'seccomp'],
  ['no AppArmor', secured({ appArmorProfile: { type: 'Unconfined' } }), 'app-armor'],
  ['the kernel’s settings', pod({ securityContext: { sysctls: [{ name: 'kernel.msgmax', value: '1' }] } }), 'sysctls'],
  [
    'a port of the node',
    pod({ containers: [container({ ports: [{ containerPort: 80, hostPort: 80 }] })] }),
    'host-ports',
  ],
  ['a folder of the node', deployment({ volumes: [{ name: 'v', hostPath: { path: '/' } }] }), 'host-path'],
  ['somebody’s file server', pod({ volumes: [{ name: 'v', nfs: { server: '10.0.0.1', path: '/' } }] }), 'volume-types'],
  ['the importance of the cluster', deployment({ priorityClassName: 'system-node-critical' }), 'priority-classes'],
  ['every node', deployment({ tolerations: [{ operator: 'Exists' }] }), 'node-placement'],
  ['a load balancer', service({ type: 'LoadBalancer' }), 'service-types'],
  ['a port of all nodes', service({ type: 'NodePort' }), 'service-types'],
  ['a name outside', service({ type: 'ExternalName', externalName: 'example.com' }), 'external-names'],
  ['an address', service({ externalIPs: ['192.0.2.1'] }), 'external-ips'],
  [
    'endpoints of its own',
    object('v1', 'Endpoints', { subsets: [{ addresses: [{ ip: '192.0.2.1' }], ports: [{ port: 80 }] }] }),
    'kinds',
  ],
  [
    'an open network',
    object('networking.k8s.io/v1', 'NetworkPolicy', { spec: { podSelector: {}, egress: [{}] } }),
    'namespace-rules',
  ],
  ['a quota', object('v1', 'ResourceQuota', { spec: { hard: { pods: '1000' } } }), 'namespace-rules'],
  ['all rights', role({ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }), 'role-rules'],
  [
    'its own guards',
    role({ apiGroups: ['networking.k8s.io'], resources: ['networkpolicies'], verbs: ['delete'] }),
    'role-rules',
  ],
  ['the ClusterRole edit', binding('ClusterRole', 'edit'), 'role-bindings'],
  ['rights for others', binding('ClusterRole', 'view', 'default'), 'other-namespaces'],
  [
    'a token without end',
    object(
      'v1',
      'Secret',
      { type: 'kubernetes.io/service-account-token' },
      { annotations: { 'kubernetes.io/service-account.name': 'default' } },
    ),
    'secret-types',
  ],
  ['a snippet', hosted({ 'nginx.ingress.kubernetes.io/server-snippet': 'x' }), 'snippets'],
  [
    'a value that is configuration',
    hosted({ 'nginx.ingress.kubernetes.io/proxy-body-size': '1m;}' }),
    'ingress-annotations',
  ],
  ['every host', ingress({ rules: [rule] }), 'catch-all-hosts'],
  ['a default backend', ingress({ defaultBackend: backend }), 'catch-all-hosts'],
]
const NETWORK = {
  ingressFrom: ['ingress-nginx'],
  ingressRanges: ['203.0.113.0/24'],
  internet: true,
  denied: ['10.0.0.0/8'],
  dns: { namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' }, addresses: ['169.254.20.10'] },
}
const HARMLESS: readonly (readonly [what: string, manifest: object])[] = [
  ['a Deployment', deployment({ volumes: [{ name: 'v', emptyDir: {} }], securityContext: { runAsNonRoot: true } })],
  ['a CronJob', cronJob({})],
  ['a Pod', secured({ capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] } })],
  ['a Service', service({ clusterIP: 'None' })],
  ['a Role and what it reads', role({ apiGroups: [''], resources: ['configmaps', 'roles'], verbs: ['get'] })],
  ['a RoleBinding', binding('Role', 'a')],
  ['an Ingress', hosted({ 'nginx.ingress.kubernetes.io/rewrite-target': '/$2' })],
  ['a Secret', object('v1', 'Secret', { stringData: { a: 'b' } })],
  ...guardsOf(
    { quota: { pods: '20' }, limits: { defaultRequest: { cpu: '50m' }, default: {} }, network: NETWORK },
    NAMESPACE,
  ).map((guard): readonly [string, object] => [`${guard.kind}/${guard.metadata.name}`, guard]),
]

describe.skipIf(cluster === null)(`an API server with argocd/policy${reason}`, () => {
  beforeAll(async () => {
    // Before the policies, and so without the labels that would have Pod Security Admission refuse the same.
    kubectl(['apply', '-f', '-'], JSON.stringify(object('v1', 'Namespace', {}, { name: NAMESPACE })))
    for (const policy of policies()) kubectl(['apply', '-f', '-'], policy)
    // A policy holds a moment after it was applied.
    const all = [...HARMFUL.map(([, manifest]) => manifest), object('v1', 'Namespace', {}, { name: `${PREFIX}b` })]
    await vi.waitFor(() => expect(all.filter((manifest) => refusalOf(manifest) === '')).toEqual([]), {
      timeout: 60_000,
      interval: 500,
    })
  }, 120_000)

  afterAll(() => {
    for (const policy of policies()) kubectl(['delete', '--ignore-not-found', '-f', '-'], policy)
    kubectl(['delete', 'namespace', '--ignore-not-found', '--wait=false', NAMESPACE])
  }, 60_000)

  it('finds no fault with the policies themselves', () => {
    for (const policy of policies()) {
      const { kind, metadata } = JSON.parse(policy)
      if (kind !== POLICIES[0]) continue
      const read = JSON.parse(kubectl(['get', kind, metadata.name, '-o', 'json']))
      expect({ name: metadata.name, warnings: read.status?.typeChecking?.expressionWarnings ?? [] }).toEqual({
        name: metadata.name,
        warnings: [],
      })
    }
  })

  it.each(HARMFUL)('refuses %s', (_, manifest, wanted) => {
    // A server without --allow-privileged says so before it asks any policy.
    const bySetting = wanted === 'privileged' ? '|disallowed by cluster policy' : ''
    expect(refusalOf(manifest)).toMatch(new RegExp(`rules? ([a-z-]+, )?${wanted}[,)]${bySetting}`))
  })

  it('refuses a Namespace that asks for no level, or for a looser one', () => {
    const namespace = (labels: object) => object('v1', 'Namespace', {}, { name: `${PREFIX}b`, labels })
    expect(refusalOf(namespace({}))).toContain('level baseline or restricted')
    expect(refusalOf(namespace({ 'pod-security.kubernetes.io/enforce': 'privileged' }))).toContain('level baseline')
    expect(refusalOf(namespace({ 'pod-security.kubernetes.io/enforce': 'restricted' }))).toBe('')
  })

  it.each(HARMLESS)('takes %s', (_, manifest) => {
    expect(refusalOf(manifest)).toBe('')
  })

  it('asks nothing of other namespaces', () => {
    expect(refusalOf(service({ type: 'NodePort' }), 'default')).toBe('')
    expect(refusalOf(ingress({ rules: [rule] }), 'default')).toBe('')
  })
})
