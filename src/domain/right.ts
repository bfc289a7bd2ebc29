/** What WeStage must be let do in a cluster, by the roles that clusters have for it. */

/** Something of Kubernetes' API (Kubernetes: "Authorization Overview", request attributes). */
export type Right =
  | {
      readonly verb: string
      /** '' for the core group */
      readonly group: string
      /** `pods`, or with its subresource `pods/log` */
      readonly resource: string
      readonly namespace: string
    }
  | { readonly verb: string; readonly path: string }

/** What a cluster is to an instance. One cluster can be all of them. */
export interface ClusterRole {
  /** `Argo CD`, `previews`: what errors begin with */
  readonly name: string
  /** The setting that says where it is. */
  readonly setting: string
  /** How it is reached, see the setting. */
  readonly access: { readonly kubeconfig: string | null; readonly context: string | null }
  readonly rights: readonly Right[]
  /** The manifests that grant them. */
  readonly grantedBy: string
}

/** `list applications.argoproj.io in namespace argocd` */
export function wordsOfRight(right: Right): string {
  if ('path' in right) return `${right.verb} ${right.path}`
  const { verb, group, resource, namespace } = right
  const [kind = '', subresource] = resource.split('/')
  const named = `${kind}${group === '' ? '' : `.${group}`}${subresource === undefined ? '' : `/${subresource}`}`
  return `${verb} ${named} in namespace ${namespace}`
}
