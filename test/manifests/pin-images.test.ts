import { describe, expect, it } from 'vitest'
import { imageNameOf, pinImages, pinnedImagesOf } from '../../src/manifests/pin-images.ts'
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
  const target = targetOf({ app, image: { built: BUILT, replaces } })
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
    const target = targetOf({ image: { built: BUILT, replaces: null } })
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
    const target = targetOf({ image: { built: BUILT, replaces: null } })
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
