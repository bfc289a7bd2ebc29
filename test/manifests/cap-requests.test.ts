import { describe, expect, it } from 'vitest'
import { capRequests } from '../../src/manifests/cap-requests.ts'
import type { JsonObject } from '../../src/manifests/json.ts'
import { containersOf, podSpecsOf } from '../../src/manifests/pod-templates.ts'
import type { Size } from '../../src/manifests/target.ts'
import { changed, deployment } from './only.ts'
import { RULES } from './sample.ts'

const sized = (size: Partial<Size>) => ({ size: { ...RULES.size, ...size } })
const CAPS = sized({ cpuRequestMax: '500m', memoryRequestMax: '1Gi' })
const containers = (resources: JsonObject) => [{ name: 'web', resources }]
const after = (resources: JsonObject) =>
  containersOf(changed(capRequests, deployment({ containers: containers(resources) }), CAPS))[0]?.resources

describe('what a container requests', () => {
  it.each<[JsonObject, JsonObject]>([
    [{ requests: { cpu: '2', memory: '4Gi' } }, { requests: { cpu: '500m', memory: '1Gi' } }],
    [{ requests: { cpu: 2, memory: 2147483648 } }, { requests: { cpu: '500m', memory: '1Gi' } }],
    [{ requests: { cpu: '0.501', memory: '1Gi' } }, { requests: { cpu: '500m', memory: '1Gi' } }],
    [
      { requests: { memory: '1025Mi', 'ephemeral-storage': '90Gi' }, limits: { memory: '8Gi' } },
      { requests: { memory: '1Gi', 'ephemeral-storage': '90Gi' }, limits: { memory: '8Gi' } },
    ],
    [{ limits: { cpu: '4', memory: '256Mi' } }, { limits: { cpu: '4', memory: '256Mi' }, requests: { cpu: '500m' } }],
  ])('is capped: %j', (resources, expected) => {
    expect(after(resources)).toEqual(expected)
  })

  it.each<[JsonObject]>([
    [{ requests: { cpu: '500m', memory: '1024Mi' } }],
    [{ requests: { cpu: '0.5', memory: '1073741824' }, limits: { cpu: '4', memory: '9Gi' } }],
    [{ requests: { 'nvidia.com/gpu': 1 } }],
    [{ requests: { cpu: 'lots' } }],
    [{}],
  ])('stays where it is within the caps, or nothing that can be compared: %j', (resources) => {
    const manifest = deployment({ initContainers: [{ name: 'a' }], containers: containers(resources) })
    expect(changed(capRequests, manifest, CAPS)).toBe(manifest)
  })

  it('is capped for a whole pod at what its containers may request together', () => {
    const pod = (cpu: string) => ({
      initContainers: [{ name: 'up' }, { name: 'mesh', restartPolicy: 'Always' }],
      containers: [{ name: 'web', resources: { requests: { cpu: '2' } } }, { name: 'log' }],
      resources: { requests: { cpu, memory: '1Gi' }, limits: { memory: '64Gi' } },
    })
    const specOf = (cpu: string) => podSpecsOf(changed(capRequests, deployment(pod(cpu)), CAPS))[0]
    expect(specOf('8')?.resources).toEqual({ requests: { cpu: '1500m', memory: '1Gi' }, limits: { memory: '64Gi' } })
    expect(specOf('1.5')?.resources).toEqual({ requests: { cpu: '1.5', memory: '1Gi' }, limits: { memory: '64Gi' } })
    const alone = deployment({ containers: [{ name: 'web' }], resources: { limits: { cpu: '4', memory: '4Gi' } } })
    expect(podSpecsOf(changed(capRequests, alone, CAPS))[0]?.resources).toEqual({
      limits: { cpu: '4', memory: '4Gi' },
      requests: { cpu: '500m', memory: '1Gi' },
    })
  })

  it('is not capped where the instance has no cap', () => {
    const manifest = deployment({ containers: containers({ requests: { cpu: '64', memory: '1Ti' } }) })
    expect(changed(capRequests, manifest)).toBe(manifest)
    const lowered = changed(capRequests, manifest, sized({ cpuRequestMax: '1' }))
    expect(containersOf(lowered)[0]?.resources).toEqual({ requests: { cpu: '1', memory: '1Ti' } })
  })

  it.each(['lots', '0', '-1'])('can’t be capped at %s, which whoever runs WeStage is told', (cpuRequestMax) => {
    expect(() => changed(capRequests, deployment({}), sized({ cpuRequestMax }))).toThrow(
      expect.objectContaining({ whose: 'operator', message: expect.stringContaining('manifests.limits.cpu') }),
    )
  })
})
