/**
 * A cluster by k3d or kind, with the manifests of Argo CD's release. Written by their documentation; where it was
 * written there was no container engine to try it on.
 */
import { runTool } from '../../src/adapters/child-process.ts'
import { ARGOCD_NAMESPACE } from './argocd-objects.ts'
import { argocdVersion } from './argocd-programs.ts'
import type { ArgoCdRelease } from './argocd-releases.ts'
import { freePorts } from './free-ports.ts'
import { partIsReady, startPart } from './parts.ts'
import { type ClusterState, kubeconfigOf, type Part, writeState } from './state.ts'

type Tool = 'k3d' | 'kind'

const STEP_TIMEOUT_MS = 10 * 60_000

/** The one that is there and whose container engine answers, null where there is none. */
export async function engineTool(): Promise<Tool | null> {
  for (const tool of ['k3d', 'kind'] as const) {
    const answers = await run('docker', ['version', '--format', '{{.Server.Version}}'])
      .then(() => run(tool, ['version']))
      .catch(() => null)
    if (answers !== null) return tool
  }
  return null
}

export async function startInEngine(
  state: ClusterState,
  tool: Tool,
  release: ArgoCdRelease | false,
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const kubeconfig = kubeconfigOf(state.folder)
  const kubectl = (...args: string[]) => run('kubectl', ['--kubeconfig', kubeconfig, ...args], signal)
  log(`pods are real, in a cluster made by ${tool}`)
  if (tool === 'kind') {
    await run('kind', ['create', 'cluster', '--name', state.name, '--kubeconfig', kubeconfig, '--wait', '5m'], signal)
  } else {
    // The tests have an ingress of their own.
    const plain = ['--kubeconfig-update-default=false', '--k3s-arg', '--disable=traefik@server:0']
    await run('k3d', ['cluster', 'create', state.name, '--wait', ...plain], signal)
    await run('k3d', ['kubeconfig', 'write', state.name, '--output', kubeconfig], signal)
  }
  await kubectl('create', 'namespace', ARGOCD_NAMESPACE)
  await kubectl('config', 'set-context', '--current', '--namespace', ARGOCD_NAMESPACE)
  if (release === false) return

  const version = await argocdVersion(release)
  const manifests = `https://raw.githubusercontent.com/argoproj/argo-cd/v${version}/manifests/install.yaml`
  await kubectl('apply', '--server-side', '--namespace', ARGOCD_NAMESPACE, '--filename', manifests)
  const plainHttp = JSON.stringify({ data: { 'server.insecure': 'true' } })
  await kubectl('patch', 'configmap', 'argocd-cmd-params-cm', '--type', 'merge', '--patch', plainHttp)
  await kubectl('rollout', 'restart', 'deployment/argocd-server')
  for (const workload of [
    'statefulset/argocd-application-controller',
    'deployment/argocd-repo-server',
    'deployment/argocd-applicationset-controller',
    'deployment/argocd-server',
  ]) {
    await kubectl('rollout', 'status', workload, '--timeout', '5m')
  }
  const ports = await freePorts(['server', 'applicationSet'])
  const server = forward(kubeconfig, 'argocd-server', ports.server, 80, '/healthz')
  const applicationSet = forward(kubeconfig, 'argocd-applicationset-controller', ports.applicationSet, 7000, null)
  for (const part of [server, applicationSet]) {
    await startPart(state, part)
    await partIsReady(state, part, signal)
  }
  state.argocd = {
    version,
    serverUrl: `http://127.0.0.1:${ports.server}`,
    applicationSetWebhookUrl: `http://127.0.0.1:${ports.applicationSet}/api/webhook`,
    webhookSecret: '',
  }
  writeState(state)
}

export async function removeFromEngine(tool: Tool, name: string): Promise<void> {
  if (tool === 'kind') await run('kind', ['delete', 'cluster', '--name', name])
  else await run('k3d', ['cluster', 'delete', name])
}

const forward = (kubeconfig: string, service: string, port: number, remote: number, path: string | null): Part => ({
  name: `forward-${service}`,
  command: 'kubectl',
  args: ['--kubeconfig', kubeconfig, 'port-forward', `service/${service}`, `${port}:${remote}`],
  env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '' },
  readyUrl: path === null ? null : `http://127.0.0.1:${port}${path}`,
})

/** docker, kind and k3d find their engine by the user's own variables. */
async function run(command: string, args: string[], signal = new AbortController().signal): Promise<string> {
  const env: Record<string, string> = {}
  for (const [name, value = ''] of Object.entries(process.env)) {
    if (/^(PATH|HOME|DOCKER_.*|KIND_.*|K3D_.*|https?_proxy|no_proxy)$/i.test(name)) env[name] = value
  }
  return (await runTool({ command, args, cwd: '/', env, timeoutMs: STEP_TIMEOUT_MS, signal })).stdout
}
