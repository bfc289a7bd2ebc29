import { pathOf } from '../manifests/json.ts'
import type { TargetRules } from '../manifests/target.ts'
import type { App } from './apps.ts'
import type { Config } from './schema.ts'

/** How an app's manifests are made a preview's, by what the instance says of all apps and of this one. */
export function rulesOf({ hosts, manifests }: Pick<Config, 'hosts' | 'manifests'>, app: App): TargetRules {
  const { limits } = manifests
  return {
    hosts: {
      template: hosts.template,
      scheme: hosts.scheme,
      port: hosts.port,
      wildcards: hosts.wildcards,
      tls: hosts.tls,
      exposed: null,
      isFollowed: app.followHosts,
    },
    env: Object.entries(app.env).map(([name, value]) => ({ name, value })),
    formerNamespaces: app.namespaces,
    podTemplates: new Map(manifests.podTemplates.map(({ kind, path }) => [kind, pathOf(path)])),
    size: { replicasMax: limits.replicas, cpuRequestMax: limits.cpu, memoryRequestMax: limits.memory, replicas: {} },
    cronJobs: cronJobsOf(app.cronJobs ?? manifests.cronJobs),
    clusterScoped: manifests.clusterScoped,
  }
}

function cronJobsOf(said: NonNullable<App['cronJobs']>): TargetRules['cronJobs'] {
  if (said === 'run') return 'all'
  return said === 'suspend' ? [] : said
}
