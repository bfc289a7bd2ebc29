import { describe, expect, it } from 'vitest'
import { checkFolder } from '../../src/manifests/check-folder.ts'
import { isCalledGuard } from '../../src/manifests/drop-namespace-rules.ts'
import { type Json, listOf, objectOf, valuesAt } from '../../src/manifests/json.ts'
import type { Manifest } from '../../src/manifests/manifest.ts'
import { printPreview } from '../../src/manifests/preview-file.ts'
import { printManifest } from '../../src/manifests/print.ts'
import { waveOf } from '../../src/manifests/sync-wave.ts'
import { type GuardSettings, guardsOf, METADATA_RANGES, type NetworkSettings } from '../../src/policy/guards.ts'
import { namespaceLabelsOf } from '../../src/policy/profiles.ts'
import { previewOf } from '../manifests/preview-sample.ts'
import { NAMESPACE } from './sample.ts'

const NETWORK: NetworkSettings = {
  ingressFrom: ['ingress-nginx', 'traefik'],
  ingressRanges: [],
  internet: true,
  denied: ['10.0.0.0/8', 'fc00::/7'],
  dns: { namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' }, addresses: ['169.254.20.10'] },
}
const ALL: GuardSettings = {
  quota: { 'requests.cpu': '2', 'limits.memory': '4Gi', pods: '20' },
  limits: { defaultRequest: { cpu: '50m' }, default: { memory: '512Mi' } },
  network: NETWORK,
}
const guards = (changes: Partial<GuardSettings> = {}) => guardsOf({ ...ALL, ...changes }, NAMESPACE)
const network = (changes: Partial<NetworkSettings>) => guards({ network: { ...NETWORK, ...changes } })
/** Who may come in or be reached, rule by rule. */
const rulesOf = (manifests: readonly Manifest[], direction: 'ingress' | 'egress'): readonly Json[] => {
  const policies = manifests.filter(({ kind }) => kind === 'NetworkPolicy')
  expect(policies).toHaveLength(1)
  return valuesAt(policies[0], ['spec', direction, '*'])
}
const WITHIN = [{ podSelector: {} }]
const DNS = {
  to: [
    {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
      podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
    },
    { ipBlock: { cidr: '169.254.20.10/32' } },
  ],
  ports: [
    { protocol: 'UDP', port: 53 },
    { protocol: 'TCP', port: 53 },
  ],
}
const internetBlocks = (manifests: readonly Manifest[]): readonly Json[] =>
  rulesOf(manifests, 'egress')
    .slice(2)
    .flatMap((rule) => valuesAt(rule, ['to', '*', 'ipBlock']))

describe('guards', () => {
  it('are in the preview’s namespace, called westage, and there before anything else', () => {
    for (const guard of guards()) {
      expect(guard.metadata.namespace).toBe(NAMESPACE)
      expect(isCalledGuard(guard)).toBe(true)
      expect(waveOf(guard)).toBe(-100)
    }
  })

  it('limit what the preview uses and what a container gets that says nothing', () => {
    expect(guards({ network: null })).toMatchObject([
      { kind: 'ResourceQuota', spec: { hard: { 'requests.cpu': '2', 'limits.memory': '4Gi', pods: '20' } } },
      {
        kind: 'LimitRange',
        spec: { limits: [{ type: 'Container', defaultRequest: { cpu: '50m' }, default: { memory: '512Mi' } }] },
      },
    ])
  })

  it('are none where the settings want none', () => {
    expect(guardsOf({ quota: null, limits: null, network: null }, NAMESPACE)).toEqual([])
  })

  it('are no fault in the GitOps repo, whereas the same under another name is one', () => {
    const faultsOf = (manifest: Manifest) =>
      checkFolder({
        path: 'previews/shop/pr-7',
        app: 'shop',
        pull: 7,
        preview: printPreview(previewOf()),
        manifests: new Map([['guard.yaml', printManifest(manifest)]]),
      }).faults.filter(({ path, words }) => path.endsWith('guard.yaml') && words.includes('sets rules'))
    const renamed = (guard: Manifest): Manifest => ({ ...guard, metadata: { ...guard.metadata, name: 'westages-own' } })
    expect(guards().flatMap(faultsOf)).toEqual([])
    expect(guards().map(renamed).flatMap(faultsOf)).toHaveLength(guards().length)
  })
})

describe('a preview’s network', () => {
  it('is closed for every pod but for what is opened', () => {
    const closed = network({ ingressFrom: [], internet: false }).find(({ kind }) => kind === 'NetworkPolicy')
    expect(closed?.spec).toEqual({
      podSelector: {},
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ from: WITHIN }],
      egress: [{ to: WITHIN }, DNS],
    })
  })

  it('is open within the namespace, and reaches the cluster’s DNS and its cache on the node', () => {
    expect(rulesOf(guards(), 'ingress')[0]).toEqual({ from: WITHIN })
    expect(rulesOf(guards(), 'egress').slice(0, 2)).toEqual([{ to: WITHIN }, DNS])
  })

  it('is reached from the ingress controllers’ namespaces and from ranges that are set', () => {
    expect(rulesOf(guards(), 'ingress').slice(1)).toEqual([
      {
        from: ['ingress-nginx', 'traefik'].map((name) => ({
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } },
        })),
      },
    ])
    const ranges = network({ ingressFrom: [], ingressRanges: ['10.0.0.0/24'] })
    expect(rulesOf(ranges, 'ingress').slice(1)).toEqual([{ from: [{ ipBlock: { cidr: '10.0.0.0/24' } }] }])
  })

  it('reaches the Internet by setting only', () => {
    expect(internetBlocks(network({ internet: false }))).toEqual([])
    expect(internetBlocks(network({ internet: true }))).not.toEqual([])
  })

  it('has no block of a family of which everything is denied, and no rule where nothing is left', () => {
    const families = (denied: readonly string[]) =>
      internetBlocks(network({ denied })).map((block) => objectOf(block).cidr)
    expect(families(['0.0.0.0/0'])).toEqual(['::/0'])
    expect(rulesOf(network({ denied: ['0.0.0.0/0', '::/0'] }), 'egress')).toHaveLength(2)
  })

  it.each([[[]], [['10.0.0.0/8', 'fc00::/7']]])(
    'reaches no metadata address, whatever else is denied: %j',
    (denied) => {
      const excepted = internetBlocks(network({ denied })).flatMap((block) => listOf(objectOf(block).except))
      expect(excepted).toEqual(expect.arrayContaining([...METADATA_RANGES, ...denied]))
      expect(new Set(excepted).size).toBe(excepted.length)
    },
  )

  it('has exceptions of each family in the block of that family', () => {
    const blocks = internetBlocks(guards())
    const isOfFamily = (block: Json) =>
      listOf(objectOf(block).except).every(
        (range) => String(range).includes(':') === String(objectOf(block).cidr).includes(':'),
      )
    expect(blocks).toHaveLength(2)
    expect(blocks.every(isOfFamily)).toBe(true)
  })
})

describe('Pod Security Admission', () => {
  it('is asked for the level of the profile', () => {
    const enforced = (['strict', 'standard', 'trusted'] as const).map(
      (profile) => namespaceLabelsOf(profile)['pod-security.kubernetes.io/enforce'],
    )
    expect(enforced).toEqual(['restricted', 'baseline', 'privileged'])
  })
})
