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
  ['{hash}', 'c0ffee00'.repeat(8), true],
  ['{hash}', 'c0ffee00c0ffee00', false],
  ['{hash}', SHA, false],
  ['pr-{pr}-{hash}', `pr-7-${'c0ffee00'.repeat(8)}`, true],
  ['{date}', 'c0ffee00'.repeat(8), false],
  ['{hash}', 'cache', false],
  ['{hash}', 'v1.2.3', false],
  ['{hash}', `worker-${'c0ffee00'.repeat(8)}`, true],
  ['{hash}', 'worker-c0ffee00c0ffee00', false],
  ['{hash}', 'worker-cache', false],
  ['{hash}', `Worker-${'c0ffee00'.repeat(8)}`, false],
  ['{sha}-{image}', `${SHA}-shop`, true],
  ['{sha}-{image}', `worker-${SHA}-shop`, false],
])('of the template %s, %s is WeStage’s: %s', (template, tag, isOwn) => {
  expect(isOwnTag({ repository: 'r.example.com/{app}', tag: template }, 'shop')(tag)).toBe(isOwn)
})
