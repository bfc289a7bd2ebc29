import { Terminal } from '../../domain/errors.ts'
import { changeAt, isObject, type Json, type JsonObject, listOf, objectOf, pathOf, textOf, without } from '../json.ts'
import { groupOf, type Manifest, objectName } from '../manifest.ts'
import type { Family, NamedHost, Naming } from './family.ts'
import { covers, isWildcard, shownHost } from './host-name.ts'
import { patternDomainOf, patternOf } from './host-pattern.ts'
import { following, ownHostsOf, withSpec } from './own-hosts.ts'
import { matchersOf, parseRule, type Rule, rewriteRule } from './traefik-rule.ts'

type Matcher = Extract<Rule, { kind: 'matcher' }>

const isTraefik = (manifest: Manifest, ...kinds: readonly string[]): boolean =>
  kinds.includes(manifest.kind) && ['traefik.io', 'traefik.containo.us'].includes(groupOf(manifest))
const isRoute = (manifest: Manifest): boolean => isTraefik(manifest, 'IngressRoute', 'IngressRouteTCP')
const isHttp = (manifest: Manifest): boolean => manifest.kind === 'IngressRoute'
const isPassedThrough = ({ spec }: Manifest): boolean => objectOf(objectOf(spec).tls).passthrough === true

/**
 * Traefik: IngressRoute and IngressRouteTCP. Hosts stand in match rules: Host, HostHeader (v2) and HostSNI. HostRegexp
 * and HostSNIRegexp are wildcards; mapped, one that stands for anything below a domain becomes anything below the
 * preview's form of that domain, every other is refused. HostSNI(`*`) takes all of an entry point and is refused. A rule
 * that names no host stays as it is, for the policy to refuse. A Middleware's texts that name an own host follow.
 *
 * `tls: strip` takes spec.tls of an IngressRoute off, and the entry point `websecure` becomes `web` (as Traefik's chart
 * calls them); TCP routes keep it, since HostSNI needs it. A Secret by name takes the place of secretName, certResolver
 * and domains.
 */
export const traefik = (): Family => ({
  holds: (manifest) => isRoute(manifest) || isTraefik(manifest, 'Middleware'),
  hostsOf: (manifest) =>
    !isRoute(manifest)
      ? []
      : rulesOf(manifest).flatMap(([, rule]) =>
          matchersOf(rule)
            .filter(({ isTurned }) => !isTurned)
            .flatMap((matcher): readonly NamedHost[] =>
              hostsOf(matcher).map((host) => ({
                host,
                field: FIELD,
                isAddress: isHttp(manifest) || isPassedThrough(manifest),
              })),
            ),
        ),
  securedBy: (manifest) =>
    objectOf(manifest.spec).tls === undefined
      ? []
      : rulesOf(manifest).flatMap(([, rule]) => matchersOf(rule).flatMap(hostsOf)),
  renamed: (manifest, naming) =>
    isRoute(manifest) ? renamedRoute(manifest, naming) : renamedMiddleware(manifest, naming),
})

const FIELD = 'spec.routes.match'

const routesOf = (manifest: Manifest): readonly Json[] => listOf(objectOf(manifest.spec).routes)

const rulesOf = (manifest: Manifest): readonly (readonly [text: string, rule: Rule])[] =>
  routesOf(manifest)
    .map((route) => textOf(objectOf(route).match))
    .filter((match) => match.trim() !== '')
    .map((match) => [match, parseRule(match, `${objectName(manifest)}: ${FIELD}`)])

const isName = ({ name }: Matcher): boolean => ['host', 'hostheader', 'hostsni'].includes(name.toLowerCase())
const isPattern = ({ name }: Matcher): boolean => ['hostregexp', 'hostsniregexp'].includes(name.toLowerCase())

/** The hosts of a matcher, patterns as wildcards. */
const hostsOf = (matcher: Matcher): readonly string[] => {
  if (isName(matcher)) return matcher.args.map(({ value }) => value.toLowerCase())
  if (!isPattern(matcher)) return []
  return matcher.args
    .map(({ value }) => patternDomainOf(value))
    .flatMap((domain) => (domain === null ? [] : [`*.${domain}`]))
}

function renamedRoute(manifest: Manifest, naming: Naming): Manifest | null {
  const routes = routesOf(manifest).flatMap((route) => {
    const match = textOf(objectOf(route).match)
    if (!isObject(route) || match.trim() === '') return [route]
    const rule = parseRule(match, `${objectName(manifest)}: ${FIELD}`)
    const turned = new Set(
      matchersOf(rule)
        .filter(({ isTurned }) => isTurned)
        .map(({ start }) => start),
    )
    const now = rewriteRule(match, rule, (matcher) =>
      renamedMatcher(match, matcher, manifest, naming, turned.has(matcher.start)),
    )
    return now === null ? [] : [{ ...route, match: now }]
  })
  if (routes.length === 0 && routesOf(manifest).length > 0) return null
  return withSpec(manifest, withTls({ ...objectOf(manifest.spec), routes }, manifest, naming))
}

function renamedMatcher(
  text: string,
  matcher: Matcher,
  manifest: Manifest,
  naming: Naming,
  isTurned: boolean,
): string | null {
  const whole = text.slice(matcher.start, matcher.end)
  if (!isName(matcher) && !isPattern(matcher)) return whole
  const own = matcher.args.flatMap(({ value }) => {
    const made = isPattern(matcher)
      ? ownPattern(value, manifest, naming)
      : naming.own(value.toLowerCase(), manifest, FIELD)
    // Where a rule says "not at this host", a host that the preview does not have excludes nothing.
    return made === null ? (isTurned ? [value] : []) : [made]
  })
  if (own.length === 0) return matcher.args.length === 0 ? whole : null
  return `${matcher.name}(${own.map((host) => `\`${host}\``).join(', ')})`
}

function ownPattern(pattern: string, manifest: Manifest, naming: Naming): string | null {
  const domain = patternDomainOf(pattern)
  if (domain === null) {
    if (!naming.isExposed(pattern)) return null
    throw new Terminal(
      `${objectName(manifest)}: ${FIELD}: ${shownHost(pattern)} is a wildcard that is more than any name below a domain, so no preview's form can be made of it; name each host`,
    )
  }
  const own = naming.own(`*.${domain}`, manifest, FIELD)
  return own === null ? null : patternOf(pattern, own.slice(2))
}

function withTls(spec: JsonObject, manifest: Manifest, naming: Naming): JsonObject {
  if (spec.tls === undefined) return spec
  const tls = objectOf(spec.tls)
  if (naming.tls === 'keep' || tls.passthrough === true) return domainsOf(spec, tls, manifest, naming)
  if (naming.tls !== 'strip') {
    return { ...spec, tls: { ...without(tls, ['certResolver', 'domains']), secretName: naming.tls.secret } }
  }
  if (!isHttp(manifest)) return domainsOf(spec, tls, manifest, naming)
  const points = listOf(spec.entryPoints).map((name) => (name === 'websecure' ? 'web' : name))
  return { ...without(spec, ['tls']), ...(points.length === 0 ? {} : { entryPoints: [...new Set(points)] }) }
}

/** Traefik: TLS, domains. For these a certificate is asked; a wildcard is for the hosts of the rules that it covers. */
function domainsOf(spec: JsonObject, tls: JsonObject, manifest: Manifest, naming: Naming): JsonObject {
  if (tls.domains === undefined) return spec
  const ruled = rulesOf(manifest).flatMap(([, rule]) => matchersOf(rule).flatMap(hostsOf))
  const domains = listOf(tls.domains).flatMap((domain) => {
    const names = [objectOf(domain).main ?? null, ...listOf(objectOf(domain).sans)]
      .map(textOf)
      .filter((host) => host !== '')
    const hosts = names.flatMap((host) => {
      const covered = isWildcard(host) ? ruled.filter((one) => covers(host, one)) : []
      return covered.length > 0 ? covered : [host.toLowerCase()]
    })
    const [main, ...sans] = ownHostsOf(hosts, naming, manifest, 'spec.tls.domains')
    return main === undefined ? [] : [{ main, ...(sans.length === 0 ? {} : { sans }) }]
  })
  return { ...spec, tls: { ...tls, domains } }
}

/** Traefik: Middleware. Redirects, CORS and Host headers. */
const FOLLOWED = [
  'redirectRegex.regex',
  'redirectRegex.replacement',
  'headers.sslHost',
  'headers.allowedHosts.*',
  'headers.accessControlAllowOriginList.*',
  'headers.customRequestHeaders.Host',
  'headers.customRequestHeaders.host',
  'forwardAuth.address',
].map(pathOf)

const renamedMiddleware = (manifest: Manifest, naming: Naming): Manifest =>
  withSpec(
    manifest,
    FOLLOWED.reduce((inner: Json, path) => changeAt(inner, path, following(naming)), manifest.spec ?? null),
  )
