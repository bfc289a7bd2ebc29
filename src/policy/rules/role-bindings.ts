import { isObject, objectOf, textOf } from '../../manifests/json.ts'
import { groupKindOf } from '../../manifests/manifest.ts'
import { locate } from '../locate.ts'
import { shown } from '../pods.ts'
import { EVERYWHERE } from '../profiles.ts'
import type { Breach, Rule, Subject } from '../rule.ts'

/** Cluster-scoped ones are there only where the instance lets them in. */
const BINDINGS = ['RoleBinding', 'ClusterRoleBinding'].flatMap((kind) => [
  `${kind}.rbac.authorization.k8s.io`,
  `${kind}.authorization.openshift.io`,
])
/** Kubernetes: Using RBAC Authorization, User-facing roles: it reads, and no Secrets. */
const CLUSTER_ROLES = ['view']

export const roleBindings: Rule = {
  name: 'role-bindings',
  why: 'A role that the app does not bring has whatever rights somebody else gives it, today or later.',
  verdicts: EVERYWHERE,
  exemption: 'possible',
  breachesOf: (subject) =>
    BINDINGS.includes(subject.kind) ? [...roleBreaches(subject), ...subjectBreaches(subject)] : [],
}

function roleBreaches({ manifest, bundle }: Subject): readonly Breach[] {
  const ref = objectOf(manifest.roleRef)
  const [kind, name] = [textOf(ref.kind), textOf(ref.name)]
  const isOwn =
    ['Role', 'ClusterRole'].includes(kind) &&
    bundle.some((other) => groupKindOf(other).startsWith(`${kind}.`) && other.metadata.name === name)
  if (isOwn || (kind === 'ClusterRole' && CLUSTER_ROLES.includes(name))) return []
  const called = kind === '' ? shown(manifest.roleRef ?? null) : `${kind}/${name}`
  return [
    { field: 'roleRef', words: `is ${called}: bind a Role that is among the app’s objects, or the ClusterRole view` },
  ]
}

/** Whom people and groups let in is for operators to say; an app's rights are for its own accounts. */
const subjectBreaches = ({ manifest, context }: Subject): readonly Breach[] =>
  locate(manifest, ['subjects', '*']).flatMap(({ field, value }) => {
    const isAccount = isObject(value) && value.kind === 'ServiceAccount'
    const isGroup = isObject(value) && value.name === `system:serviceaccounts:${context.namespace}`
    return isAccount || isGroup
      ? []
      : [
          {
            field,
            words: `is ${shown(objectOf(value).kind ?? value)}: a preview gives rights to its ServiceAccounts only`,
          },
        ]
  })
