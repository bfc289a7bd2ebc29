import { describe, expect, it } from 'vitest'
import { followServiceNames } from '../../src/manifests/follow-services.ts'
import { type JsonObject, objectOf } from '../../src/manifests/json.ts'
import type { Manifest } from '../../src/manifests/manifest.ts'
import { containersOf } from '../../src/manifests/pod-templates.ts'
import { deployment, first, only } from './only.ts'
import { targetOf } from './sample.ts'

const OWN = 'westage-shop-feat-cart'
const service = (name: string, namespace: string) => only('v1', 'Service', { metadata: { name, namespace } })
/** Services `db` and `web` of the namespace `shop`, after one more object of it. */
const followed = (manifest: Manifest, formerNamespaces: readonly string[] = []): Manifest =>
  first(followServiceNames([manifest, service('db', 'shop'), service('web', 'shop')], targetOf({ formerNamespaces })))
const inShop = { metadata: { namespace: 'shop' } }
const inConfig = (text: string, formerNamespaces: readonly string[] = []) =>
  objectOf(followed(only('v1', 'ConfigMap', { ...inShop, data: { text } }), formerNamespaces).data).text

describe('a Service of the former namespace', () => {
  it.each([
    ['db.shop.svc', `db.${OWN}.svc`],
    ['db.shop.svc.cluster.local', `db.${OWN}.svc.cluster.local`],
    ['db.shop.svc.cluster.local.', `db.${OWN}.svc.cluster.local.`],
    ['elsewhere.shop.svc:80', `elsewhere.${OWN}.svc:80`],
    ['tcp://db.shop.svc:5432', `tcp://db.${OWN}.svc:5432`],
    [
      'postgres://u:p@db.shop.svc.cluster.local:5432/shop?ssl=off',
      `postgres://u:p@db.${OWN}.svc.cluster.local:5432/shop?ssl=off`,
    ],
    ['web-0.web.shop.svc.cluster.local', `web-0.web.${OWN}.svc.cluster.local`],
    ['_pg._tcp.db.shop.svc.cluster.local', `_pg._tcp.db.${OWN}.svc.cluster.local`],
    ['db.shop.svc,web.shop.svc;a.other.svc', `db.${OWN}.svc,web.${OWN}.svc;a.other.svc`],
    ['localhost,.shop.svc,.shop.svc.cluster.local', `localhost,.${OWN}.svc,.${OWN}.svc.cluster.local`],
    ['{"db":"db.shop.svc","n":1}', `{"db":"db.${OWN}.svc","n":1}`],
    ['db.url=jdbc:mysql://db.shop.svc/a\nb=c', `db.url=jdbc:mysql://db.${OWN}.svc/a\nb=c`],
    [
      'RESP=$(wget -q -O- http://web.shop.svc.cluster.local);',
      `RESP=$(wget -q -O- http://web.${OWN}.svc.cluster.local);`,
    ],
    ['http://$(NAME).shop.svc/', `http://$(NAME).${OWN}.svc/`],
    ['%s.shop.svc', `%s.${OWN}.svc`],
    ['search shop.svc.cluster.local', `search ${OWN}.svc.cluster.local`],
    ['db.shop.svc.k8s.acme.test', `db.${OWN}.svc.k8s.acme.test`],
    ['ask db.shop.svc. Then wait', `ask db.${OWN}.svc. Then wait`],
    ['db.shop:5432', `db.${OWN}:5432`],
    ['db.shop', `db.${OWN}`],
    ['redis://:pw@db.shop/0', `redis://:pw@db.${OWN}/0`],
    ['hosts: [web-0.web.shop, db.shop]', `hosts: [web-0.web.${OWN}, db.${OWN}]`],
    ['spring.datasource.host=db.shop', `spring.datasource.host=db.${OWN}`],
    ['url: http://db.shop:$(PORT)/', `url: http://db.${OWN}:$(PORT)/`],
  ])('is the preview’s: %s', (text, expected) => {
    expect(inConfig(text)).toBe(expected)
  })

  it.each([
    'db.other.svc.cluster.local',
    'db.shop.svcs',
    'db.shop.svc-x',
    'elsewhere.shop.svc.cluster.localhost',
    'db.shop2.svc',
    'db.my-shop.svc',
    'db.shop_a.svc',
    'elsewhere.shop.svc.k8s.acme.test',
    'elsewhere.shop:80',
    'db.shop.example.com',
    'api.db.shop.example.com',
    'mydb.shop',
    'x.y.db.shop',
    '/etc/db.shop',
    'etc/db.shop/a',
    'db.shop=5',
    'db.shop = 5',
    'db.shop: 5',
    '{"db.shop": 5}',
    'kubernetes.default.svc',
    'https://kubernetes.default.svc.cluster.local',
    'shop',
    'DB.SHOP.SVC',
    '',
  ])('is not confused with another, or part of a longer name: %j', (text) => {
    const manifest = only('v1', 'ConfigMap', { ...inShop, data: { text } })
    expect(followed(manifest)).toBe(manifest)
  })

  it('is found in every text of a container that tells it an address', () => {
    const told = (host: string): JsonObject => ({
      name: 'web',
      image: 'registry.shop.svc:5000/web',
      command: ['wait', host],
      args: [`--db=${host}`],
      env: [
        { name: 'DB', value: host },
        { name: 'NS', value: 'shop' },
        { name: 'HOST', valueFrom: { fieldRef: {} } },
      ],
      readinessProbe: { exec: { command: ['ping', host] }, httpGet: { host: 'web.other.svc' } },
    })
    const pod = { initContainers: [told('db.shop.svc')], containers: [told('db.shop')] }
    expect(
      containersOf(
        followed({ ...deployment(pod), ...only('apps/v1', 'Deployment', inShop), spec: { template: { spec: pod } } }),
      ),
    ).toEqual([told(`db.${OWN}.svc`), told(`db.${OWN}`)])
  })

  it.each<[string, string, JsonObject]>([
    ['networking.istio.io/v1alpha3', 'EnvoyFilter', { service: 'ratelimit.shop.svc.cluster.local', address: 'a' }],
    ['networking.istio.io/v1', 'ServiceEntry', { hosts: ['db.shop.svc.cluster.local'] }],
    ['networking.istio.io/v1', 'VirtualService', { http: [{ rewrite: { authority: 'web.shop.svc.cluster.local' } }] }],
    [
      'argoproj.io/v1alpha1',
      'AnalysisTemplate',
      { metrics: [{ provider: { prometheus: { address: 'http://p.shop.svc:9090' } } }] },
    ],
    ['sources.knative.dev/v1', 'PingSource', { sink: { uri: 'http://web.shop.svc.cluster.local/x' } }],
    ['cert-manager.io/v1', 'Certificate', { dnsNames: ['web.shop.svc', 'web.shop.svc.cluster.local'] }],
    ['acme.test/v1', 'Widget', { any: { thing: ['//web.shop.svc'] } }],
  ])('is found wherever it stands in %s %s', (apiVersion, kind, spec) => {
    const expected = JSON.parse(JSON.stringify(spec).replaceAll('.shop.svc', `.${OWN}.svc`))
    expect(followed(only(apiVersion, kind, { ...inShop, spec })).spec).toEqual(expected)
  })

  it('is found in annotations, as ingress-nginx has it', () => {
    const annotations = { 'nginx.ingress.kubernetes.io/auth-url': 'http://auth.shop.svc.cluster.local?code=200' }
    const ingress = only('networking.k8s.io/v1', 'Ingress', { metadata: { namespace: 'shop', annotations } })
    expect(followed(ingress).metadata.annotations).toEqual({
      'nginx.ingress.kubernetes.io/auth-url': `http://auth.${OWN}.svc.cluster.local?code=200`,
    })
  })

  it('is found in Secrets, encoded or not, but not in their bytes', () => {
    const encoded = (text: string) => Buffer.from(text, 'latin1').toString('base64')
    const bytes = encoded('\u00ff db.shop.svc')
    const secret = only('v1', 'Secret', {
      ...inShop,
      stringData: { url: 'mysql://db.shop' },
      data: { url: encoded('mysql://db.shop.svc'), bytes, other: encoded('hunter2') },
    })
    const { stringData, data } = followed(secret)
    expect({ stringData, data }).toEqual({
      stringData: { url: `mysql://db.${OWN}` },
      data: { url: encoded(`mysql://db.${OWN}.svc`), bytes, other: encoded('hunter2') },
    })
  })

  it('keeps labels, selectors, names and images', () => {
    const labels = { host: 'db.shop.svc' }
    const manifest = only('apps/v1', 'Deployment', {
      metadata: { name: 'db.shop.svc', namespace: 'shop', labels },
      spec: {
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ image: 'a.shop.svc/b' }] } },
      },
    })
    expect(followed(manifest)).toBe(manifest)
  })
})

describe('the former namespaces', () => {
  const text = 'a.default.svc b.shop.svc c.legacy.svc d.kube-system.svc'
  const textOf = (namespace: string, formerNamespaces: readonly string[]) => {
    const metadata = namespace === '' ? {} : { namespace }
    const config = only('v1', 'ConfigMap', { metadata, data: { text } })
    return objectOf(first(followServiceNames([config], targetOf({ formerNamespaces }))).data).text
  }

  it.each<[string, readonly string[], readonly string[]]>([
    ['shop', [], ['shop']],
    ['', [], ['default']],
    ['', ['shop', 'legacy'], ['default', 'shop', 'legacy']],
    ['kube-system', [], []],
  ])('are those that objects name (%j) and the configuration gives (%j)', (namespace, given, expected) => {
    const replaced = expected.reduce((whole, name) => whole.replace(`.${name}.`, `.${OWN}.`), text)
    expect(textOf(namespace, given)).toBe(replaced)
  })

  it('leave a word such as web.default alone where it is no address', () => {
    const inDefault = (data: string) =>
      objectOf(
        first(
          followServiceNames(
            [only('v1', 'ConfigMap', { data: { text: data } }), only('v1', 'Service', { metadata: { name: 'web' } })],
            targetOf(),
          ),
        ).data,
      ).text
    expect(inDefault('profile web.default, http://web.default/a, web.default:80')).toBe(
      `profile web.default, http://web.${OWN}/a, web.${OWN}:80`,
    )
  })
})
