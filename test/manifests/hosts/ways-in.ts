/** An app's objects of each kind that answers at a host. */
import type { Json, JsonObject } from '../../../src/manifests/json.ts'

const object = (apiVersion: string, kind: string, name: string, spec: Json): JsonObject => ({
  apiVersion,
  kind,
  metadata: { name },
  spec,
})

type Objects = (name: string, host: string) => readonly JsonObject[]

export const ingress: Objects = (name, host) => [
  object('networking.k8s.io/v1', 'Ingress', name, { rules: [{ host }], tls: [{ hosts: [host], secretName: name }] }),
]

export const route: Objects = (name, host) => [object('route.openshift.io/v1', 'Route', name, { host })]

/** One way for each kind; each alone, so that nothing of one stands in another's place. */
export const WAYS: readonly Objects[] = [
  ingress,
  route,
  (name, host) => [
    object('gateway.networking.k8s.io/v1', 'Gateway', name, {
      listeners: [{ name: 'a', port: 443, protocol: 'HTTPS', hostname: host }],
    }),
    object('gateway.networking.k8s.io/v1', 'HTTPRoute', name, {
      hostnames: [host],
      parentRefs: [{ name, sectionName: 'a' }],
      rules: [{ backendRefs: [{ name, port: 1 }] }],
    }),
  ],
  (name, host) => [
    object('gateway.networking.k8s.io/v1', 'GRPCRoute', name, {
      hostnames: [host],
      parentRefs: [{ name: 'elsewhere', namespace: 'infra' }],
    }),
  ],
  (name, host) => [
    object('networking.istio.io/v1', 'Gateway', name, {
      selector: { istio: 'ingressgateway' },
      servers: [{ port: { number: 80, protocol: 'HTTP' }, hosts: [`./${host}`] }],
    }),
    object('networking.istio.io/v1', 'VirtualService', name, {
      hosts: [host],
      gateways: [name],
      http: [{ redirect: { authority: host } }],
    }),
  ],
  (name, host) => [
    object('traefik.io/v1alpha1', 'IngressRoute', name, {
      routes: [{ match: `(Host(\`${host}\`) || Host("${host}")) && Path(\`/\`)` }],
      tls: {},
    }),
  ],
  (name, host) => [object('projectcontour.io/v1', 'HTTPProxy', name, { virtualhost: { fqdn: host } })],
  (_, host) => [object('serving.knative.dev/v1beta1', 'DomainMapping', host, {})],
]

/** What asks for a host's certificate or DNS. */
export const ASKED: readonly Objects[] = [
  (name, host) => [object('cert-manager.io/v1', 'Certificate', name, { secretName: name, dnsNames: [host] })],
  (name, host) => [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, annotations: { 'external-dns.alpha.kubernetes.io/hostname': host } },
    },
  ],
]

export const yamlOf = (objects: readonly JsonObject[]): string =>
  objects.map((one) => JSON.stringify(one)).join('\n---\n')
