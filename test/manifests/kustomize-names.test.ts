import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundleOf } from '../../src/manifests/bundle.ts'
import { objectOf } from '../../src/manifests/json.ts'
import { type Manifest, objectName } from '../../src/manifests/manifest.ts'
import { missingIn } from '../../src/manifests/missing.ts'
import { parseManifests } from '../../src/manifests/parse.ts'
import { printManifest } from '../../src/manifests/print.ts'
import { kustomized, skipReason } from './kubectl.ts'
import { targetOf } from './sample.ts'

/** A base with generators under two overlays, each of which names it anew. */
const TREE: Readonly<Record<string, string>> = {
  'base/kustomization.yaml': `
resources: [app.yaml]
configMapGenerator:
- {name: settings, literals: ["DB=db.shop.svc.cluster.local:5432"]}
secretGenerator:
- {name: keys, literals: ["URL=mysql://app:pw@db.shop.svc/app"]}
`,
  'base/app.yaml': `
apiVersion: v1
kind: ServiceAccount
metadata: {name: web}
imagePullSecrets: [{name: keys}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: web}
rules: [{apiGroups: [""], resources: [configmaps], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: web}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: web}
subjects: [{kind: ServiceAccount, name: web}]
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {accessModes: [ReadWriteOnce], volumeName: pv-7, resources: {requests: {storage: 1Gi}}}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: NodePort, selector: {app: web}, ports: [{port: 80, nodePort: 30080}]}
---
apiVersion: v1
kind: Service
metadata: {name: db}
spec: {clusterIP: None, selector: {app: db}, ports: [{port: 5432}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      serviceAccountName: web
      initContainers:
      - {name: wait, image: busybox, envFrom: [{configMapRef: {name: settings}}]}
      containers:
      - name: web
        image: shop
        env:
        - {name: DB, valueFrom: {configMapKeyRef: {name: settings, key: DB}}}
        - {name: URL, valueFrom: {secretKeyRef: {name: keys, key: URL}}}
        volumeMounts: [{name: data, mountPath: /data}]
      volumes:
      - {name: data, persistentVolumeClaim: {claimName: data}}
      - {name: all, projected: {sources: [{configMap: {name: settings}}, {secret: {name: keys}}]}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: db, image: postgres, envFrom: [{secretRef: {name: keys}}]}]}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly}
spec:
  schedule: "0 3 * * *"
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers: [{name: a, image: shop, envFrom: [{configMapRef: {name: settings}}]}]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec:
  rules:
  - host: shop.example.com
    http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, minReplicas: 2, maxReplicas: 9}
`,
  'staging/kustomization.yaml': `
resources: [../base]
namespace: shop
namePrefix: staging-
nameSuffix: -v2
configMapGenerator:
- {name: settings, behavior: merge, literals: [LEVEL=debug]}
`,
  'preview/kustomization.yaml': `
resources: [../staging]
namePrefix: pr-
images: [{name: shop, newName: registry.test/shop, newTag: x}]
`,
}

const missingOf = (manifests: readonly Manifest[]) => missingIn(manifests, new Map(), null).map(({ what }) => what)
const printed = (manifests: readonly Manifest[]) => manifests.map(printManifest).join('---\n')

describe(`names that kustomize made${skipReason}`, () => {
  let root: string
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'westage-names-'))
    for (const [path, text] of Object.entries(TREE)) {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), text)
    }
  })
  afterAll(() => rmSync(root, { recursive: true }))

  it.skipIf(skipReason)('survive with every reference to them, hashes and all', async () => {
    const rendered = parseManifests(await kustomized(join(root, 'preview')))
    const { manifests } = bundleOf(rendered, targetOf())
    const names = rendered.filter(({ kind }) => kind !== 'HorizontalPodAutoscaler').map(objectName)
    expect(manifests.slice(1).map(objectName)).toEqual(names)
    expect(names).toContainEqual(expect.stringMatching(/^ConfigMap\/pr-staging-settings-v2-[a-z0-9]{10}$/))
    expect(names).toContainEqual(expect.stringMatching(/^Secret\/pr-staging-keys-v2-[a-z0-9]{10}$/))
    expect(missingOf(rendered)).toEqual([])
    expect(missingOf(manifests)).toEqual([])
  })

  it.skipIf(skipReason)(
    'stay where the content is rewritten, and the content has the preview’s addresses',
    async () => {
      const { manifests } = bundleOf(parseManifests(await kustomized(join(root, 'preview'))), targetOf())
      const settings = manifests.find(({ kind }) => kind === 'ConfigMap')
      expect(settings?.data).toEqual({ DB: 'db.westage-shop-feat-cart.svc.cluster.local:5432', LEVEL: 'debug' })
      const url = objectOf(manifests.find(({ kind }) => kind === 'Secret')?.data).URL
      expect(Buffer.from(String(url), 'base64').toString()).toBe('mysql://app:pw@db.westage-shop-feat-cart.svc/app')
    },
  )

  it.skipIf(skipReason)('are the same in every render', async () => {
    const renders = await Promise.all([1, 2].map(() => kustomized(join(root, 'preview'))))
    const [first, second] = renders.map((yaml) => printed(bundleOf(parseManifests(yaml), targetOf()).manifests))
    expect(first).toBe(second)
  })
})

const corpus = resolve(process.env.WESTAGE_CORPUS ?? '../shared/corpus')
const reason =
  skipReason || (existsSync(join(corpus, 'entries.txt')) ? '' : ' (skipped: no corpus, set WESTAGE_CORPUS)')
const folders = reason ? [] : readFileSync(join(corpus, 'entries.txt'), 'utf8').split('\n')
const entries = [
  ...folders.filter((folder) => folder.startsWith('kustomize-examples/')),
  'bank-of-anthos',
  'super-heroes/openshift',
]

describe(`names of real projects${reason}`, () => {
  it.skipIf(reason).each(entries)('lose no reference that kustomize had resolved: %s', async (folder) => {
    const rendered = parseManifests(await kustomized(join(corpus, folder)))
    const before = new Set(missingOf(rendered))
    expect(missingOf(bundleOf(rendered, targetOf()).manifests).filter((what) => !before.has(what))).toEqual([])
  })
})
