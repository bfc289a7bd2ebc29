import { describe, expect, it } from 'vitest'
import { confinePods } from '../../src/manifests/confine-pods.ts'
import type { JsonObject } from '../../src/manifests/json.ts'
import { podSpecsOf } from '../../src/manifests/pod-templates.ts'
import { changed, deployment } from './only.ts'

describe('a pod', () => {
  it.each<[string, JsonObject, JsonObject]>([
    [
      'that takes ports of its node',
      {
        initContainers: [{ name: 'mesh', restartPolicy: 'Always', ports: [{ containerPort: 1, hostPort: 1 }] }],
        containers: [
          { name: 'web', ports: [{ containerPort: 80, hostPort: 8080, hostIP: '10.0.0.1' }, { containerPort: 81 }] },
        ],
      },
      {
        initContainers: [{ name: 'mesh', restartPolicy: 'Always', ports: [{ containerPort: 1 }] }],
        containers: [{ name: 'web', ports: [{ containerPort: 80 }, { containerPort: 81 }] }],
      },
    ],
    [
      'in its node’s network',
      { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet', containers: [{ name: 'web' }] },
      { dnsPolicy: 'ClusterFirst', containers: [{ name: 'web' }] },
    ],
  ])('%s keeps to its own', (_, spec, expected) => {
    expect(podSpecsOf(changed(confinePods, deployment(spec)))).toEqual([expected])
  })

  it.each<[JsonObject]>([
    [{ hostNetwork: false, dnsPolicy: 'Default', containers: [{ name: 'web', ports: [{ containerPort: 80 }] }] }],
    [{ containers: [{ name: 'web', ports: null }] }],
  ])('that does neither stays as it is: %j', (spec) => {
    const manifest = deployment(spec)
    expect(changed(confinePods, manifest)).toBe(manifest)
  })
})
