import { isObject, listOf, textOf } from '../../manifests/json.ts'
import { below, locate } from '../locate.ts'
import { EVERYWHERE } from '../profiles.ts'
import type { Breach, Rule } from '../rule.ts'

/** Cluster-scoped ones are there only where the instance lets them in. */
const ROLES = ['Role', 'ClusterRole'].flatMap((kind) => [
  `${kind}.rbac.authorization.k8s.io`,
  `${kind}.authorization.openshift.io`,
])
const READING = ['get', 'list', 'watch']
/** Kubernetes: Using RBAC Authorization, Privilege escalation prevention; OpenShift: `use` of security constraints. */
const VERBS = ['escalate', 'bind', 'impersonate', 'use', 'approve', 'sign', 'attest']
/** What decides over the preview's limits and rights, or takes traffic from elsewhere. Reading them is harmless. */
const RESOURCES = [
  'namespaces',
  'resourcequotas',
  'limitranges',
  'networkpolicies',
  'ciliumnetworkpolicies',
  'roles',
  'rolebindings',
  'endpoints',
  'endpointslices',
  'bindings',
  'applications',
  'applicationsets',
  'appprojects',
  'services',
]
/** Whose objects the policy looks at closely, because they reach past a namespace: an app would make them unseen. */
const GROUPS = [
  'networking.k8s.io',
  'gateway.networking.k8s.io',
  'networking.istio.io',
  'security.istio.io',
  'traefik.io',
  'traefik.containo.us',
  'projectcontour.io',
  'route.openshift.io',
  'external-secrets.io',
  'cert-manager.io',
  'externaldns.k8s.io',
]
/** Subresources that hand out rights, choose nodes, or say at which address the API server finds a pod. */
const SUBRESOURCES = ['serviceaccounts/token', 'pods/binding', 'pods/ephemeralcontainers', 'pods/status']

export const roleRules: Rule = {
  name: 'role-rules',
  why: 'An app must not be able to change the limits of its own preview, or to give itself more rights.',
  verdicts: EVERYWHERE,
  exemption: 'possible',
  breachesOf: ({ kind, manifest }) =>
    ROLES.includes(kind)
      ? locate(manifest, ['rules', '*']).flatMap(({ field, value }) =>
          isObject(value) ? ruleBreaches(value, field) : [],
        )
      : [],
}

function ruleBreaches(rule: Parameters<typeof isObject>[0], at: string): readonly Breach[] {
  if (!isObject(rule)) return []
  const verbs = textsOf(rule.verbs)
  const resources = textsOf(rule.resources)
  const wild = ['verbs', 'resources', 'apiGroups', 'nonResourceURLs'].filter((list) =>
    textsOf(rule[list]).some((item) => item.includes('*')),
  )
  const isWriting = verbs.some((verb) => !READING.includes(verb))
  const guarded = resources.filter(
    (resource) => SUBRESOURCES.includes(resource) || RESOURCES.includes(resource.split('/')[0] ?? ''),
  )
  return [
    ...wild.map((list) => ({ field: below(at, list), words: 'has a *: name what the app needs' })),
    ...verbs
      .filter((verb) => VERBS.includes(verb))
      .map((verb) => ({ field: below(at, 'verbs'), words: `has ${verb}: leave it out` })),
    ...(isWriting ? guarded : []).map((resource) => ({
      field: below(at, 'resources'),
      words: `lets the app change ${resource}: leave it out, or allow no more than get, list and watch`,
    })),
    ...(isWriting ? textsOf(rule.apiGroups).filter((group) => GROUPS.includes(group)) : []).map((group) => ({
      field: below(at, 'apiGroups'),
      words: `lets the app make objects of ${group} that nobody has looked at: allow no more than get, list and watch`,
    })),
  ]
}

const textsOf = (value: Parameters<typeof listOf>[0]): readonly string[] =>
  listOf(value).map((item) => textOf(item).toLowerCase())
