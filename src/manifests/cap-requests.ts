import { Terminal } from '../domain/errors.ts'
import { isObject, type Json, type JsonObject, listOf, objectOf } from './json.ts'
import { mapContainers, mapPodSpecs } from './pod-templates.ts'
import { billionthsOf, quantityOf } from './quantity.ts'
import type { Size } from './target.ts'
import type { Transform } from './transform.ts'

/**
 * Lowers what a container requests to the instance's caps; limits stay, so that it may still use more while there is
 * some. A container that has a limit and no request requests its limit (Kubernetes: Resource Management for Pods and
 * Containers), which is capped by a request of its own. What a pod requests for all of its containers together is
 * capped at so many times as much as it has containers: less than theirs together is refused (Kubernetes: Pod-level
 * resources).
 * @throws {Terminal} (operator) a cap that is not a quantity
 */
export const capRequests: Transform = (manifests, { size, podTemplates }) => {
  const caps = capsOf(size)
  if (caps.length === 0) return manifests
  return manifests.map((manifest) =>
    mapPodSpecs(
      mapContainers(manifest, (container) => capped(container, caps), podTemplates),
      (spec) => (isObject(spec.resources) ? capped(spec, caps.map(timesOf(containerCountOf(spec)))) : spec),
      podTemplates,
    ),
  )
}

/** How many containers run at a time; sidecars are initContainers that go on (Kubernetes: Sidecar Containers). */
const containerCountOf = (spec: JsonObject): number => {
  const sidecars = listOf(spec.initContainers).filter((container) => objectOf(container).restartPolicy === 'Always')
  return Math.max(1, listOf(spec.containers).length + sidecars.length)
}

const timesOf =
  (count: number) =>
  (cap: Cap): Cap =>
    count === 1
      ? cap
      : { ...cap, quantity: quantityOf(cap.billionths * BigInt(count)), billionths: cap.billionths * BigInt(count) }

interface Cap {
  readonly resource: 'cpu' | 'memory'
  readonly quantity: string
  readonly billionths: bigint
}

function capsOf({ cpuRequestMax, memoryRequestMax }: Size): readonly Cap[] {
  const wanted = [
    ['cpu', cpuRequestMax],
    ['memory', memoryRequestMax],
  ] as const
  return wanted.flatMap(([resource, quantity]) => {
    if (quantity === null) return []
    const billionths = billionthsOf(quantity)
    if (billionths !== null && billionths > 0n) return [{ resource, quantity, billionths }]
    const words = `manifests.limits.${resource} is ${JSON.stringify(quantity)}, which is not a quantity such as 500m or 1Gi`
    throw new Terminal(words, { whose: 'operator' })
  })
}

/** @param container a container, or a pod's spec */
function capped(container: JsonObject, caps: readonly Cap[]): JsonObject {
  if (!isObject(container.resources)) return container
  const { requests, limits } = container.resources
  const lowered: Record<string, Json> = {}
  for (const { resource, quantity, billionths } of caps) {
    const size = billionthsOf(objectOf(requests)[resource] ?? objectOf(limits)[resource])
    if (size !== null && size > billionths) lowered[resource] = quantity
  }
  if (Object.keys(lowered).length === 0) return container
  return { ...container, resources: { ...container.resources, requests: { ...objectOf(requests), ...lowered } } }
}
