import assert from 'node:assert/strict'
import { test } from 'node:test'
import { faultOf } from './schemas.mjs'

const deployment = (replicas) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'web' }] } },
  },
})

test('an object that is right has no fault', async () => {
  assert.equal(await faultOf(deployment(2)), null)
})

test('a field of another type is one', async () => {
  assert.match(await faultOf(deployment('2')), /replicas must be integer/)
})

test('a kind of Gateway API is known', async () => {
  const route = { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute', metadata: { name: 'web' } }
  assert.match(await faultOf({ ...route, spec: { hostnames: 'web.test' } }), /hostnames must be array/)
})

test('what there is no schema for is told apart from what is right', async () => {
  assert.equal(await faultOf({ apiVersion: 'example.com/v1', kind: 'Thing', metadata: { name: 'a' } }), 'unknown')
})

test('an API version that servers have left is a fault', async () => {
  assert.match(
    await faultOf({ ...deployment(2), apiVersion: 'extensions/v1beta1' }),
    /no server knows extensions\/v1beta1/,
  )
})
