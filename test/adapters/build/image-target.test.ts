import { expect, it } from 'vitest'
import { imageTargetOf } from '../../../src/adapters/build/image-target.ts'

const REVISION = { app: 'shop', pull: 7, sha: 'a'.repeat(40), hash: 'b'.repeat(64) }
const target = (repository: string, tag = '{sha}') =>
  imageTargetOf({ repository, tag, plainHttp: false, authFile: null }, REVISION)

it('fills in the app, the pull request, the commit, and the hash of what an image is made from', () => {
  expect(target('r.example.com/x', 'v2-{hash}').tag).toBe(`v2-${'b'.repeat(64)}`)
  expect(target('registry.example.com:5000/previews/{app}', 'pr-{pr}-{sha}')).toEqual({
    registry: 'registry.example.com:5000',
    repository: 'previews/shop',
    tag: `pr-7-${'a'.repeat(40)}`,
  })
})

it.each([
  ['r.example.com/{sha}', '{sha}', 'registry.repository has {sha}; what it may have is {app}'],
  ['r.example.com/x', '{branch}', 'registry.tag has {branch}; what it may have is {app} {hash} {pr} {sha}'],
  ['r.example.com/x', '-{sha}', 'which is no tag'],
  ['r.example.com/X', '{sha}', 'has upper case letters'],
])('refuses %s with the tag %s, saying why', (repository, tag, message) => {
  expect(() => target(repository, tag)).toThrow(message)
})
