import { expect, it } from 'vitest'
import { imageTargetOf } from '../../../src/adapters/build/image-target.ts'

const REVISION = { app: 'shop', image: null, pull: 7, sha: 'a'.repeat(40), hash: 'b'.repeat(64) }
const target = (repository: string, tag = '{sha}', image: string | null = null) =>
  imageTargetOf({ repository, tag, plainHttp: false, authFile: null }, { ...REVISION, image })

it('fills in the app, the pull request, the commit, and the hash of what an image is made from', () => {
  expect(target('r.example.com/x', 'v2-{hash}').tag).toBe(`v2-${'b'.repeat(64)}`)
  expect(target('registry.example.com:5000/previews/{app}', 'pr-{pr}-{sha}')).toEqual({
    registry: 'registry.example.com:5000',
    repository: 'previews/shop',
    tag: `pr-7-${'a'.repeat(40)}`,
  })
})

it.each([
  ['r.example.com/{app}', '{hash}', 'shop', `worker-${'b'.repeat(64)}`],
  ['r.example.com/{app}', '{app}-{sha}', 'shop', `worker-shop-${'a'.repeat(40)}`],
  ['r.example.com/{app}', '{sha}.{image}', 'shop', `${'a'.repeat(40)}.worker`],
  ['r.example.com/{app}-{image}', '{sha}', 'shop-worker', 'a'.repeat(40)],
])('tells an image of several by its name: %s with the tag %s', (repository, tag, wanted, wantedTag) => {
  expect(target(repository, tag, 'worker')).toMatchObject({ repository: wanted, tag: wantedTag })
})

it('calls an app’s one image as the app', () => {
  expect(target('r.example.com/{app}/{image}', '{image}-{pr}')).toMatchObject({
    repository: 'shop/shop',
    tag: 'shop-7',
  })
})

it.each([
  ['r.example.com/{sha}', '{sha}', 'registry.repository has {sha}; what it may have is {app} {image}'],
  ['r.example.com/x', '{branch}', 'registry.tag has {branch}; what it may have is {app} {hash} {image} {pr} {sha}'],
  ['r.example.com/x', '-{sha}', 'which is no tag'],
  ['r.example.com/X', '{sha}', 'has upper case letters'],
])('refuses %s with the tag %s, saying why', (repository, tag, message) => {
  expect(() => target(repository, tag)).toThrow(message)
})
