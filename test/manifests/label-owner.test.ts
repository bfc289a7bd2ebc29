import { expect, it } from 'vitest'
import { labelOwner } from '../../src/manifests/label-owner.ts'
import { manifestsOf, targetOf } from './sample.ts'

it('says on every object whose preview it is, and leaves selectors and pod templates alone', () => {
  const spec = { selector: { matchLabels: { app: 'web' } }, template: { metadata: { labels: { app: 'web' } } } }
  const manifests = manifestsOf(
    [
      JSON.stringify({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'web', labels: { app: 'web' } },
        spec,
      }),
      'apiVersion: v1\nkind: Secret\nmetadata: {name: key, labels: null}',
    ].join('\n---\n'),
  )
  const labels = { 'westage.dev/app': 'shop', 'westage.dev/pull': '7', 'westage.dev/slug': 'feat-cart' }
  const annotations = {
    'westage.dev/pull-url': 'https://github.test/acme/shop/pull/7',
    'westage.dev/sha': 'a'.repeat(40),
  }
  expect(labelOwner(manifests, targetOf())).toEqual([
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', labels: { app: 'web', ...labels }, annotations },
      spec,
    },
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'key', labels, annotations } },
  ])
})
