import type { Manifest } from '../manifest.ts'
import { certManager } from './cert-manager.ts'
import { contour } from './contour.ts'
import type { Family, FamilyOf, NamedHost, Place } from './family.ts'
import { gatewayApi } from './gateway-api.ts'
import { hostAnnotations } from './host-annotations.ts'
import { ingress } from './ingress.ts'
import { istio } from './istio.ts'
import { knative } from './knative.ts'
import { openshiftRoute } from './openshift-route.ts'
import { traefik } from './traefik.ts'

/** Every family of kinds with hosts, one file each. An Ingress is first: where there are several ways in it is the one. */
const FAMILIES: readonly FamilyOf[] = [ingress, gatewayApi, istio, traefik, openshiftRoute, contour, knative]

/** The families for one set of manifests. An object may be of several: hosts stand in annotations too. */
export function familiesOf(manifests: readonly Manifest[], place: Place): readonly Family[] {
  const families = [...FAMILIES.map((family) => family(manifests, place)), hostAnnotations()]
  const addressed = namedHostsOf(manifests, families).map(([, { host }]) => host)
  return [...families, certManager(addressed)(manifests, place)]
}

/** Every host for which the manifests answer or ask DNS: those of Ingresses first, then in the manifests' order. */
export function namedHostsOf(
  manifests: readonly Manifest[],
  families: readonly Family[],
): readonly (readonly [Manifest, NamedHost])[] {
  const [first, ...rest] = families
  const of = (family: Family, manifest: Manifest) =>
    family.holds(manifest) ? family.hostsOf(manifest).map((named): [Manifest, NamedHost] => [manifest, named]) : []
  return [
    ...(first === undefined ? [] : manifests.flatMap((manifest) => of(first, manifest))),
    ...manifests.flatMap((manifest) => rest.flatMap((family) => of(family, manifest))),
  ]
}
