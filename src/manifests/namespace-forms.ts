/** How a namespace is written in a text, form by form. */

/** The namespace that takes the place of another, or that other itself where it is not the app's own. */
export type Follow = (namespace: string) => string

/** How a namespace is written in a field. */
export type Form = (text: string, follow: Follow) => string

export const plain: Form = (text, follow) => follow(text)

/** `service.namespace.svc`, with or without the cluster's domain (Kubernetes: DNS for Services and Pods). */
export const serviceHost: Form = (text, follow) =>
  text.replace(
    /^([a-z0-9-]+\.)([a-z0-9-]+)(\.svc(?:\..+)?)$/,
    (_, service, namespace, rest) => service + follow(namespace) + rest,
  )

/** `namespace/name` */
export const slashed: Form = (text, follow) =>
  text.replace(/^([a-z0-9-]+)\//, (_, namespace) => `${follow(namespace)}/`)

/** `system:serviceaccount:namespace:name` and `system:serviceaccounts:namespace` (Kubernetes: Authenticating) */
export const accountName: Form = (text, follow) =>
  text.replace(/^(system:serviceaccounts?:)([a-z0-9-]+)/, (_, prefix, namespace) => prefix + follow(namespace))

/** `cluster.local/ns/namespace/sa/name`, after `spiffe://` or not (Istio: Principals; SPIFFE ID). */
export const principal: Form = (text, follow) =>
  text.replace(/\/ns\/([a-z0-9-]+)(?=\/sa\/)/, (_, namespace) => `/ns/${follow(namespace)}`)

/** `namespace-name@kubernetescrd`, several after commas: which dash parts them, only the namespaces can tell (Traefik). */
export const crdNames: Form = (text, follow) =>
  text
    .split(',')
    .map((item) => {
      if (!item.endsWith('@kubernetescrd')) return item
      const dashes = [...item.matchAll(/-/g)].map(({ index }) => index)
      const end = dashes.find((at) => follow(item.slice(0, at).trim()) !== item.slice(0, at).trim())
      return end === undefined ? item : `${follow(item.slice(0, end).trim())}${item.slice(end)}`
    })
    .join(',')
