/** Names by which texts reach Services in a namespace (Kubernetes: DNS for Services and Pods). */

/** Whose names become the preview's own. */
export interface ServiceNames {
  /** The namespaces in which the app lives for long. */
  readonly former: ReadonlySet<string>
  /** The app's own Services. */
  readonly services: ReadonlySet<string>
  /** The preview's namespace. */
  readonly namespace: string
}

/** Nothing that would make the name a longer one; a full stop may follow. */
const END = '(?![A-Za-z0-9_-]|\\.[A-Za-z0-9_-])'
const LABEL = '[a-z0-9-]{1,63}'
const DOMAIN = 'cluster\\.local'

/** The namespace in `db.shop.svc`, and in `.shop.svc.cluster.local`, as NO_PROXY has it. */
const FULL = new RegExp(`(?<=\\.)(${LABEL})(?=\\.svc(?:\\.${DOMAIN})?${END})`, 'g')
/** The same in a cluster whose domain is another one: only with a Service of the app, since it may be anybody's host. */
const OTHER_DOMAIN = new RegExp(`(?<=(?<![A-Za-z0-9_-])(${LABEL})\\.)(${LABEL})(?=\\.svc\\.)`, 'g')
/** `shop.svc.cluster.local`, a search domain. */
const SEARCH = new RegExp(`(?<![A-Za-z0-9_.-])(${LABEL})(?=\\.svc\\.${DOMAIN}${END})`, 'g')
/** `db.shop` and `db-0.db.shop` as whole names: not part of a path, not a key of `key=value`, YAML or JSON. */
const SHORT = new RegExp(
  `(?<![A-Za-z0-9_.-])(?<!(?:^|[^/])/)((?:${LABEL}\\.)?(${LABEL}))\\.(${LABEL})${END}(?!["']\\s*[:=]|\\s*=|\\s*:(?:\\s|$))`,
  'g',
)

/**
 * A text in which `service.namespace.svc`, with or without `.cluster.local`, names the preview's namespace in place of
 * a former one, whatever the Service. `kubernetes.default.svc` is the API server and stays.
 */
export function followServices(text: string, { former, services, namespace }: ServiceNames): string {
  if (!text.includes('.svc')) return text
  const follow = (name: string) => (former.has(name) ? namespace : name)
  return text
    .replace(FULL, (name: string, _: string, at: number) =>
      name === 'default' && /(?<![A-Za-z0-9_-])kubernetes\.$/.test(text.slice(Math.max(0, at - 12), at))
        ? name
        : follow(name),
    )
    .replace(OTHER_DOMAIN, (name: string, service: string) => (services.has(service) ? follow(name) : name))
    .replace(SEARCH, follow)
}

/**
 * A text in which `service.namespace` does so too, but for Services of the app only: it may mean anything else. With
 * `default`, which is a word in many texts, it has to be an address: after `//` or `@`, or with a port.
 */
export function followShortServices(text: string, { former, services, namespace }: ServiceNames): string {
  if (![...former].some((name) => text.includes(`.${name}`))) return text
  return text.replace(SHORT, (whole: string, name: string, service: string, place: string, at: number) => {
    if (!former.has(place) || !services.has(service)) return whole
    const isAddress =
      /(?:\/\/|@)$/.test(text.slice(Math.max(0, at - 2), at)) || /^:[0-9$%{]/.test(text.slice(at + whole.length))
    return place === 'default' && !isAddress ? whole : `${name}.${namespace}`
  })
}
