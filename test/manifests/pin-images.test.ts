import { describe, expect, it } from 'vitest'
import { imageNameOf, pinImages, pinnedImagesOf, unusedImages } from '../../src/manifests/pin-images.ts'
import { containersOf } from '../../src/manifests/pod-templates.ts'
import { BUILT, manifestsOf, targetOf } from './sample.ts'

const PINNED = `${BUILT.repository}@${BUILT.digest}`
const deployment = (...images: readonly string[]) =>
  JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: { template: { spec: { containers: images.map((image, at) => ({ name: `c${at}`, image })) } } },
  })
const pinned = (yaml: string, replaces: string | null = null, app = 'shop') => {
  const target = targetOf({ app, images: [{ name: null, built: BUILT, replaces }] })
  return pinImages(manifestsOf(yaml), target)
    .flatMap((manifest) => containersOf(manifest))
    .map(({ image }) => image)
}

describe('the image built from the commit', () => {
  it('takes the place of the one that is configured, whatever its tag', () => {
    const yaml = deployment('ghcr.io/acme/shop:1', 'ghcr.io/acme/api:2', `ghcr.io/acme/api@${BUILT.digest}`)
    expect(pinned(yaml, 'ghcr.io/acme/api:9')).toEqual(['ghcr.io/acme/shop:1', PINNED, PINNED])
    expect(pinned(deployment('nginx:1', 'redis'), 'docker.io/library/nginx')).toEqual([PINNED, 'redis'])
  })

  it('takes the place of the one called like the app, else like the repo', () => {
    expect(pinned(deployment('ghcr.io/acme/shop:1', 'api', 'nginx'), null, 'api')).toEqual([
      'ghcr.io/acme/shop:1',
      PINNED,
      'nginx',
    ])
    expect(pinned(deployment('ghcr.io/acme/shop:1', 'nginx'), null, 'api')).toEqual([PINNED, 'nginx'])
    expect(pinned(deployment('localhost:5000/shop', 'shop-proxy', 'nginx'))).toEqual([PINNED, 'shop-proxy', 'nginx'])
  })

  it('takes the place of the only one there is', () => {
    expect(pinned(deployment('PROJECT/web:1', 'PROJECT/web:2'))).toEqual([PINNED, PINNED])
  })

  it('goes into initContainers and every kind of pod template', () => {
    const template = {
      spec: { initContainers: [{ name: 'i', image: 'shop' }], containers: [{ name: 'c', image: 'shop:1' }] },
    }
    const of = (apiVersion: string, kind: string, rest: object) =>
      JSON.stringify({ apiVersion, kind, metadata: { name: kind.toLowerCase() }, ...rest })
    const yaml = [
      ...['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'].map((kind) =>
        of('apps/v1', kind, { spec: { template } }),
      ),
      of('v1', 'ReplicationController', { spec: { template } }),
      of('batch/v1', 'Job', { spec: { template } }),
      of('batch/v1beta1', 'CronJob', { spec: { jobTemplate: { spec: { template } } } }),
      of('argoproj.io/v1alpha1', 'Rollout', { spec: { template } }),
      of('v1', 'PodTemplate', { template }),
      of('v1', 'Pod', template),
    ].join('\n---\n')
    expect(pinned(yaml)).toEqual(Array.from({ length: 20 }, () => PINNED))
  })

  it('changes nothing in a Rollout without a template, nor in other groups’ kinds', () => {
    const spec = { template: { spec: { containers: [{ name: 'c', image: 'shop' }] } } }
    const volcano = { apiVersion: 'batch.volcano.sh/v1alpha1', kind: 'Job', metadata: { name: 'v' }, spec }
    const rollout = {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Rollout',
      metadata: { name: 'r' },
      spec: { workloadRef: { kind: 'Deployment' } },
    }
    const manifests = manifestsOf(
      [deployment('shop'), JSON.stringify(volcano), JSON.stringify(rollout)].join('\n---\n'),
    )
    const target = targetOf({ images: [{ name: null, built: BUILT, replaces: null }] })
    expect(pinImages(manifests, target).slice(1)).toEqual([volcano, rollout])
  })

  it('is nowhere where none was built', () => {
    const manifests = manifestsOf(deployment('a', 'b'))
    expect(pinImages(manifests, targetOf())).toEqual(manifests)
  })

  it.each<[readonly string[], string | null, readonly string[]]>([
    [['ghcr.io/acme/web:1', 'nginx'], null, ['found: ghcr.io/acme/web, nginx', 'Set `image` for shop in westage.yaml']],
    [['ghcr.io/acme/web:1'], 'ghcr.io/acme/other', ['no container runs ghcr.io/acme/other', 'found: ghcr.io/acme/web']],
    [[], null, ['there is no image in its manifests']],
  ])('is refused where it is not known which it replaces: %j, configured %j', (images, replaces, words) => {
    for (const text of words) expect(() => pinned(deployment(...images), replaces)).toThrow(text)
  })

  it('is listed by the names that it replaced', () => {
    const target = targetOf({ images: [{ name: null, built: BUILT, replaces: null }] })
    expect([...pinnedImagesOf(manifestsOf(deployment('ghcr.io/acme/shop:1', 'shop:2', 'nginx')), target)]).toEqual([
      ['ghcr.io/acme/shop', PINNED],
      ['shop', PINNED],
    ])
  })

  it.each([
    ['nginx', 'nginx'],
    ['nginx:1.27', 'nginx'],
    ['localhost:5000/nginx', 'localhost:5000/nginx'],
    [`localhost:5000/a/nginx:1@${BUILT.digest}`, 'localhost:5000/a/nginx'],
  ])('is compared by name: %s is %s', (image, name) => expect(imageNameOf(image)).toBe(name))
})

describe('several images that are built from the commit', () => {
  const built = (name: string, replaces: string | null = null) => {
    const repository = `registry.example.com/shop/${name}`
    return { name, replaces, built: { repository, digest: BUILT.digest } }
  }
  const reference = (name: string) => `registry.example.com/shop/${name}@${BUILT.digest}`
  const places = (yaml: string, images: readonly ReturnType<typeof built>[]) =>
    pinImages(manifestsOf(yaml), targetOf({ images }))
      .flatMap((manifest) => containersOf(manifest))
      .map(({ image }) => image)

  it('take each the place of the one that is given for it, or called like it', () => {
    const yaml = deployment('ghcr.io/acme/shop-web:1', 'worker:1', 'ghcr.io/acme/cron:1', 'nginx')
    const images = [built('worker'), built('web'), built('jobs', 'ghcr.io/acme/cron')]
    expect(places(yaml, images)).toEqual([reference('web'), reference('worker'), reference('jobs'), 'nginx'])
  })

  it('that are called like the app and after themselves are found before those called like themselves alone', () => {
    expect(places(deployment('acme/web', 'acme/shop-web'), [built('web')])).toEqual(['acme/web', reference('web')])
  })

  it('are told where nothing runs one of them, which holds nothing up', () => {
    const manifests = manifestsOf(deployment('acme/web', 'nginx'))
    const images = [built('web'), built('worker'), built('jobs', 'ghcr.io/acme/cron')]
    expect([...pinnedImagesOf(manifests, targetOf({ images })).keys()]).toEqual(['acme/web'])
    expect(unusedImages(manifests, targetOf({ images }))).toEqual([
      'the image worker is built and not used: none is called shop-worker or worker; found: acme/web, nginx',
      'the image jobs is built and not used: no container runs ghcr.io/acme/cron; found: acme/web, nginx',
    ])
  })

  it('are refused where nothing runs any of them', () => {
    expect(() => places(deployment('nginx'), [built('web'), built('worker', 'a/b')])).toThrow(
      'no container runs an image that is built for shop; web: none is called shop-web or web; worker: no container runs a/b; found: nginx',
    )
  })

  it('are refused where two take the place of the same, naming both', () => {
    expect(() => places(deployment('acme/web'), [built('web'), built('api', 'acme/web:2')])).toThrow(
      'acme/web would be replaced by two images of shop, web and api: give one of them an `image` of its own',
    )
  })
})
