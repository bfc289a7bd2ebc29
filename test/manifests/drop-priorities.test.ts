import { describe, expect, it } from 'vitest'
import { dropPriorities } from '../../src/manifests/drop-priorities.ts'
import { podSpecsOf } from '../../src/manifests/pod-templates.ts'
import { changed, deployment, only } from './only.ts'
import { targetOf } from './sample.ts'

describe('a pod of high priority', () => {
  it('is one like any other in a preview, so that it pushes nobody off a node', () => {
    const important = deployment({ priorityClassName: 'production', priority: 1000, containers: [] })
    expect(podSpecsOf(changed(dropPriorities, important))).toEqual([{ containers: [] }])
  })

  it('keeps a class that the app brings itself, and one of the system’s for the policy to refuse', () => {
    const own = only('scheduling.k8s.io/v1', 'PriorityClass', { value: 1 })
    const pods = ['x', 'system-node-critical'].map((priorityClassName) => deployment({ priorityClassName }))
    const made = dropPriorities([own, ...pods], targetOf())
    expect(made).toEqual([own, ...pods])
    expect(made[1]).toBe(pods[0])
  })

  it('is the very same object where it has none', () => {
    const plain = deployment({ containers: [] })
    expect(changed(dropPriorities, plain)).toBe(plain)
  })
})
