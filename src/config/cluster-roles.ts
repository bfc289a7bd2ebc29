/** What each cluster is to an instance, and what WeStage must be let do there: the table of docs/clusters.md. */
import type { ClusterRole, Right } from '../domain/right.ts'
import type { Config } from './schema.ts'

export function clusterRolesOf(config: Config): readonly ClusterRole[] {
  const roles = [argocdRole(config), previewsRole(config), workersRole(config), buildsRole(config)]
  return roles.filter((role) => role !== null)
}

function argocdRole({ argocd: { kubeconfig, context, namespace, nudge } }: Config): ClusterRole {
  const onApplications = (verb: string): Right => right(verb, 'argoproj.io', 'applications', namespace)
  const nudging = [onApplications('patch'), right('patch', 'argoproj.io', 'applicationsets', namespace)]
  return {
    name: 'Argo CD',
    setting: 'argocd.kubeconfig',
    access: { kubeconfig, context },
    rights: [onApplications('list'), onApplications('watch'), ...(nudge.via === 'annotations' ? nudging : [])],
    grantedBy: `argocd/rbac.yaml${nudge.via === 'annotations' ? ' and argocd/nudge-by-annotations' : ''}`,
  }
}

/** null where WeStage has no business with that cluster. */
function previewsRole({ argocd, previews }: Config): ClusterRole | null {
  const access = previewsAccessOf({ argocd, previews })
  if (access === null) return null
  // Every account may, unless somebody took it away (Kubernetes: "Using RBAC Authorization", API discovery roles).
  const rights = ['/api', '/apis'].map((path) => ({ verb: 'get', path }))
  const setting = previews.kubeconfig === null ? 'argocd.kubeconfig' : 'previews.kubeconfig'
  return { name: 'previews', setting, access, rights, grantedBy: 'the ClusterRole system:discovery' }
}

/** How the cluster is asked that previews run in; null where it is not: a cluster of Argo CD's, and no kubeconfig of it. */
export function previewsAccessOf({
  argocd: { destination, kubeconfig, context },
  previews,
}: Pick<Config, 'argocd' | 'previews'>): ClusterRole['access'] | null {
  if (previews.kubeconfig !== null) return previews
  const isOwn = destination.name === 'in-cluster' || destination.server === 'https://kubernetes.default.svc'
  return isOwn ? { kubeconfig, context } : null
}

/** null where workers are no Jobs. */
const workersRole = ({ worker: { run, kubernetes } }: Config): ClusterRole | null =>
  run === 'kubernetes' && kubernetes !== null ? jobsRole('workers', 'worker.kubernetes', kubernetes) : null

/** null where builds are no Jobs. */
const buildsRole = ({ builder, buildkit: { job } }: Config): ClusterRole | null =>
  builder === 'buildkit' && job !== null ? jobsRole('builds', 'buildkit.job', job) : null

const jobsRole = (
  name: string,
  section: string,
  { kubeconfig, context, namespace }: ClusterRole['access'] & { readonly namespace: string },
): ClusterRole => ({
  name,
  setting: `${section}.kubeconfig`,
  access: { kubeconfig, context },
  rights: rightsOfJobs(namespace),
  grantedBy: 'argocd/jobs',
})

/** What Jobs need in their namespace, whatever they are for. */
export function rightsOfJobs(namespace: string): readonly Right[] {
  const onJobs = ['create', 'get', 'list', 'watch', 'patch', 'delete'].map((verb) =>
    right(verb, 'batch', 'jobs', namespace),
  )
  const onPods = ['list', 'watch'].map((verb) => right(verb, '', 'pods', namespace))
  return [...onJobs, right('create', '', 'secrets', namespace), ...onPods, right('get', '', 'pods/log', namespace)]
}

const right = (verb: string, group: string, resource: string, namespace: string): Right => ({
  ...{ verb, group, resource, namespace },
})
