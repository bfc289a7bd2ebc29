/** The sample repo's pull requests, and what their authors push when a button is pressed. */
import { readFileSync } from 'node:fs'
import type { FileChanges } from '../servers/github/commits.ts'

export const SHOP = 'acme/shop'

interface SamplePull {
  readonly branch: string
  readonly title: string
  readonly author: string
  readonly headline: string
}

export const SAMPLE_PULLS: readonly SamplePull[] = [
  { branch: 'feat/express-checkout', title: 'Express checkout', author: 'dev-1', headline: 'Pay in one step' },
  { branch: 'feat/gift-cards', title: 'Gift cards', author: 'dev-2', headline: 'Give a garden away' },
  { branch: 'fix/slow-search', title: 'Search answers while you type', author: 'dev-3', headline: 'Find it at once' },
]

const BASE_DEPLOYMENT = 'k8s/base/deployment.yaml'
const deployment = readFileSync(new URL(`sample-app/${BASE_DEPLOYMENT}`, import.meta.url), 'utf8')

/** A commit that renders: another headline on the page and in the ConfigMap, and the Deployment as it should be. */
export function goodCommit(headline: string): FileChanges {
  return {
    'site/index.html': `<!doctype html>
<meta charset="utf-8">
<title>Shop</title>
<link rel="stylesheet" href="style.css">
<h1>Shop</h1>
<p>${headline}</p>
<form method="post" action="/pay" target="_blank"><button type="submit">Pay</button></form>
<iframe src="/orders" title="Orders"></iframe>
`,
    'k8s/overlays/preview/headline.yaml': `apiVersion: v1
kind: ConfigMap
metadata:
  name: shop
data:
  HEADLINE: ${headline}
`,
    [BASE_DEPLOYMENT]: deployment,
  }
}

/** The file that `brokenCommit` breaks. */
export const BROKEN_FILE = BASE_DEPLOYMENT

/** A commit with a slip of the keyboard: `image` is not where its list item is. */
export const brokenCommit = (nth: number): FileChanges => ({
  [BASE_DEPLOYMENT]: deployment.replace(
    /^ {10}image: .*$/m,
    `        image: registry.example.com/acme/shop:edge-${nth}`,
  ),
})
