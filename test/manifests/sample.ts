import { bundleOf } from '../../src/manifests/bundle.ts'
import { type Additions, composed } from '../../src/manifests/compose.ts'
import type { Manifest } from '../../src/manifests/manifest.ts'
import { parseManifests } from '../../src/manifests/parse.ts'
import type { HostRules, Target, TargetRules } from '../../src/manifests/target.ts'
import type { GuardSettings } from '../../src/policy/guards.ts'
import type { PolicySettings } from '../../src/policy/rule.ts'
import type { AppChoices } from '../../src/settings/app-file-schema.ts'

export const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`
export const BUILT = { repository: 'registry.test/previews/shop', digest: DIGEST }

/** What an instance sets where its configuration says nothing. */
export const RULES: TargetRules = {
  hosts: {
    template: '{slug}-{host}',
    scheme: 'auto',
    port: null,
    wildcards: 'refuse',
    tls: 'keep',
    exposed: null,
    isFollowed: false,
  },
  env: [],
  formerNamespaces: [],
  podTemplates: new Map(),
  size: { replicasMax: null, cpuRequestMax: null, memoryRequestMax: null, replicas: {} },
  cronJobs: [],
  clusterScoped: 'refuse',
}

/** A preview of the app `shop`, changed where a test says so. No image is built. */
export const targetOf = (changes: Partial<Target> = {}): Target => ({
  app: 'shop',
  slug: 'feat-cart',
  namespace: 'westage-shop-feat-cart',
  repository: { id: 42, name: 'acme/shop' },
  pull: { number: 7, url: 'https://github.test/acme/shop/pull/7', branch: 'feat/cart' },
  sha: 'a'.repeat(40),
  images: [],
  ...RULES,
  ...changes,
})

/** A target's hosts, changed where a test says so. */
export const hostRulesOf = (changes: Partial<HostRules>): Pick<Target, 'hosts'> => ({
  hosts: { ...RULES.hosts, ...changes },
})

/** What stands beside an app's own objects where a test says nothing of it. */
const ADDITIONS: Additions = { common: [], addons: [], guards: [], namespaceLabels: {} }

/** An app's manifests as the whole of a preview. */
export const wholeOf = (manifests: readonly Manifest[], target: Target, additions: Partial<Additions> = {}) => {
  const bundle = bundleOf(manifests, target)
  return { images: bundle.images, ...composed(bundle, { ...ADDITIONS, ...additions }, target) }
}

/** Manifests that throw where somebody changes them. */
export const manifestsOf = (yaml: string): readonly Manifest[] => deepFreeze(parseManifests(yaml))

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) deepFreeze(inner)
  return Object.freeze(value)
}

/** What an author chose who wrote no `.westage.yaml`. */
export const NOTHING_CHOSEN: AppChoices = {
  folder: null,
  context: null,
  dockerfile: null,
  build: null,
  image: null,
  images: null,
  when: null,
  paths: null,
  expose: null,
  followHosts: null,
  replicas: null,
  cronJobs: null,
  addons: null,
  callbacks: null,
}

/** The policy where its configuration says nothing. */
export const POLICY: PolicySettings = {
  profile: 'standard',
  kinds: { allow: [], deny: [] },
  ingressAnnotations: [],
  exemptions: [],
}

/** No limits: what a test is about stands alone. */
export const NO_GUARDS: GuardSettings = { quota: null, limits: null, network: null }
