/** RFC 1123: labels of letters, digits and inner dashes, 63 octets each, 253 in all; lower case in Kubernetes. */
const HOST = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/

/** Whether `text` is a host name as Kubernetes takes one; a wildcard is none. */
export const isHost = (text: string): boolean => HOST.test(text)

/** `*`, `*.example.com` and whatever else has a star in it. */
export const isWildcard = (host: string): boolean => host.includes('*')

/** Whether one host covers another, a wildcard standing for exactly one label (Kubernetes: Ingress; RFC 6125). */
export const covers = (pattern: string, host: string): boolean =>
  pattern === host || (pattern.startsWith('*.') && host.slice(host.indexOf('.') + 1) === pattern.slice(2))

/** The wildcard that covers a host of more than one label. */
export const wildcardFor = (host: string): string => (host.includes('.') ? `*${host.slice(host.indexOf('.'))}` : '')

/** The same where a wildcard stands for one label or more, and `*` for all (Gateway API: Hostname; Istio: Gateway). */
export const coversBelow = (pattern: string, host: string): boolean =>
  pattern === host || pattern === '*' || (pattern.startsWith('*.') && host.endsWith(pattern.slice(1)))

/** A host as a message shows it: a very long one is cut. */
export const shownHost = (host: string): string => (host.length > 253 ? `${host.slice(0, 253)}…` : host)

/** The hosts of a list with commas, as annotations have it. */
export const hostsInList = (text: string): readonly string[] =>
  text
    .split(',')
    .map((host) => host.trim().toLowerCase())
    .filter((host) => host !== '')
