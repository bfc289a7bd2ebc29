import { covers } from './hosts/host-name.ts'
import { isIngress } from './hosts/ingress.ts'
import { type Json, type JsonObject, listOf, objectOf, textOf } from './json.ts'
import { groupKindOf, type Manifest } from './manifest.ts'

/** A Service of a preview, and the number of one of its ports. */
interface ServicePort {
  readonly name: string
  readonly port: number
}

/**
 * The Service that an Ingress of the manifests hands such a path of a host to, by the longest path that matches
 * (Kubernetes: Ingress, "Multiple matches"); null where none does, or something else than a Service takes it.
 */
export function serviceBehind(manifests: readonly Manifest[], host: string, path: string): ServicePort | null {
  let best = -1
  let found: Json | undefined
  for (const ingress of manifests.filter(isIngress)) {
    for (const rule of listOf(objectOf(ingress.spec).rules)) {
      const named = textOf(objectOf(rule).host)
      if (named !== '' && !covers(named, host)) continue
      for (const each of listOf(objectOf(objectOf(rule).http).paths)) {
        const { path: wanted, pathType, backend } = objectOf(each)
        const text = textOf(wanted) === '' ? '/' : textOf(wanted)
        const rank = rankOf(named === host, text, textOf(pathType))
        if (rank <= best || !isMatch(text, textOf(pathType), pathnameOf(path))) continue
        best = rank
        found = backend
      }
    }
  }
  return found === undefined ? null : portOf(manifests, objectOf(objectOf(found).service))
}

/** A host by its name before a wildcard, then the longer path, then an exact one. */
const rankOf = (isNamed: boolean, path: string, type: string): number =>
  (isNamed ? 1_000_000 : 0) + 2 * path.length + (type === 'Exact' ? 1 : 0)

const pathnameOf = (path: string): string => path.split('?', 1)[0] ?? path

/** Kubernetes: Ingress, "Path types". What a controller's own type means is its affair: mostly a prefix. */
function isMatch(wanted: string, type: string, path: string): boolean {
  if (type === 'Exact') return path === wanted
  const prefix = wanted.replace(/\/$/, '')
  return path === prefix || path.startsWith(`${prefix}/`)
}

/** A Service's name, and a port's number (Kubernetes: Service). */
const NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
const PORT_MAX = 65_535

/** By its number; a port that is named is looked up in the Service. What can be no Service is none. */
function portOf(manifests: readonly Manifest[], backend: JsonObject): ServicePort | null {
  const name = textOf(backend.name)
  const { number, name: portName } = objectOf(backend.port)
  const port = typeof number === 'number' ? number : numberOf(manifests, name, textOf(portName))
  const isOne = NAME.test(name) && Number.isInteger(port) && port >= 1 && port <= PORT_MAX
  return isOne ? { name, port } : null
}

/** NaN where there is no such Service, or port. */
function numberOf(manifests: readonly Manifest[], service: string, portName: string): number {
  const found = manifests.find((each) => groupKindOf(each) === 'Service' && each.metadata.name === service)
  const ports = listOf(objectOf(found?.spec).ports)
  return Number(objectOf(ports.find((each) => textOf(objectOf(each).name) === portName)).port)
}
