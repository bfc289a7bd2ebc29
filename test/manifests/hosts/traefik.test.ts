import { describe, expect, it } from 'vitest'
import { namesItsHosts, parseRule } from '../../../src/manifests/hosts/traefik-rule.ts'
import { renamed, specOf, urlsOf } from './renamed.ts'

const route = (
  matches: readonly string[],
  more: object = {},
  kind = 'IngressRoute',
  apiVersion = 'traefik.io/v1alpha1',
) =>
  JSON.stringify({
    apiVersion,
    kind,
    metadata: { name: 'web' },
    spec: { entryPoints: ['websecure'], routes: matches.map((match) => ({ match, kind: 'Rule' })), ...more },
  })
const matchOf = (match: string, rules = {}, kind = 'IngressRoute') =>
  specOf(renamed(route([match], {}, kind), rules), kind)

describe('the hosts of Traefik’s rules', () => {
  it.each([
    ['Host(`foo.com`) && PathPrefix(`/bar`)', 'Host(`feat-cart-foo.com`) && PathPrefix(`/bar`)'],
    [
      'Host(`a.com`) && (Host(`b.com`)||Host(`a.com`))',
      'Host(`feat-cart-a.com`) && (Host(`feat-cart-b.com`)||Host(`feat-cart-a.com`))',
    ],
    ['Host(`a.com`, `b.com`) && !Path(`/Host(x)`)', 'Host(`feat-cart-a.com`, `feat-cart-b.com`) && !Path(`/Host(x)`)'],
    ['HOST("Foo.com")  &&  Header(`X`, `foo.com`)', 'HOST(`feat-cart-foo.com`)  &&  Header(`X`, `foo.com`)'],
    ['HostHeader(`foo.com`)', 'HostHeader(`feat-cart-foo.com`)'],
    ['PathPrefix(`/api`)', 'PathPrefix(`/api`)'],
  ])('become the preview’s: %s', (before, after) => {
    expect(matchOf(before)).toMatchObject({ routes: [{ match: after }] })
  })

  it('become the preview’s in TCP routes and under the older group', () => {
    expect(matchOf('HostSNI(`foo.com`)', {}, 'IngressRouteTCP')).toMatchObject({
      routes: [{ match: 'HostSNI(`feat-cart-foo.com`)' }],
    })
    const older = route(['Host(`foo.com`)'], {}, 'IngressRoute', 'traefik.containo.us/v1alpha1')
    expect(specOf(renamed(older), 'IngressRoute')).toMatchObject({ routes: [{ match: 'Host(`feat-cart-foo.com`)' }] })
  })

  it('give the preview’s addresses', () => {
    expect(urlsOf(route(['Host(`a.com`) || Host(`b.com`)', 'Host(`a.com`) && !Host(`c.com`)'], { tls: {} }))).toEqual([
      'https://feat-cart-a.com',
      'https://feat-cart-b.com',
    ])
  })

  it.each([
    ['HostSNI(`*`)', 'IngressRouteTCP'],
    ['HostRegexp(`^[a-z]+\\.example\\.com$`)', 'IngressRoute'],
    ['HostRegexp(`{sub:[a-z]+}.example.com`)', 'IngressRoute'],
    ['hostregexp(`^(shop|api)\\.example\\.com$`)', 'IngressRoute'],
  ])('are refused where they are wildcards: %s', (match, kind) => {
    expect(() => matchOf(match, {}, kind)).toThrow(new RegExp(`^${kind}/web: spec\\.routes\\.match: .* is a wildcard`))
  })

  it.each([
    ['HostRegexp(`^[a-z]+\\.example\\.com$`)', 'HostRegexp(`^[a-zA-Z0-9-]+\\.feat-cart-example\\.com$`)'],
    ['HostRegexp(`.+\\.example\\.com`)', 'HostRegexp(`^[a-zA-Z0-9-]+\\.feat-cart-example\\.com$`)'],
    ['HostRegexp(`{sub:[a-z]+}.example.com`)', 'HostRegexp(`{sub:[a-z]+}.feat-cart-example.com`)'],
  ])('are mapped where they are all of a domain and it is set: %s', (before, after) => {
    expect(matchOf(before, { wildcards: 'map' })).toMatchObject({ routes: [{ match: after }] })
  })

  it.each(['HostRegexp(`^(a|.*)`)', 'HostRegexp(`.*`)', 'HostRegexp(`a|.+\\.example\\.com`)'])(
    'are refused where no preview’s form can be made: %s',
    (match) => {
      expect(() => matchOf(match, { wildcards: 'map' })).toThrow('name each host')
    },
  )

  it.each([
    'Host(`a.com`',
    'Host(`a.com`) &&',
    'Host(a.com)',
    'Host:a.com',
    '&& Host(`a.com`)',
    'Host(`a.com`) Host(`b.com`)',
    'Host("\\x61.com")',
    `${'('.repeat(5000)}Host(\`a.com\`)${')'.repeat(5000)}`,
  ])('are refused where the rule can’t be read: %s', (match) => {
    expect(() => matchOf(match)).toThrow(/IngressRoute\/web: spec\.routes\.match: the rule/)
  })

  it('go where the author does not expose them', () => {
    const exposed = ['a.com']
    expect(matchOf('Host(`a.com`) || Host(`b.com`) && Path(`/x`)', { exposed })).toMatchObject({
      routes: [{ match: 'Host(`feat-cart-a.com`)' }],
    })
    expect(matchOf('(Host(`b.com`) || Host(`a.com`)) && Path(`/x`)', { exposed })).toMatchObject({
      routes: [{ match: '(Host(`feat-cart-a.com`)) && Path(`/x`)' }],
    })
    expect(matchOf('Host(`a.com`, `b.com`)', { exposed })).toMatchObject({
      routes: [{ match: 'Host(`feat-cart-a.com`)' }],
    })
    expect(matchOf('Host(`a.com`) && !Host(`b.com`)', { exposed })).toMatchObject({
      routes: [{ match: 'Host(`feat-cart-a.com`) && !Host(`b.com`)' }],
    })
    const two = `${route(['Host(`b.com`)'])}\n---\n${route(['Host(`a.com`)']).replace('"web"', '"other"')}`
    expect(renamed(two, { exposed }).map(({ metadata }) => metadata.name)).toEqual(['other'])
  })

  it('lose TLS, have the Secret that is named, or ask for certificates of their own', () => {
    const tls = { tls: { certResolver: 'le', domains: [{ main: 'foo.com', sans: ['*.foo.com'] }], secretName: 'x' } }
    const yaml = route(['Host(`foo.com`) || Host(`a.foo.com`)'], tls)
    expect(specOf(renamed(yaml), 'IngressRoute')).toMatchObject({
      tls: { certResolver: 'le', domains: [{ main: 'feat-cart-foo.com', sans: ['feat-cart-a.foo.com'] }] },
    })
    const stripped = specOf(renamed(yaml, { tls: 'strip' }), 'IngressRoute')
    expect(stripped).toMatchObject({ entryPoints: ['web'] })
    expect(stripped).not.toHaveProperty('tls')
    expect(specOf(renamed(yaml, { tls: { secret: 'wild' } }), 'IngressRoute')).toMatchObject({
      tls: { secretName: 'wild' },
    })
    const passed = route(['HostSNI(`foo.com`)'], { tls: { passthrough: true } }, 'IngressRouteTCP')
    expect(specOf(renamed(passed, { tls: 'strip' }), 'IngressRouteTCP')).toMatchObject({ tls: { passthrough: true } })
    expect(urlsOf(passed)).toEqual(['https://feat-cart-foo.com'])
  })

  it.each([
    ['Host(`a.com`) && Path(`/x`)', true],
    ['(Host(`a.com`) || Host(`b.com`)) && Path(`/x`)', true],
    ['Host(`a.com`) || Host(`b.com`) && Path(`/x`)', true],
    ['Path(`/x`) || Host(`a.com`)', false],
    ['!Host(`a.com`)', false],
    ['Path(`/Host(`) && Method(`GET`)', false],
    ['Host()', false],
  ])('are all that a rule is for, or not: %s', (match, isAll) => {
    expect(namesItsHosts(parseRule(match, 'match'))).toBe(isAll)
  })

  it('follow in middlewares where they are the app’s own', () => {
    const middleware = `
apiVersion: traefik.io/v1alpha1
kind: Middleware
metadata: { name: m }
spec: { headers: { accessControlAllowOriginList: ["https://foo.com", "https://bar.com"] }, redirectRegex: { replacement: "https://foo.com/$1" } }`
    expect(specOf(renamed(`${route(['Host(`foo.com`)'])}\n---\n${middleware}`), 'Middleware')).toEqual({
      headers: { accessControlAllowOriginList: ['https://feat-cart-foo.com', 'https://bar.com'] },
      redirectRegex: { replacement: 'https://feat-cart-foo.com/$1' },
    })
  })
})
