import { expect, it } from 'vitest'
import { withoutPullSecret } from '../../src/manifests/pull-secrets.ts'
import { manifestsOf } from './sample.ts'

const IMAGE = 'registry.test/shop@sha256:abc'
const needing = (yaml: string, podTemplates = new Map()) =>
  withoutPullSecret(manifestsOf(yaml), new Set([IMAGE]), podTemplates)

const deployment = (spec: string, image = IMAGE, name = 'web') => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec: { template: { spec: { ${spec} containers: [{ name: web, image: "${image}" }] } } }
---`
const account = (name: string, secrets: string) => `
apiVersion: v1
kind: ServiceAccount
metadata: { name: ${name} }
imagePullSecrets: ${secrets}
---`

it('names workloads whose pods have the image and no pull secret, of whatever kind', () => {
  const cronJob = `
apiVersion: batch/v1
kind: CronJob
metadata: { name: tidy }
spec:
  jobTemplate: { spec: { template: { spec: { initContainers: [{ name: a, image: "${IMAGE}" }], containers: [] } } } }
---`
  const custom = `
apiVersion: example.com/v1
kind: Worker
metadata: { name: own }
spec: { pod: { spec: { containers: [{ name: a, image: "${IMAGE}" }] } } }
---`
  const yaml = deployment('') + cronJob + custom + deployment('', 'redis:8', 'cache')
  expect(needing(yaml)).toEqual(['Deployment/web', 'CronJob/tidy'])
  expect(needing(yaml, new Map([['Worker.example.com', ['spec', 'pod']]]))).toContain('Worker/own')
})

it('leaves those that name a secret themselves', () => {
  expect(needing(deployment('imagePullSecrets: [{ name: regcred }],'))).toEqual([])
  expect(needing(deployment('imagePullSecrets: [],'))).toEqual(['Deployment/web'])
})

it('leaves those whose ServiceAccount names one, the default one where they name none', () => {
  const own = deployment('serviceAccountName: shop,')
  expect(needing(deployment('') + account('default', '[{ name: regcred }]'))).toEqual([])
  expect(needing(own + account('default', '[{ name: regcred }]'))).toEqual(['Deployment/web'])
  expect(needing(own + account('shop', '[{ name: regcred }]'))).toEqual([])
  expect(needing(own + account('shop', '[]'))).toEqual(['Deployment/web'])
})
