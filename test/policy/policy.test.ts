import { describe, expect, it } from 'vitest'
import { Terminal } from '../../src/domain/errors.ts'
import { enforce, findingsOf, isExemptible, type PolicyContext, ruleNames } from '../../src/policy/policy.ts'
import { manifestsOf } from '../manifests/sample.ts'
import { contextOf, NAMESPACE, rulesAgainst } from './sample.ts'

const PRIVILEGED = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  template:
    spec:
      automountServiceAccountToken: false
      hostPID: true
      containers:
        - { name: web, image: shop, securityContext: { privileged: true } }
`
const secret = `
apiVersion: v1
kind: Secret
metadata: { name: db }
stringData: { password: hunter2 }
`
const ofKind = (apiVersion: string, kind: string, rest: object = {}) =>
  manifestsOf(JSON.stringify({ apiVersion, kind, metadata: { name: 'a' }, ...rest }))

function refusalOf(yaml: string, context: PolicyContext): Terminal {
  try {
    enforce(manifestsOf(yaml), context)
  } catch (error) {
    if (error instanceof Terminal) return error
  }
  throw new Error('nothing was refused')
}

describe('a refusal', () => {
  it('names object, field and rule, all at once, and says how to ask for an exemption', () => {
    const refusal = refusalOf(PRIVILEGED, contextOf())
    expect(refusal.whose).toBe('author')
    expect(refusal.details).toEqual([
      'Deployment/web: spec.template.spec.containers[web].securityContext.privileged: is true, and a privileged ' +
        'container owns its node: leave it out (rule privileged)',
      'Deployment/web: spec.template.spec.hostPID: is true: leave it out, a preview’s pods have their own ' +
        '(rule host-namespaces)',
    ])
    expect(refusal.message).toBe(
      'the policy (profile standard) does not permit 2 things, each told below: rules ' +
        'privileged, host-namespaces. Whoever operates this instance can exempt an object by an entry such as ' +
        '{ rule: privileged, app: shop, object: Deployment/web } in policy.exemptions of westage.yaml.',
    )
  })

  it('of one thing says it in one sentence', () => {
    const refusal = refusalOf(PRIVILEGED.replace('hostPID: true', ''), contextOf())
    expect(refusal.message).toContain('does not permit this: Deployment/web: spec.template.spec.containers[web]')
  })

  it('tells fifty things and counts the rest', () => {
    const many = Array.from({ length: 70 }, (_, at) => PRIVILEGED.replace('name: web }', `name: web${at} }`)).join(
      '---',
    )
    const refusal = refusalOf(many, contextOf())
    expect(refusal.details).toHaveLength(51)
    expect(refusal.details.at(-1)).toBe('and 90 more')
    expect(refusal.message).toContain('does not permit 140 things')
  })

  it('says which rules no setting takes off', () => {
    const skipped = ofKind('v1', 'ConfigMap', { data: { a: '+argocd:skip-file-rendering' } })
    expect(() => enforce(skipped, contextOf())).toThrow('No setting exempts from these rules.')
  })

  it('is as short where an author gave something a name of a megabyte', () => {
    const refusal = refusalOf(PRIVILEGED.replace('{ name: web,', `{ name: ${'w'.repeat(1_000_000)},`), contextOf())
    expect(refusal.details[0]).toContain('spec.template.spec.containers[0].securityContext.privileged')
  })

  it('shows no text of a Secret', () => {
    expect(refusalOf(secret, contextOf({ profile: 'strict' })).message).not.toContain('hunter2')
  })
})

describe('an exemption', () => {
  const exempt = (rule: string, app: string | null, object: string | null) =>
    rulesAgainst(manifestsOf(PRIVILEGED), contextOf({ exemptions: [{ rule, app, object }] }))

  it.each([
    ['of the object', 'shop', 'Deployment/web'],
    ['of objects by the start of their names', 'shop', 'Deployment/w*'],
    ['of the whole app', 'shop', null],
    ['of every app', null, null],
  ])('%s takes off that rule and no other', (_, app, object) => {
    expect(exempt('privileged', app, object)).toEqual(['host-namespaces'])
  })

  it.each([
    ['another object', 'shop', 'Deployment/worker'],
    ['another kind', 'shop', 'StatefulSet/web'],
    ['a longer name', 'shop', 'Deployment/web2'],
    ['another app', 'cart', 'Deployment/web'],
  ])('of %s changes nothing', (_, app, object) => {
    expect(exempt('privileged', app, object)).toEqual(['host-namespaces', 'privileged'])
  })

  it('is not there for what would reach past the preview', () => {
    const never = ruleNames.filter((name) => !isExemptible(name))
    expect(never.toSorted()).toEqual([
      'application-kinds',
      'argocd-annotations',
      'deletion-blockers',
      'embedded-lists',
      'malformed',
      'namespace-rules',
      'own-namespace',
      'skip-text',
      'snippets',
    ])
    const exemptions = never.map((rule) => ({ rule, app: null, object: null }))
    const application = ofKind('argoproj.io/v1alpha1', 'Application')
    expect(rulesAgainst(application, contextOf({ profile: 'trusted', exemptions }))).toEqual(['application-kinds'])
  })

  it('can be set for no rule that there is not', () => {
    expect(isExemptible('priviledged')).toBe(false)
  })
})

describe('kinds', () => {
  const worker = () => ofKind('example.com/v1', 'Worker', { spec: { template: { spec: { hostPID: true } } } })

  it('that nobody knows are refused with the setting that permits them', () => {
    const [finding] = findingsOf(worker(), contextOf()).refused
    expect(finding).toMatchObject({ object: 'Worker/a', field: '', rule: 'kinds' })
    expect(finding?.words).toContain('policy.kinds.allow permits it')
    const allowed = contextOf({ kinds: { allow: ['Worker.example.com'], deny: [] } })
    expect(rulesAgainst(worker(), allowed)).toEqual([])
  })

  it('with a pod template at a configured path have it checked', () => {
    const context = contextOf(
      { kinds: { allow: ['Worker.example.com'], deny: [] } },
      { podTemplates: new Map([['Worker.example.com', ['spec', 'template']]]) },
    )
    expect(rulesAgainst(worker(), context)).toContain('host-namespaces')
  })

  it('can be denied over the profile’s list and over what is allowed', () => {
    const kinds = { allow: ['Job.batch'], deny: ['Job.batch'] }
    expect(rulesAgainst(ofKind('batch/v1', 'Job'), contextOf({ kinds }))).toEqual(['kinds'])
  })

  it('that bring what nobody has looked at are not trusted either', () => {
    const release = ofKind('helm.toolkit.fluxcd.io/v2', 'HelmRelease')
    expect(rulesAgainst(release, contextOf({ profile: 'trusted' }))).toEqual(['kinds'])
    expect(rulesAgainst(worker(), contextOf({ profile: 'trusted' }))).toEqual([])
  })

  it('of Argo CD’s applications can not be allowed', () => {
    const kinds = { allow: ['Application.argoproj.io'], deny: [] }
    const application = ofKind('argoproj.io/v1alpha1', 'Application')
    expect(rulesAgainst(application, contextOf({ kinds }))).toEqual(['application-kinds'])
  })

  it('outside of namespaces need to be allowed and to have the preview’s name', () => {
    const role = (name: string) =>
      manifestsOf(`{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: ${name}}}`)
    const context = contextOf({ kinds: { allow: ['StorageClass.storage.k8s.io'], deny: [] } })
    expect(rulesAgainst(role('fast'), context)).toEqual(['cluster-scoped'])
    expect(rulesAgainst(role(`${NAMESPACE}.fast`), context)).toEqual([])
    expect(rulesAgainst(role(`${NAMESPACE}.fast`), contextOf())).toEqual(['cluster-scoped'])
  })
})

describe('the preview’s own', () => {
  const namespace = (metadata: object) => manifestsOf(JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata }))

  it('Namespace passes with WeStage’s labels and those of its profile', () => {
    const labels = { 'westage.dev/app': 'shop', 'pod-security.kubernetes.io/enforce': 'baseline' }
    expect(rulesAgainst(namespace({ name: NAMESPACE, labels }), contextOf())).toEqual([])
  })

  it.each([
    ['another name', { name: 'production' }],
    ['a looser level', { name: NAMESPACE, labels: { 'pod-security.kubernetes.io/enforce': 'privileged' } }],
    ['a label of somebody else', { name: NAMESPACE, labels: { 'istio-injection': 'enabled' } }],
    ['an annotation of somebody else', { name: NAMESPACE, annotations: { 'openshift.io/sa.scc.uid-range': '0/1' } }],
  ])('Namespace with %s does not', (_, metadata) => {
    expect(rulesAgainst(namespace(metadata), contextOf())).toEqual(['cluster-scoped'])
  })

  it('namespace is the only one that an object may be in', () => {
    const inside = (name: string) =>
      manifestsOf(`{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: ${name}}}`)
    expect(rulesAgainst(inside('kube-system'), contextOf({ profile: 'trusted' }))).toEqual(['own-namespace'])
    expect(rulesAgainst(inside(NAMESPACE), contextOf())).toEqual([])
  })

  it('service accounts are those of the app and those beside it', () => {
    const pod = ofKind('v1', 'Pod', { spec: { serviceAccountName: 'runner', automountServiceAccountToken: false } })
    const account = manifestsOf('{apiVersion: v1, kind: ServiceAccount, metadata: {name: runner}}')
    expect(rulesAgainst(pod, contextOf())).toEqual(['service-accounts'])
    expect(rulesAgainst([...pod, ...account], contextOf())).toEqual([])
    expect(rulesAgainst(pod, contextOf({}, { beside: account }))).toEqual([])
  })

  it('roles may be bound, and the ClusterRole view', () => {
    const binding = (kind: string, name: string) =>
      ofKind('rbac.authorization.k8s.io/v1', 'RoleBinding', {
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name },
        subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: NAMESPACE }],
      })
    const role = manifestsOf('{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: reader}}')
    expect(rulesAgainst([...binding('Role', 'reader'), ...role], contextOf())).toEqual([])
    expect(rulesAgainst(binding('ClusterRole', 'view'), contextOf())).toEqual([])
    expect(rulesAgainst(binding('Role', 'reader'), contextOf())).toEqual(['role-bindings'])
    expect(rulesAgainst(binding('Role', 'view'), contextOf())).toEqual(['role-bindings'])
  })
})

describe('a Secret in the clear', () => {
  it('passes standard with a word in the Check, is refused in strict and passes trusted', () => {
    expect(enforce(manifestsOf(secret), contextOf())).toMatchObject([
      { object: 'Secret/db', field: 'stringData', rule: 'clear-secrets' },
    ])
    expect(rulesAgainst(manifestsOf(secret), contextOf({ profile: 'strict' }))).toEqual(['clear-secrets'])
    expect(enforce(manifestsOf(secret), contextOf({ profile: 'trusted' }))).toEqual([])
  })

  it('that holds nothing is none', () => {
    expect(enforce(ofKind('v1', 'Secret', { data: {} }), contextOf())).toEqual([])
  })
})

describe('a token', () => {
  const pod = (spec: object) => ofKind('v1', 'Pod', { spec: { containers: [], ...spec } })

  it('passes standard where it is asked for, and not where nothing is said', () => {
    expect(rulesAgainst(pod({ automountServiceAccountToken: true }), contextOf())).toEqual([])
    expect(rulesAgainst(pod({}), contextOf())).toEqual(['token-mounts'])
    const account = manifestsOf(
      '{apiVersion: v1, kind: ServiceAccount, metadata: {name: runner}, automountServiceAccountToken: true}',
    )
    expect(rulesAgainst([...pod({ serviceAccountName: 'runner' }), ...account], contextOf())).toEqual([])
  })
})

describe('annotations of an Ingress', () => {
  const ingress = (annotations: object) =>
    manifestsOf(
      JSON.stringify({
        apiVersion: 'networking.k8s.io/v1',
        kind: 'Ingress',
        metadata: { name: 'a', annotations },
        spec: { rules: [{ host: 'a.example.com' }] },
      }),
    )

  it.each([
    { 'nginx.ingress.kubernetes.io/rewrite-target': '/$2' },
    { 'nginx.ingress.kubernetes.io/cors-allow-origin': 'https://*.example.com' },
    { 'nginx.ingress.kubernetes.io/auth-tls-secret': `${NAMESPACE}/ca` },
    { 'cert-manager.io/cluster-issuer': 'letsencrypt' },
    { 'alb.ingress.kubernetes.io/listen-ports': '[{"HTTP": 80}, {"HTTPS": 443}]' },
    { 'traefik.ingress.kubernetes.io/router.middlewares': `${NAMESPACE}-auth@kubernetescrd,compress@file` },
    { owner: 'team; of {shop}' },
    { 'argocd.argoproj.io/sync-wave': '-3' },
  ])('pass where they serve the app’s own hosts: %j', (annotations) => {
    const auth = ofKind('traefik.io/v1alpha1', 'Middleware').map((one) => ({ ...one, metadata: { name: 'auth' } }))
    expect(rulesAgainst([...ingress(annotations), ...auth], contextOf())).toEqual([])
  })

  it('pass by setting, by name or by their start, but for snippets', () => {
    const annotations = { 'example.com/one': 'x', 'example.org/two': 'y' }
    const context = contextOf({ ingressAnnotations: ['example.com/one', 'example.org/*'] })
    expect(rulesAgainst(ingress(annotations), contextOf())).toEqual(['ingress-annotations'])
    expect(rulesAgainst(ingress(annotations), context)).toEqual([])
    const all = contextOf({ profile: 'trusted', ingressAnnotations: ['*', 'nginx.ingress.kubernetes.io/*'] })
    expect(rulesAgainst(ingress({ 'nginx.ingress.kubernetes.io/server-snippet': '' }), all)).toEqual(['snippets'])
  })

  it('that are permitted have no value that breaks out of a configuration', () => {
    const context = contextOf({ ingressAnnotations: ['example.com/*'] })
    expect(rulesAgainst(ingress({ 'example.com/size': '1m;\n}' }), context)).toEqual(['ingress-annotations'])
  })
})

describe('what apps do every day', () => {
  it.each([
    [
      'a path that is a regular expression',
      'networking.k8s.io/v1',
      'Ingress',
      {
        rules: [
          { host: 'a.example.com', http: { paths: [{ path: '/api(/|$)(.*)' }, { path: '/[a-z]{2,4}/\\d{2}' }] } },
        ],
      },
    ],
    [
      'an hour to end in',
      'apps/v1',
      'Deployment',
      {
        template: { spec: { terminationGracePeriodSeconds: 3600, automountServiceAccountToken: false } },
      },
    ],
    [
      'metrics at another port',
      'monitoring.coreos.com/v1',
      'PodMonitor',
      {
        podMetricsEndpoints: [
          {
            relabelings: [{ sourceLabels: ['__address__', 'port'], targetLabel: '__address__', replacement: '$1:$2' }],
          },
        ],
      },
    ],
    [
      'a middleware of Traefik’s file, and one of its own',
      'traefik.io/v1alpha1',
      'IngressRoute',
      {
        routes: [
          {
            match: 'Host(`a.example.com`)',
            middlewares: [{ name: 'compress@file' }, { name: 'auth' }, { name: `${NAMESPACE}-a@kubernetescrd` }],
            services: [{ name: 'web', port: 80 }],
          },
        ],
      },
    ],
    [
      'a Secret out of the store of its namespace',
      'external-secrets.io/v1',
      'ExternalSecret',
      {
        secretStoreRef: { name: 'store', kind: 'SecretStore' },
        target: { template: { type: 'kubernetes.io/dockerconfigjson' } },
      },
    ],
  ])('passes: %s', (_, apiVersion, kind, spec) => {
    expect(rulesAgainst(ofKind(apiVersion, kind, { spec }), contextOf())).toEqual([])
  })
})

describe('a mesh', () => {
  it('may be told of the preview’s own, and of other hosts where it is kept to the namespace', () => {
    const rule = (spec: object) => ofKind('networking.istio.io/v1', 'DestinationRule', { spec })
    expect(rulesAgainst(rule({ host: 'cart' }), contextOf())).toEqual([])
    expect(rulesAgainst(rule({ host: `cart.${NAMESPACE}.svc.cluster.local` }), contextOf())).toEqual([])
    expect(rulesAgainst(rule({ host: 'api.bank.example', exportTo: ['.'] }), contextOf())).toEqual([])
    expect(rulesAgainst(rule({ host: 'api.bank.example', exportTo: ['.', '*'] }), contextOf())).toEqual([
      'mesh-exports',
    ])
  })
})

describe('a route', () => {
  const route = (spec: object) => ofKind('gateway.networking.k8s.io/v1', 'HTTPRoute', { spec })

  it('may attach to a Gateway of another namespace by its own hosts, but not under strict', () => {
    const shared = route({ hostnames: ['a.example.com'], parentRefs: [{ name: 'public', namespace: 'infra' }] })
    expect(rulesAgainst(shared, contextOf())).toEqual([])
    expect(rulesAgainst(shared, contextOf({ profile: 'strict' }))).toEqual(['shared-gateways'])
  })

  it('needs no hosts at a Gateway of its own', () => {
    const own = ofKind('gateway.networking.k8s.io/v1', 'Gateway', { spec: { gatewayClassName: 'a' } })
    expect(rulesAgainst([...route({ parentRefs: [{ name: 'a' }] }), ...own], contextOf())).toEqual([])
    expect(rulesAgainst(route({ parentRefs: [{ name: 'a' }] }), contextOf())).toEqual(['catch-all-hosts'])
    const shared = route({ parentRefs: [{ name: 'a', namespace: 'infra' }] })
    expect(rulesAgainst([...shared, ...own], contextOf())).toEqual(['catch-all-hosts'])
    const named = ofKind('gateway.networking.k8s.io/v1', 'TLSRoute', { spec: { hostnames: ['a.example.com'] } })
    expect(rulesAgainst([...route({ parentRefs: [{ name: 'a' }] }), ...named], contextOf())).toEqual([
      'catch-all-hosts',
    ])
  })
})
