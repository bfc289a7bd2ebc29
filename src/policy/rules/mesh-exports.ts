import { listOf, objectOf, textOf } from '../../manifests/json.ts'
import { locate } from '../locate.ts'
import { shown } from '../pods.ts'
import { EVERYWHERE } from '../profiles.ts'
import type { Breach, Rule, Subject } from '../rule.ts'

/**
 * Istio: what has no exportTo is for the whole mesh. For a Service of the preview that is harmless, and so is what is
 * bound to a Gateway; for any other host it changes where the siblings' requests go.
 */
export const meshExports: Rule = {
  name: 'mesh-exports',
  why: 'What a mesh is told of a host that is not the preview’s own, it does for every client.',
  verdicts: EVERYWHERE,
  exemption: 'possible',
  breachesOf: (subject) => {
    if (exportsNothing(subject)) return []
    return foreignHosts(subject).map(({ field, value }) => ({
      field,
      words: `tells the whole mesh of ${shown(value)}: add exportTo: ["."] to the spec`,
    }))
  },
}

const exportsNothing = ({ manifest }: Subject): boolean => {
  const to = listOf(objectOf(manifest.spec).exportTo)
  return to.length > 0 && to.every((place) => place === '.')
}

/** Where a host is to be found, and for which addresses it is asked: a gateway that is told so can reach anything. */
const ELSEWHERE = [
  ['spec', 'endpoints', '*', 'address'],
  ['spec', 'addresses', '*'],
]

function foreignHosts(subject: Subject): readonly (Breach & { readonly value: string })[] {
  const { kind, manifest, context } = subject
  const paths: Readonly<Record<string, readonly (readonly string[])[]>> = {
    'ServiceEntry.networking.istio.io': [['spec', 'hosts', '*'], ...ELSEWHERE],
    'DestinationRule.networking.istio.io': [['spec', 'host']],
    'VirtualService.networking.istio.io': isInMesh(subject) ? [['spec', 'hosts', '*']] : [],
  }
  return (paths[kind] ?? [])
    .flatMap((path) => locate(manifest, path))
    .map(({ field, value }) => ({ field, value: textOf(value), words: '' }))
    .filter(({ field, value }) => !field.startsWith('spec.host') || !isOwn(value, context.namespace))
}

/** Istio: VirtualService, gateways: without any it is for the mesh. */
function isInMesh({ manifest }: Subject): boolean {
  const gateways = listOf(objectOf(manifest.spec).gateways)
  return gateways.length === 0 || gateways.includes('mesh')
}

/** A short name is a Service of the same namespace. */
const isOwn = (host: string, namespace: string): boolean =>
  /^[a-z0-9-]+$/.test(host) || new RegExp(`^[a-z0-9*-]+\\.${namespace}(\\.svc(\\..+)?)?$`).test(host)
