import type { Subject } from '../../src/domain/words.ts'

/** What a pull request is told of, beside its state, changed where a test says so. */
export const subjectOf = (changes: Partial<Subject> = {}): Subject => ({
  key: '1/7/shop',
  checkName: 'westage / shop',
  environment: 'westage/shop/pr-7',
  sha: 'abcdef0123456789abcdef0123456789abcdef01',
  run: { id: 'r1', url: 'https://westage.test/runs/r1' },
  notices: [],
  steps: [],
  urls: ['https://feat-pay-shop.test'],
  namespace: 'westage-shop-feat-pay',
  pageUrl: 'https://westage.test/previews/shop/pr-7',
  commitUrlOf: (commit) => `https://git.test/gitops/commit/${commit}`,
  ...changes,
})
