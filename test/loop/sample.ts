/** A small app: a Dockerfile, a kustomize base and an overlay. */
export const SAMPLE: Readonly<Record<string, string>> = {
  Dockerfile: 'FROM scratch\nCOPY site /site\n',
  'site/index.html': '<h1>shop</h1>\n',
  'k8s/base/kustomization.yaml':
    'resources: [deployment.yaml, service.yaml, ingress.yaml, cronjob.yaml]\nconfigMapGenerator:\n  - name: shop\n    literals: [GREETING=hello]\n',
  'k8s/base/deployment.yaml': `apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop
spec:
  selector: { matchLabels: { app: shop } }
  template:
    metadata: { labels: { app: shop } }
    spec:
      containers:
        - name: shop
          image: registry.example.com/acme/shop:1
          envFrom: [{ configMapRef: { name: shop } }]
`,
  'k8s/base/service.yaml': `apiVersion: v1
kind: Service
metadata: { name: shop }
spec: { selector: { app: shop }, ports: [{ port: 80 }] }
`,
  'k8s/base/ingress.yaml': `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: shop }
spec:
  rules:
    - host: shop.localhost
      http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: shop, port: { number: 80 } } } }] }
`,
  'k8s/base/cronjob.yaml': `apiVersion: batch/v1
kind: CronJob
metadata: { name: tidy }
spec:
  schedule: "0 3 * * *"
  jobTemplate:
    spec:
      template:
        spec: { restartPolicy: Never, containers: [{ name: tidy, image: "registry.example.com/acme/shop:1" }] }
`,
  'k8s/overlays/preview/kustomization.yaml': 'resources: [../../base]\n',
}
