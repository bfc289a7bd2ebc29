/** Which Service an Ingress sends a request to, and where that Service's pods are. Kubernetes API: the kinds of these names. */
import { z } from 'zod'

export const IngressSchema = z.object({
  metadata: z.object({ name: z.string(), namespace: z.string() }),
  spec: z.object({
    rules: z
      .array(
        z.object({
          host: z.string().default(''),
          http: z
            .object({
              paths: z.array(
                z.object({
                  path: z.string().default('/'),
                  pathType: z.enum(['Exact', 'Prefix', 'ImplementationSpecific']),
                  backend: z.object({
                    service: z
                      .object({
                        name: z.string(),
                        port: z.object({ name: z.string().optional(), number: z.number().optional() }).default({}),
                      })
                      .optional(),
                  }),
                }),
              ),
            })
            .optional(),
        }),
      )
      .default([]),
  }),
})

export const ServiceSchema = z.object({
  metadata: z.object({ name: z.string(), namespace: z.string() }),
  spec: z.object({
    ports: z.array(z.object({ name: z.string().default(''), port: z.number() })).default([]),
  }),
})

export const EndpointSliceSchema = z.object({
  metadata: z.object({ name: z.string(), namespace: z.string(), labels: z.record(z.string(), z.string()).default({}) }),
  ports: z
    .array(z.object({ name: z.string().default(''), port: z.number() }))
    .nullish()
    .transform((ports) => ports ?? []),
  endpoints: z
    .array(
      z.object({ addresses: z.array(z.string()), conditions: z.object({ ready: z.boolean().nullish() }).default({}) }),
    )
    .nullish()
    .transform((endpoints) => endpoints ?? []),
})

type Ingress = z.output<typeof IngressSchema>
type Service = z.output<typeof ServiceSchema>
type EndpointSlice = z.output<typeof EndpointSliceSchema>

export interface Backend {
  readonly namespace: string
  readonly service: string
  readonly port: { readonly name?: string | undefined; readonly number?: number | undefined }
}

/** null where no Ingress knows the host and path. The longest path wins, an exact one before a prefix. */
export function backendFor(ingresses: Iterable<Ingress>, host: string, path: string): Backend | null {
  let best: { backend: Backend; rank: number } | null = null
  for (const { metadata, spec } of ingresses) {
    for (const rule of spec.rules) {
      if (!isHostOf(rule.host, host)) continue
      for (const { path: wanted, pathType, backend } of rule.http?.paths ?? []) {
        const { service } = backend
        if (service === undefined || !isPathOf(pathType, wanted, path)) continue
        const rank = (rule.host === host ? 1e6 : 0) + wanted.length * 2 + (pathType === 'Exact' ? 1 : 0)
        if (best !== null && best.rank >= rank) continue
        best = { backend: { namespace: metadata.namespace, service: service.name, port: service.port }, rank }
      }
    }
  }
  return best?.backend ?? null
}

export interface Endpoint {
  readonly address: string
  readonly port: number
}

/** The ready pods of a Service. An EndpointSlice says the port that the pod listens at, by the name of the Service's port. */
export function endpointsOf(
  { namespace, service, port }: Backend,
  services: Iterable<Service>,
  slices: Iterable<EndpointSlice>,
): readonly Endpoint[] {
  const isIts = ({ metadata }: { metadata: { namespace: string; name: string } }) =>
    metadata.namespace === namespace && metadata.name === service
  const ports = [...services].find(isIts)?.spec.ports ?? []
  const name = ports.find((known) =>
    port.name === undefined ? known.port === port.number : known.name === port.name,
  )?.name
  if (name === undefined) return []
  return [...slices]
    .filter(
      ({ metadata }) => metadata.namespace === namespace && metadata.labels['kubernetes.io/service-name'] === service,
    )
    .flatMap((slice) => {
      const target = slice.ports.find((known) => known.name === name)?.port
      const ready = slice.endpoints.filter(({ conditions }) => conditions.ready !== false)
      return target === undefined
        ? []
        : ready.flatMap(({ addresses }) => addresses.slice(0, 1).map((address) => ({ address, port: target })))
    })
}

/** `*.example.com` stands for one label more. */
function isHostOf(rule: string, host: string): boolean {
  if (rule === '' || rule === host) return true
  return rule.startsWith('*.') && host.slice(host.indexOf('.')) === rule.slice(1)
}

/** A prefix is of whole elements of the path. */
function isPathOf(type: 'Exact' | 'Prefix' | 'ImplementationSpecific', wanted: string, path: string): boolean {
  if (type === 'Exact') return path === wanted
  const prefix = wanted.replace(/\/+$/, '')
  return path === prefix || path.startsWith(`${prefix}/`)
}
