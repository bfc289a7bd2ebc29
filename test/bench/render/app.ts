/** An app of so many resources, as teams write them: a kustomization over one file per workload, with labels and images. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { printYaml } from '../../../src/manifests/print-yaml.ts'

/** Each service has a Deployment, a Service and a ServiceAccount; what is left over is filled up with ConfigMaps. */
const PER_SERVICE = 3
const BESIDE = 2

/**
 * Writes `k8s/` below a folder.
 * @param resources how many objects kustomize is to make of it, at least 5
 */
export async function writeApp(root: string, resources: number): Promise<void> {
  const folder = join(root, 'k8s')
  await mkdir(folder, { recursive: true })
  const services = Math.floor((resources - BESIDE) / PER_SERVICE)
  const names = Array.from({ length: services }, (_, at) => `${NAMES[at % NAMES.length]}-${at}`)
  const settings = resources - services * PER_SERVICE - 1
  const files: [string, readonly object[]][] = [
    ...names.map((name): [string, readonly object[]] => [`${name}.yaml`, serviceOf(name, names)]),
    ['ingress.yaml', [ingressOf(names)]],
    ...Array.from({ length: settings - 1 }, (_, at): [string, readonly object[]] => [
      `settings-${at}.yaml`,
      [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `settings-${at}` }, data: SETTINGS }],
    ]),
  ]
  for (const [file, objects] of files) {
    await writeFile(
      join(folder, file),
      objects.map((object) => printYaml(JSON.parse(JSON.stringify(object)))).join('---\n'),
    )
  }
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: files.map(([file]) => file),
    labels: [{ pairs: { 'app.kubernetes.io/part-of': 'shop', 'app.kubernetes.io/managed-by': 'kustomize' } }],
    images: [{ name: 'shop', newName: 'registry.example.com/shop', newTag: 'v1.42.0' }],
    configMapGenerator: [{ name: 'common', literals: ['LOG_LEVEL=info', 'REGION=eu-central-1', 'FEATURES=a,b,c'] }],
  }
  await writeFile(join(folder, 'kustomization.yaml'), printYaml(kustomization))
}

const NAMES = ['frontend', 'cart', 'checkout', 'payment', 'shipping', 'catalog', 'currency', 'email', 'ads', 'reviews']

const SETTINGS = {
  'application.properties': Array.from({ length: 40 }, (_, at) => `shop.setting.number.${at}=value-${at}`).join('\n'),
  LOG_LEVEL: 'debug',
  MAX_CONNECTIONS: '100',
}

function serviceOf(name: string, all: readonly string[]): readonly object[] {
  const labels = { app: name }
  const neighbours = all.slice(0, 8).map((other) => ({
    name: `${other.replaceAll('-', '_').toUpperCase()}_ADDR`,
    value: `${other}:8080`,
  }))
  const probe = { httpGet: { path: '/healthz', port: 8080 }, periodSeconds: 10, timeoutSeconds: 2, failureThreshold: 3 }
  const container = {
    name: 'server',
    image: 'shop',
    imagePullPolicy: 'IfNotPresent',
    args: ['--listen', ':8080', '--name', name],
    ports: [{ name: 'http', containerPort: 8080 }],
    env: [
      { name: 'PORT', value: '8080' },
      { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      { name: 'DISABLE_PROFILER', value: '1' },
      { name: 'DATABASE_PASSWORD', valueFrom: { secretKeyRef: { name: 'database', key: 'password' } } },
      ...neighbours,
    ],
    envFrom: [{ configMapRef: { name: 'common' } }],
    readinessProbe: probe,
    livenessProbe: { ...probe, initialDelaySeconds: 20 },
    resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: '200m', memory: '128Mi' } },
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      privileged: false,
      readOnlyRootFilesystem: true,
    },
    volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
  }
  const spec = {
    serviceAccountName: name,
    terminationGracePeriodSeconds: 5,
    securityContext: { fsGroup: 1000, runAsGroup: 1000, runAsNonRoot: true, runAsUser: 1000 },
    initContainers: [
      { name: 'wait', image: 'busybox:1.37', command: ['sh', '-c', 'until nc -z database 5432; do sleep 1; done'] },
    ],
    containers: [container],
    volumes: [{ name: 'tmp', emptyDir: {} }],
  }
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, labels },
      spec: {
        replicas: 2,
        selector: { matchLabels: labels },
        template: { metadata: { labels, annotations: { 'prometheus.io/scrape': 'true' } }, spec },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, labels },
      spec: { type: 'ClusterIP', selector: labels, ports: [{ name: 'http', port: 8080, targetPort: 'http' }] },
    },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, labels } },
  ]
}

const ingressOf = (names: readonly string[]): object => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name: 'shop', annotations: { 'nginx.ingress.kubernetes.io/proxy-body-size': '8m' } },
  spec: {
    ingressClassName: 'nginx',
    tls: [{ hosts: ['shop.example.com'], secretName: 'shop-tls' }],
    rules: [
      {
        host: 'shop.example.com',
        http: {
          paths: names.map((name) => ({
            path: `/${name}`,
            pathType: 'Prefix',
            backend: { service: { name, port: { name: 'http' } } },
          })),
        },
      },
    ],
  },
})
