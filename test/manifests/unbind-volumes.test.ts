import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../src/manifests/json.ts'
import { unbindVolumes } from '../../src/manifests/unbind-volumes.ts'
import { changed, only } from './only.ts'
import { targetOf } from './sample.ts'

const size = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '5Gi' } } }
const claim = (spec: JsonObject, metadata: JsonObject = {}) => only('v1', 'PersistentVolumeClaim', { metadata, spec })

describe('a claim', () => {
  it.each<[string, JsonObject, JsonObject]>([
    ['gets a volume of its own', { ...size, volumeName: 'my-model-pv' }, size],
    [
      'keeps its class',
      { ...size, volumeName: 'pvc-1', storageClassName: 'fast' },
      { ...size, storageClassName: 'fast' },
    ],
    [
      'asks for the default class where it asked for none',
      { ...size, volumeName: 'pvc-1', storageClassName: '' },
      size,
    ],
  ])('%s', (_, spec, expected) => {
    expect(changed(unbindVolumes, claim(spec)).spec).toEqual(expected)
  })

  it('does not say that it is bound', () => {
    const annotations = {
      'pv.kubernetes.io/bind-completed': 'yes',
      'pv.kubernetes.io/bound-by-controller': 'yes',
      'volume.kubernetes.io/storage-provisioner': 'ebs.csi.aws.com',
      'volume.kubernetes.io/selected-node': 'node-7',
      note: 'kept',
    }
    expect(changed(unbindVolumes, claim(size, { annotations })).metadata.annotations).toEqual({ note: 'kept' })
  })

  it('made from a template is one, too', () => {
    const annotations = { 'pv.kubernetes.io/bind-completed': 'yes' }
    const template = { metadata: { name: 'data', annotations }, spec: { ...size, volumeName: 'pvc-1' } }
    const set = only('apps/v1', 'StatefulSet', { spec: { serviceName: 'db', volumeClaimTemplates: [template] } })
    expect(changed(unbindVolumes, set).spec).toEqual({
      serviceName: 'db',
      volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: size }],
    })
  })

  it('keeps the volume that comes with it', () => {
    const both = [only('v1', 'PersistentVolume', { metadata: { name: 'own' } }), claim({ ...size, volumeName: 'own' })]
    expect(unbindVolumes(both, targetOf())[1]).toBe(both[1])
  })

  it.each<[string, JsonObject]>([
    ['names no volume', { ...size, storageClassName: '' }],
    ['names an empty one', { ...size, volumeName: '' }],
  ])('that %s stays as it is', (_, spec) => {
    const manifest = claim(spec)
    expect(changed(unbindVolumes, manifest)).toBe(manifest)
  })
})
