/** What is asked and told of Argo CD and its cluster, as the configuration has it: a part of what main.ts puts together. */
import { clusterKinds } from './adapters/argocd/cluster-kinds.ts'
import { nudgeArgoCd } from './adapters/argocd/nudge.ts'
import { nudgeByAnnotations } from './adapters/argocd/nudge-annotations.ts'
import { nudgeByWebhook } from './adapters/argocd/nudge-webhook.ts'
import { argocdServer } from './adapters/argocd/server.ts'
import { kubeConfigOf } from './adapters/kubernetes/kube-config.ts'
import type { Logger } from './adapters/runs/redacted-logger.ts'
import { webhookOf } from './config/argocd.ts'
import { previewsAccessOf } from './config/cluster-roles.ts'
import type { Config } from './config/schema.ts'
import type { Secrets } from './config/secrets.ts'
import type { Clock, Cluster, Nudge, Resources } from './ports.ts'

/** Only where WeStage knows how to ask the cluster that previews run in. */
export function clusterOf(config: Config, now: Clock['now'], log: Logger): Cluster {
  const access = previewsAccessOf(config)
  if (access === null) return { kinds: async () => null }
  return clusterKinds({
    config: kubeConfigOf(access.kubeconfig, access.context),
    now,
    log: (level, line) => log(level, line, { source: 'kubernetes' }),
  })
}

/** null where an Application's own word has to do. */
export async function resourcesOf(
  { argocd: { server, namespace } }: Config,
  { argocdToken: token }: Secrets,
  log: Logger,
): Promise<Resources | null> {
  if (server === null || token === null) return null
  return argocdServer({ ...server, token, namespace, log: (level, line) => log(level, line, { source: 'argocd' }) })
}

/** null where Argo CD is left to its own poll. */
export function nudgeOf(
  { argocd, gitops, instance }: Config,
  { argocdWebhookSecret: secret }: Secrets,
  log: Logger,
  signal: AbortSignal,
): Nudge | null {
  const { via, applicationSet } = argocd.nudge
  const server = argocd.nudge.server ?? (argocd.server === null ? null : webhookOf(argocd.server.url))
  const common = { log: (level: 'info' | 'warn', line: string) => log(level, line, { source: 'argocd' }), signal }
  if (via === 'annotations') {
    const config = kubeConfigOf(argocd.kubeconfig, argocd.context)
    const { namespace } = argocd
    return nudgeArgoCd({ ...common, way: nudgeByAnnotations({ config, namespace, instance }) })
  }
  if (via === 'none' || server === null || applicationSet === null || secret === null) return null
  const repo = { gitUrl: gitops.url, branch: gitops.branch }
  const caFile = argocd.server?.caFile ?? null
  return nudgeArgoCd({ ...common, way: nudgeByWebhook({ server, applicationSet, secret, caFile, ...repo }) })
}
