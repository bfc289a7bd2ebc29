/** Argo CD's own parts, with the flags that their `--help` describes. */
import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { KubeConfig } from '@kubernetes/client-node'
import { jsonOf, kubernetesGet } from '../../src/adapters/kubernetes/kubernetes-get.ts'
import { until } from '../demo/until.ts'
import { apply } from './apply.ts'
import { ARGOCD_NAMESPACE, argocdObjects } from './argocd-objects.ts'
import type { ArgoCdPrograms } from './argocd-programs.ts'
import { ARGOCD_RELEASES } from './argocd-releases.ts'
import { freePorts } from './free-ports.ts'
import { partIsReady, startPart } from './parts.ts'
import { type ClusterState, kubeconfigOf, type Part, writeState } from './state.ts'

const SERVED_TIMEOUT_MS = 30_000

const NAMES = [
  'redis',
  'repoServer',
  'repoServerMetrics',
  'controllerMetrics',
  'applicationSetWebhook',
  'applicationSetMetrics',
  'applicationSetProbe',
  'server',
  'serverMetrics',
] as const
type Ports = Record<(typeof NAMES)[number], number>

/**
 * @param shield is told the port that application-controller will listen on at every address, before it does
 */
export async function startArgoCd(
  state: ClusterState,
  programs: ArgoCdPrograms,
  shield: (port: number) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const ports = await freePorts(NAMES)
  const webhookSecret = randomBytes(16).toString('hex')
  for (const folder of ['home', 'tmp']) await mkdir(join(state.folder, folder), { recursive: true })
  const redis = redisPart(ports)
  await startPart(state, redis)
  await apply(kubeconfigOf(state.folder), await argocdObjects(programs, webhookSecret))
  await kindsAreServed(kubeconfigOf(state.folder), signal)
  await shield(ports.controllerMetrics)
  const parts = argocdParts(programs, state.folder, ports)
  for (const part of parts) await startPart(state, part)
  state.argocd = {
    version: programs.version,
    serverUrl: `http://127.0.0.1:${ports.server}`,
    applicationSetWebhookUrl: `http://127.0.0.1:${ports.applicationSetWebhook}/api/webhook`,
    webhookSecret,
  }
  writeState(state)
  await Promise.all([redis, ...parts].map((part) => partIsReady(state, part, signal)))
}

/** A kind that was just accepted is served a little later; Argo CD's parts give up where it is not. */
async function kindsAreServed(kubeconfig: string, signal: AbortSignal): Promise<void> {
  const config = new KubeConfig()
  config.loadFromFile(kubeconfig)
  for (const kind of ['applications', 'applicationsets', 'appprojects']) {
    const fault = async () => {
      try {
        const path = `/apis/argoproj.io/v1alpha1/namespaces/${ARGOCD_NAMESPACE}/${kind}`
        await jsonOf(await kubernetesGet(config, path, { limit: '1' }, signal))
        return null
      } catch (error) {
        return String(error)
      }
    }
    await until(`${kind} to be served`, SERVED_TIMEOUT_MS, fault, signal)
  }
}

const redisPart = (ports: Ports): Part => ({
  name: 'redis',
  command: 'redis-server',
  args: ['--bind', '127.0.0.1', '--port', String(ports.redis), '--save', '', '--appendonly', 'no', '--dir', '.'],
  env: { PATH: process.env.PATH ?? '' },
  readyUrl: null,
})

function argocdParts(programs: ArgoCdPrograms, folder: string, ports: Ports): readonly Part[] {
  const part = (name: string, readyUrl: string, args: readonly string[]): Part => ({
    name,
    command: join(programs.folder, 'argocd'),
    args: [...args],
    env: {
      // One binary plays the part that this names.
      ARGOCD_BINARY_NAME: name.startsWith('argocd-') ? name : `argocd-${name}`,
      ARGOCD_FAKE_IN_CLUSTER: 'true',
      ARGOCD_GPG_ENABLED: 'false',
      // Otherwise in /tmp, where that of another cluster's is.
      ARGOCD_ASK_PASS_SOCK: join(folder, 'ask-pass.sock'),
      KUBECONFIG: kubeconfigOf(folder),
      // git, and what Argo CD's image has beside it.
      PATH: `${programs.folder}:${process.env.PATH ?? ''}`,
      HOME: join(folder, 'home'),
      TMPDIR: join(folder, 'tmp'),
    },
    readyUrl,
  })
  const redis = `--redis=127.0.0.1:${ports.redis}`
  const repoServer = [`127.0.0.1:${ports.repoServer}`, '--repo-server-plaintext'] as const
  return [
    part('repo-server', `http://127.0.0.1:${ports.repoServerMetrics}/healthz?full=true`, [
      '--address=127.0.0.1',
      `--port=${ports.repoServer}`,
      '--metrics-address=127.0.0.1',
      `--metrics-port=${ports.repoServerMetrics}`,
      '--disable-tls',
      ...ARGOCD_RELEASES[programs.release].repoServerFlags,
      redis,
    ]),
    part('application-controller', `http://127.0.0.1:${ports.controllerMetrics}/healthz`, [
      ...['--repo-server', ...repoServer],
      `--metrics-port=${ports.controllerMetrics}`,
      redis,
    ]),
    part('applicationset-controller', `http://127.0.0.1:${ports.applicationSetMetrics}/metrics`, [
      ...['--argocd-repo-server', ...repoServer],
      `--webhook-addr=127.0.0.1:${ports.applicationSetWebhook}`,
      `--metrics-addr=127.0.0.1:${ports.applicationSetMetrics}`,
      `--probe-addr=127.0.0.1:${ports.applicationSetProbe}`,
    ]),
    part('argocd-server', `http://127.0.0.1:${ports.server}/healthz`, [
      ...['--repo-server', ...repoServer],
      '--insecure',
      '--address=127.0.0.1',
      `--port=${ports.server}`,
      '--metrics-address=127.0.0.1',
      `--metrics-port=${ports.serverMetrics}`,
      redis,
    ]),
  ]
}
