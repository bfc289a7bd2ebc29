/** What the instance says of what previews may hold and use. */
import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../src/config/config-error.ts'
import { readConfig } from '../../src/config/read-config.ts'
import type { GuardSettings } from '../../src/policy/guards.ts'
import type { PolicySettings } from '../../src/policy/policy.ts'

const ENV = { WESTAGE_GITHUB_PRIVATE_KEY: 'PRIVATE KEY', WESTAGE_WEBHOOK_SECRET: 'hook' }
const YAML = 'publicUrl: https://westage.test\ngithub: { appId: 7 }\ngitops: { url: https://git.test/a.git }\n'
const guardsWith = (namespace: string): GuardSettings =>
  readConfig(`${YAML}namespace: ${namespace}`, ENV).config.namespace
const policyWith = (policy: string): PolicySettings => readConfig(`${YAML}policy: ${policy}`, ENV).config.policy

function faultsOf(yaml: string): readonly string[] {
  try {
    readConfig(`${YAML}${yaml}`, ENV)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.faults.map((fault) => fault.replace(/^westage\.yaml:\d+: /, ''))
    throw error
  }
}

describe('what guards a preview’s namespace', () => {
  it('has a quota, limits and a network of its own where nothing is said', () => {
    expect(guardsWith('{}')).toMatchObject({
      quota: { pods: '40', 'requests.memory': '8Gi', 'services.loadbalancers': '0' },
      limits: { defaultRequest: { cpu: '50m', memory: '64Mi' }, default: { memory: '1Gi' } },
      network: {
        ingressFrom: expect.arrayContaining(['ingress-nginx', 'traefik']),
        ingressRanges: [],
        internet: true,
        dns: { namespace: 'kube-system' },
      },
    })
  })

  it('can each be left out', () => {
    expect(guardsWith('{ quota: null, limits: null, network: null }')).toEqual({
      quota: null,
      limits: null,
      network: null,
    })
  })

  it('can be set in part: the rest stays, and a resource goes by null', () => {
    const { quota, limits, network } = guardsWith(
      '{ quota: { pods: 60, requests.cpu: null }, limits: { default: { cpu: "1" } }, network: { internet: false } }',
    )
    expect(quota).toMatchObject({ pods: '60', 'requests.memory': '8Gi' })
    expect(quota).not.toHaveProperty(['requests.cpu'])
    expect(limits).toEqual({
      defaultRequest: { cpu: '50m', memory: '64Mi' },
      default: { memory: '1Gi', cpu: '1' },
    })
    expect(network).toMatchObject({ internet: false, ingressRanges: [] })
  })

  it.each([
    ['namespace: { quota: { pods: many } }', 'namespace.quota.pods: is not a quantity such as 500m, 2, 64Mi or 1Gi'],
    ['namespace: { quota: { pods: -1 } }', 'namespace.quota.pods: is not a quantity such as 500m, 2, 64Mi or 1Gi'],
    [
      'namespace: { quota: { "a b": 1 } }',
      'namespace.quota["a b"]: is not the name of a resource such as memory or requests.cpu',
    ],
    [
      'namespace: { network: { denied: [10.0.0.0/40] } }',
      'namespace.network.denied[0]: is not a range of addresses such as 10.0.0.0/8',
    ],
    [
      'namespace: { network: { denied: ["::/0"] } }',
      'namespace.network.denied[0]: is every address there is: set internet to false instead',
    ],
    [
      'namespace: { network: { dns: { labels: { a: "b c" } } } }',
      'namespace.network.dns.labels.a: is not the value of a label: at most 63 letters, digits, -, _ and .',
    ],
    [
      'namespace: { limits: { defaultRequest: { memory: 2Gi } } }',
      'namespace.limits.defaultRequest.memory: is more than the default limit, 1Gi',
    ],
  ])('can not be %s', (yaml, fault) => {
    expect(faultsOf(yaml)).toEqual([fault])
  })
})

describe('the policy', () => {
  it('is the standard one without exemptions where nothing is said', () => {
    expect(policyWith('{}')).toEqual({
      profile: 'standard',
      kinds: { allow: [], deny: [] },
      ingressAnnotations: [],
      exemptions: [],
    })
  })

  it('has exemptions of a rule, for an app and an object or for all', () => {
    expect(
      policyWith('{ exemptions: [{ rule: host-path, app: shop, object: Deployment/agent* }, { rule: sysctls }] }'),
    ).toMatchObject({
      exemptions: [
        { rule: 'host-path', app: 'shop', object: 'Deployment/agent*' },
        { rule: 'sysctls', app: null, object: null },
      ],
    })
  })

  it.each([
    ['policy: { profile: srict }', 'policy.profile: is none of strict, standard, trusted; did you mean strict?'],
    [
      'policy: { kinds: { allow: [apps/Deployment] } }',
      'policy.kinds.allow[0]: is not a kind with its group, such as Deployment.apps, or Pod in the core group',
    ],
    [
      'policy: { exemptions: [{ rule: application-kinds }] }',
      'policy.exemptions[0].rule: is a rule that no setting exempts from',
    ],
    [
      'policy: { exemptions: [{ rule: sysctls, object: agent }] }',
      'policy.exemptions[0].object: is not Kind/name; only its end may be *',
    ],
    [
      'policy: { ingressAnnotations: ["*"] }',
      'policy.ingressAnnotations[0]: is not the name of an annotation; only its end may be *',
    ],
  ])('can not be %s', (yaml, fault) => {
    expect(faultsOf(yaml)).toEqual([fault])
  })

  it('that names a rule that is not there is told the one that was meant', () => {
    expect(faultsOf('policy: { exemptions: [{ rule: host-paths }] }')).toEqual([
      expect.stringMatching(
        /^policy\.exemptions\[0\]\.rule: is none of the \d+ that there are; did you mean host-path\?$/,
      ),
    ])
  })
})

describe('what becomes of manifests', () => {
  it.each([
    ['hosts: { tls: stripp }', 'hosts.tls: is neither keep, strip nor a section with secret'],
    [
      'hosts: { tls: { secret: A_b } }',
      'hosts.tls.secret: is not the name of an object: small letters, digits, - and .',
    ],
    ['manifests: { limits: { cpu: 1 core } }', 'manifests.limits.cpu: is not a quantity such as 500m, 2, 64Mi or 1Gi'],
    [
      'manifests: { podTemplates: [{ kind: Worker.example.com, path: spec..template }] }',
      'manifests.podTemplates[0].path: is not a path of keys such as spec.template',
    ],
    ['apps: [{ name: a, repository: b/c, env: { PORT: 80 } }]', 'apps[0].env.PORT: has to be text: put it in quotes'],
    [
      'apps: [{ name: a, repository: b/c, cronJobs: all }]',
      "apps[0].cronJobs: is neither suspend, run nor a list of CronJobs' names",
    ],
  ])('can not be %s', (yaml, fault) => {
    expect(faultsOf(yaml)).toEqual([fault])
  })
})
