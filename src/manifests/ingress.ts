import { type Json, listOf, objectOf, textOf, valuesAt } from './json.ts'
import { groupKindOf, type Manifest } from './manifest.ts'

const INGRESSES = ['Ingress.networking.k8s.io', 'Ingress.extensions']

export const isIngress = (manifest: Manifest): boolean => INGRESSES.includes(groupKindOf(manifest))

/** The hosts of an Ingress' rules, in order; rules without one answer for every host and give none. */
export const ruleHostsOf = (ingress: Manifest): readonly string[] =>
  valuesAt(ingress, ['spec', 'rules', '*', 'host'])
    .map(textOf)
    .filter((host) => host !== '')

/** The hosts of one entry of `spec.tls`; none means all of the Ingress' (Kubernetes: IngressTLS). */
export const tlsHostsOf = (entry: Json): readonly string[] =>
  listOf(objectOf(entry).hosts)
    .map(textOf)
    .filter((host) => host !== '')

/** Whether a host of an Ingress covers another: a wildcard stands for exactly one label (Kubernetes: Ingress). */
export const covers = (pattern: string, host: string): boolean =>
  pattern === host || (pattern.startsWith('*.') && host.slice(host.indexOf('.') + 1) === pattern.slice(2))
