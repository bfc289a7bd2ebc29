/** etcd, kube-apiserver, kube-controller-manager and kube-scheduler, with the flags that their `--help` describes. */
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePorts } from './free-ports.ts'
import { partIsReady, startPart } from './parts.ts'
import type { Programs } from './programs.ts'
import { type ClusterState, kubeconfigOf, type Part, writeState } from './state.ts'

/** The API server's own Service has the first of them. */
const SERVICES = '10.96.0.0/16'
/** Many previews at once; the defaults are 20 and 30. */
const FAST_CLIENT = ['--kube-api-qps=200', '--kube-api-burst=400']

/** Starts them, and writes the administrator's kubeconfig; its context's namespace is Argo CD's. */
export async function startControlPlane(state: ClusterState, programs: Programs, signal: AbortSignal): Promise<void> {
  const { folder } = state
  const ports = await freePorts(['etcd', 'etcdPeer', 'apiServer'])
  const pki = join(folder, 'pki')
  await mkdir(pki, { recursive: true })
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  await writeFile(join(pki, 'sa.key'), privateKey.export({ type: 'pkcs1', format: 'pem' }), { mode: 0o600 })
  await writeFile(join(pki, 'sa.pub'), publicKey.export({ type: 'spki', format: 'pem' }))
  const token = randomBytes(24).toString('hex')
  await writeFile(join(pki, 'tokens.csv'), `${token},admin,admin,system:masters\n`, { mode: 0o600 })

  const etcd = etcdPart(programs, folder, ports)
  await startPart(state, etcd)
  await partIsReady(state, etcd, signal)
  const apiServer = apiServerPart(programs, pki, ports)
  await startPart(state, apiServer)
  await partIsReady(state, apiServer, signal)

  const url = `https://127.0.0.1:${ports.apiServer}`
  const certificate = await readFile(join(pki, 'apiserver.crt'), 'utf8')
  state.apiServer = { url, token, certificate }
  writeState(state)
  await writeFile(kubeconfigOf(folder), kubeconfig(state.name, { server: url }, token, certificate), { mode: 0o600 })
  for (const part of [controllerManagerPart(programs, folder, pki), schedulerPart(programs, folder)]) {
    await startPart(state, part)
    await partIsReady(state, part, signal)
  }
}

function etcdPart({ folder: programs }: Programs, folder: string, ports: { etcd: number; etcdPeer: number }): Part {
  const [clients, peers] = [`http://127.0.0.1:${ports.etcd}`, `http://127.0.0.1:${ports.etcdPeer}`]
  return {
    name: 'etcd',
    command: join(programs, 'etcd'),
    args: [
      `--data-dir=${join(folder, 'etcd')}`,
      `--listen-client-urls=${clients}`,
      `--advertise-client-urls=${clients}`,
      `--listen-peer-urls=${peers}`,
      `--initial-advertise-peer-urls=${peers}`,
      `--initial-cluster=default=${peers}`,
      // Nothing of it outlives the cluster, let alone a power cut.
      '--unsafe-no-fsync',
    ],
    env: {},
    readyUrl: `${clients}/health`,
  }
}

function apiServerPart({ folder: programs }: Programs, pki: string, ports: { etcd: number; apiServer: number }): Part {
  return {
    name: 'kube-apiserver',
    command: join(programs, 'kube-apiserver'),
    args: [
      `--etcd-servers=http://127.0.0.1:${ports.etcd}`,
      `--secure-port=${ports.apiServer}`,
      '--bind-address=127.0.0.1',
      '--advertise-address=127.0.0.1',
      // Endpoints may not be in the loopback range.
      '--endpoint-reconciler-type=none',
      `--cert-dir=${pki}`,
      `--service-account-key-file=${join(pki, 'sa.pub')}`,
      `--service-account-signing-key-file=${join(pki, 'sa.key')}`,
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-cluster-ip-range=${SERVICES}`,
      `--token-auth-file=${join(pki, 'tokens.csv')}`,
      '--authorization-mode=RBAC',
      // Off by default, and on in OpenShift: who makes what blocks an owner's deletion must be let do that.
      '--enable-admission-plugins=OwnerReferencesPermissionEnforcement',
      '--kubelet-preferred-address-types=InternalIP',
    ],
    env: {},
    readyUrl: `https://127.0.0.1:${ports.apiServer}/readyz`,
  }
}

const controllerManagerPart = ({ folder: programs }: Programs, folder: string, pki: string): Part => ({
  name: 'kube-controller-manager',
  command: join(programs, 'kube-controller-manager'),
  args: [
    `--kubeconfig=${kubeconfigOf(folder)}`,
    `--service-account-private-key-file=${join(pki, 'sa.key')}`,
    `--root-ca-file=${join(pki, 'apiserver.crt')}`,
    '--controllers=*,-nodeipam,-cloud-node-lifecycle,-service-lb-controller',
    '--leader-elect=false',
    '--secure-port=0',
    // A node that is paused, or played, is not dead.
    '--node-monitor-grace-period=24h',
    ...FAST_CLIENT,
  ],
  env: {},
  readyUrl: null,
})

const schedulerPart = ({ folder: programs }: Programs, folder: string): Part => ({
  name: 'kube-scheduler',
  command: join(programs, 'kube-scheduler'),
  args: [`--kubeconfig=${kubeconfigOf(folder)}`, '--leader-elect=false', '--secure-port=0', ...FAST_CLIENT],
  env: {},
  readyUrl: null,
})

/** YAML is a superset of JSON. Kubernetes: "Organizing Cluster Access Using kubeconfig Files". */
export function kubeconfig(
  name: string,
  address: { readonly server: string; readonly 'tls-server-name'?: string },
  token: string,
  certificate: string,
): string {
  const data = Buffer.from(certificate).toString('base64')
  return JSON.stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name, cluster: { ...address, 'certificate-authority-data': data } }],
      users: [{ name: 'admin', user: { token } }],
      contexts: [{ name, context: { cluster: name, user: 'admin', namespace: 'argocd' } }],
      'current-context': name,
    },
    null,
    2,
  )
}
