import { describe, expect, it } from 'vitest'
import { objectOf, valuesAt } from '../../src/manifests/json.ts'
import type { TargetRules } from '../../src/manifests/target.ts'
import { adapted } from '../../src/reconcile/adapted.ts'
import type { AppChoices } from '../../src/settings/app-file-schema.ts'
import { NOTHING_CHOSEN, RULES, targetOf } from '../manifests/sample.ts'
import { REQUEST } from './shop.ts'

const APP = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 1
  template: { spec: { containers: [{ name: web, image: web, env: [{ name: URL, value: "https://a.test" }] }] } }
---
apiVersion: batch/v1
kind: CronJob
metadata: { name: nightly }
spec: { schedule: "@daily", jobTemplate: { spec: { template: { spec: { containers: [{ name: a, image: a }] } } } } }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web }
spec: { rules: [{ host: a.test }, { host: b.test }] }
`

/** What is left to an author to choose, as it is in the preview. */
function made(choices: Partial<AppChoices>, rules: Partial<TargetRules> = {}) {
  const target = targetOf(rules)
  const policy = { ...REQUEST.policy, namespace: target.namespace, podTemplates: target.podTemplates }
  const adaptation = { ...REQUEST, target, policy }
  const { bundle } = adapted(APP, adaptation, { ...NOTHING_CHOSEN, ...choices }, () => {})
  const [web, nightly, ingress] = ['Deployment', 'CronJob', 'Ingress'].map((kind) =>
    objectOf(bundle.manifests.find((manifest) => manifest.kind === kind)?.spec),
  )
  const env = valuesAt(web, ['template', 'spec', 'containers', '*', 'env', '*']).map(objectOf)
  return {
    replicas: web?.replicas,
    isSuspended: nightly?.suspend ?? false,
    hosts: valuesAt(ingress, ['rules', '*', 'host']),
    url: env.find(({ name }) => name === 'URL')?.value,
  }
}

describe('what an author chooses', () => {
  it('is as the instance has it where nothing is said', () => {
    expect(made({})).toEqual({
      replicas: 1,
      isSuspended: true,
      hosts: ['feat-cart-a.test', 'feat-cart-b.test'],
      url: 'https://a.test',
    })
    expect(made({}, { cronJobs: 'all', hosts: { ...RULES.hosts, isFollowed: true } })).toMatchObject({
      isSuspended: false,
      url: 'https://feat-cart-a.test',
    })
  })

  it('counts over that: replicas, CronJobs, hosts, and whether texts follow them', () => {
    const choices = { replicas: { web: 2 }, cronJobs: ['nightly'], expose: ['a.test'], followHosts: true }
    expect(made(choices)).toEqual({
      replicas: 2,
      isSuspended: false,
      hosts: ['feat-cart-a.test'],
      url: 'https://feat-cart-a.test',
    })
    const instance: Partial<TargetRules> = { cronJobs: 'all', hosts: { ...RULES.hosts, isFollowed: true } }
    expect(made({ cronJobs: [], followHosts: false }, instance)).toMatchObject({
      isSuspended: true,
      url: 'https://a.test',
    })
  })

  it('is held to the instance’s caps', () => {
    const size = { ...RULES.size, replicasMax: 2 }
    expect(made({ replicas: { web: 50 } }, { size }).replicas).toBe(2)
  })
})
