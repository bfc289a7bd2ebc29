import type { Preview } from '../../src/domain/preview.ts'
import { DIGEST } from './sample.ts'

/** What preview.yaml says of a small preview, changed where a test says so. */
export const previewOf = (changes: Partial<Preview> = {}): Preview => ({
  app: 'shop',
  slug: 'feat-cart',
  namespace: 'westage-shop-feat-cart',
  repository: { id: 42, name: 'acme/shop' },
  pull: { number: 7, url: 'https://github.test/acme/shop/pull/7', branch: 'feat/cart', author: 'dependabot[bot]' },
  sha: 'a'.repeat(40),
  url: 'https://feat-cart-shop.example.test',
  hosts: ['feat-cart-shop.example.test'],
  wildcards: [],
  images: { 'ghcr.io/acme/shop': `registry.test/previews/shop@${DIGEST}` },
  common: '',
  page: 'https://westage.test/previews/shop/pr-7',
  destination: { name: 'in-cluster', server: '' },
  callbacks: [{ source: 'payments', path: '/hooks/payments', missed: false }],
  ...changes,
})
