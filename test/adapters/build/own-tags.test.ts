import { expect, it } from 'vitest'
import { isOwnTag } from '../../../src/adapters/build/own-tags.ts'

const SHA = 'a1'.repeat(20)

it.each([
  ['{sha}', SHA, true],
  ['{sha}', 'latest', false],
  ['{sha}', `${SHA}-debug`, false],
  ['{sha}', SHA.slice(1), false],
  ['pr-{pr}-{sha}', `pr-7-${SHA}`, true],
  ['pr-{pr}-{sha}', `pr-0-${SHA}`, false],
  ['{app}.{sha}', `shop.${SHA}`, true],
  ['{app}.{sha}', `shopx${SHA}`, false],
  ['{app}.{sha}', `blog.${SHA}`, false],
  ['{hash}', 'c0ffee00c0ffee00', true],
  ['{hash}', 'cache', false],
  ['{hash}', 'v1.2.3', false],
])('of the template %s, %s is WeStage’s: %s', (template, tag, isOwn) => {
  expect(isOwnTag(template, 'shop')(tag)).toBe(isOwn)
})
