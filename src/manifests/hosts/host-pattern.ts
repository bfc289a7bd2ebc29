/**
 * Traefik: HostRegexp. Of all regular expressions only those that stand for anything below a domain can be made a
 * preview's: `^[a-z]+\.example\.com$` of v3 and `{sub:[a-z]+}.example.com` of v2.
 */
const ANY = String.raw`(?:\.[+*]|\[\^\.\][+*]|\[[A-Za-z0-9-]+\][+*]|\\w[+*])`
const V3 = new RegExp(String.raw`^\^?(?:${ANY}|\(${ANY}\))\\\.((?:[a-z0-9-]+\\\.)*[a-z0-9-]+)\$?$`)
const V2 = new RegExp(String.raw`^\{[a-zA-Z0-9]+:${ANY}\}\.((?:[a-z0-9-]+\.)*[a-z0-9-]+)$`)

/** The domain below which a pattern stands for any host, null where it is another pattern. */
export function patternDomainOf(pattern: string): string | null {
  const escaped = V3.exec(pattern)?.[1]
  return escaped === undefined ? (V2.exec(pattern)?.[1] ?? null) : escaped.replaceAll('\\.', '.')
}

/**
 * The same pattern for another domain. Of v3 it has both ends, since Traefik looks for it anywhere in a host.
 * @param pattern one of which `patternDomainOf` gives a domain
 */
export const patternOf = (pattern: string, domain: string): string =>
  pattern.startsWith('{')
    ? `${pattern.slice(0, pattern.indexOf('}') + 1)}.${domain}`
    : `^[a-zA-Z0-9-]+\\.${domain.replaceAll('.', '\\.')}$`
