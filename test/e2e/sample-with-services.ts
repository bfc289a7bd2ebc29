/** An app with a volume, a neighbour that it calls by its long-lived address, and services that add-ons are. */
import { loadAll } from 'js-yaml'
import { z } from 'zod'
import { program } from './program.ts'
import { contentOf, type Files } from './sample.ts'

/** Where the app lives for long. */
export const SIBLING_NAMESPACE = 'shop'
export const SIBLING_HOST = 'shop.localhost'
const SIBLING_URL = `http://shop.${SIBLING_NAMESPACE}.svc.cluster.local/`
/** The sibling's own; a preview that kept its name would wait for it forever. */
export const SIBLING_VOLUME = 'shop-data'
export const STORAGE_CLASS = 'e2e'

const DOCKERFILE = 'FROM scratch\nCOPY server /server\nCOPY site /site\nENTRYPOINT ["/server"]\n'
const IMAGE = 'registry.example.com/acme/shop:1'

/** The repo as it is on its default branch. */
export async function filesWithServices(): Promise<Files> {
  return {
    Dockerfile: DOCKERFILE,
    server: { content: await program('app-with-services'), isExecutable: true },
    ...contentOf('main'),
    'k8s/base/kustomization.yaml': 'resources: [deployment.yaml, service.yaml, ingress.yaml, config.yaml, data.yaml]\n',
    ...MANIFESTS,
    'k8s/overlays/preview/kustomization.yaml': 'resources: [../../base]\n',
  }
}

/** What a commit brings that asks for four add-ons. */
export const ASKS_FOR_SERVICES: Readonly<Record<string, string>> = {
  '.westage.yaml': `addons:
  mysql: { seed: [db/visits.sql], wait: true }
  redis: { wait: true }
  sqs: { queues: [orders], wait: true }
  postgres: { wait: true }
`,
  'db/visits.sql': `CREATE TABLE visits (id INT AUTO_INCREMENT PRIMARY KEY, visitor VARCHAR(40) NOT NULL);
`,
}

/** The objects of the long-lived sibling, as somebody applies them by hand. */
export function siblingObjects(image: string): readonly object[] {
  const texts = [...Object.values(MANIFESTS), contentOf('sibling')['k8s/base/config.yaml'] ?? '']
  return texts
    .flatMap((text) => loadAll(text.replace(IMAGE, image)))
    .map((document) => {
      const object = ObjectSchema.parse(document)
      return { ...object, metadata: { ...object.metadata, namespace: SIBLING_NAMESPACE } }
    })
}

const ObjectSchema = z.looseObject({ metadata: z.looseObject({ name: z.string() }) })

const MANIFESTS = {
  'k8s/base/deployment.yaml': `apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop
spec:
  replicas: 1
  progressDeadlineSeconds: 150
  selector: { matchLabels: { app: shop } }
  template:
    metadata: { labels: { app: shop } }
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: shop
          image: ${IMAGE}
          ports: [{ name: http, containerPort: 8080 }]
          envFrom: [{ configMapRef: { name: shop } }]
          env: [{ name: API_URL, value: "${SIBLING_URL}" }]
          volumeMounts: [{ name: data, mountPath: /data }]
          readinessProbe:
            httpGet: { path: /, port: http }
            periodSeconds: 1
            timeoutSeconds: 5
      volumes: [{ name: data, persistentVolumeClaim: { claimName: data } }]
`,
  'k8s/base/service.yaml': `apiVersion: v1
kind: Service
metadata: { name: shop }
spec: { selector: { app: shop }, ports: [{ port: 80, targetPort: http }] }
`,
  'k8s/base/ingress.yaml': `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: shop }
spec:
  rules:
    - host: ${SIBLING_HOST}
      http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: shop, port: { number: 80 } } } }] }
`,
  'k8s/base/data.yaml': `apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: data }
spec:
  accessModes: [ReadWriteOnce]
  storageClassName: ${STORAGE_CLASS}
  volumeName: ${SIBLING_VOLUME}
  resources: { requests: { storage: 1Mi } }
`,
}
