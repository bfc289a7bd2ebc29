/** The app that is previewed end to end: its image serves what the commit has under site/. */
import { program } from './program.ts'

export type Mode = 'well' | 'crash' | 'unready'

export type Files = Record<string, string | Buffer | { content: Buffer; isExecutable: true }>

/** The repo as it is on its default branch. */
export async function sampleFiles(isBuilt: boolean): Promise<Files> {
  return {
    Dockerfile: 'FROM scratch\nCOPY server /server\nCOPY mode /mode\nCOPY site /site\nENTRYPOINT ["/server"]\n',
    ...(isBuilt && { server: { content: await program('app'), isExecutable: true as const } }),
    mode: 'well\n',
    ...contentOf('main'),
    'k8s/base/kustomization.yaml': 'resources: [deployment.yaml, service.yaml, ingress.yaml, config.yaml]\n',
    'k8s/base/deployment.yaml': DEPLOYMENT,
    'k8s/base/service.yaml': SERVICE,
    'k8s/base/ingress.yaml': INGRESS,
    'k8s/overlays/preview/kustomization.yaml': 'resources: [../../base]\n',
  }
}

/** What a commit changes so that its preview answers with `text`. */
export const contentOf = (text: string): Record<string, string> => ({
  'site/index.html': `<h1>${text}</h1>\n`,
  'k8s/base/config.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: shop }\ndata: { HEADLINE: ${JSON.stringify(text)} }\n`,
})

export const modeOf = (mode: Mode): Record<string, string> => ({ mode: `${mode}\n` })

/** An image that no registry has, instead of the one that is built. */
export const MISSING_IMAGE = {
  'k8s/overlays/preview/kustomization.yaml': `resources: [../../base]
patches:
  - patch: |
      apiVersion: apps/v1
      kind: Deployment
      metadata: { name: shop }
      spec: { template: { spec: { containers: [{ name: sidecar, image: "127.0.0.1:1/acme/missing:1" }] } } }
`,
}

const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop
spec:
  replicas: 1
  progressDeadlineSeconds: 20
  selector: { matchLabels: { app: shop } }
  template:
    metadata: { labels: { app: shop } }
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: shop
          image: registry.example.com/acme/shop:1
          ports: [{ name: http, containerPort: 8080 }]
          readinessProbe:
            httpGet: { path: /, port: http }
            periodSeconds: 1
`
const SERVICE = `apiVersion: v1
kind: Service
metadata: { name: shop }
spec: { selector: { app: shop }, ports: [{ port: 80, targetPort: http }] }
`
const INGRESS = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: shop }
spec:
  rules:
    - host: shop.localhost
      http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: shop, port: { number: 80 } } } }] }
`
