import { describe, expect, it } from 'vitest'
import { dropCloudIdentities } from '../../src/manifests/drop-cloud-identities.ts'
import { changed, only } from './only.ts'

describe('an identity in a cloud', () => {
  it.each([
    ['eks.amazonaws.com/role-arn', 'arn:aws:iam::111122223333:role/shop'],
    ['eks.amazonaws.com/sts-regional-endpoints', 'true'],
    ['iam.gke.io/gcp-service-account', 'shop@project.iam.gserviceaccount.com'],
    ['azure.workload.identity/client-id', '00000000-0000-0000-0000-000000000000'],
    ['azure.workload.identity/tenant-id', '00000000-0000-0000-0000-000000000000'],
  ])('is taken from a ServiceAccount: %s', (name, value) => {
    const manifest = only('v1', 'ServiceAccount', { metadata: { annotations: { [name]: value, note: 'kept' } } })
    expect(changed(dropCloudIdentities, manifest).metadata).toEqual({ name: 'x', annotations: { note: 'kept' } })
  })

  it('is taken from pods, and from the templates of pods', () => {
    const metadata = {
      annotations: { 'iam.amazonaws.com/role': 'shop' },
      labels: { app: 'web', 'azure.workload.identity/use': 'true', aadpodidbinding: 'shop' },
    }
    const deployment = only('apps/v1', 'Deployment', { spec: { template: { metadata, spec: {} } } })
    expect(changed(dropCloudIdentities, deployment).spec).toEqual({
      template: { metadata: { labels: { app: 'web' } }, spec: {} },
    })
    const pod = only('v1', 'Pod', { metadata, spec: {} })
    expect(changed(dropCloudIdentities, pod).metadata).toEqual({ name: 'x', labels: { app: 'web' } })
  })

  it.each([
    only('v1', 'ServiceAccount', { metadata: { annotations: { note: 'eks.amazonaws.com/role-arn' } } }),
    only('v1', 'ConfigMap', { metadata: { annotations: { 'iam.gke.io/gcp-service-account': 'a' } } }),
    only('apps/v1', 'Deployment', { spec: { template: { spec: {} } } }),
  ])('is not looked for elsewhere: %j', (manifest) => {
    expect(changed(dropCloudIdentities, manifest)).toBe(manifest)
  })
})
