import { type Bundle, bundleOf } from '../../src/manifests/bundle.ts'
import type { Target } from '../../src/manifests/target.ts'

/** What prepare makes of any head: a small app with one host, so that what is committed is what would be. */
export const bundleInMemory = (target: Target): Bundle =>
  bundleOf(
    [
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'web' },
        spec: {
          selector: { matchLabels: { app: 'web' } },
          template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'shop:1' }] } },
        },
      },
      {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'Ingress',
        metadata: { name: 'web' },
        spec: { rules: [{ host: 'shop.test' }] },
      },
    ],
    target,
  )
