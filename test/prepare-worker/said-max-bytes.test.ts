import { expect, it } from 'vitest'
import { saidMaxBytes } from '../../src/prepare-worker/said-max-bytes.ts'

const MB = 1024 * 1024

it('lets a prepare say as much as there is room for a log, and four times what kustomize may print', () => {
  expect([1, 16, 100].map((outputMb) => saidMaxBytes(outputMb * MB) / MB)).toEqual([64, 64, 400])
})
