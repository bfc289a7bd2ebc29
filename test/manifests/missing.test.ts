import { describe, expect, it } from 'vitest'
import { missingIn, missingText } from '../../src/manifests/missing.ts'
import { manifestsOf } from './sample.ts'

const NONE = new Map()
const missing = (yaml: string, kinds: ReadonlySet<string> | null = null) =>
  missingIn(manifestsOf(yaml), NONE, kinds).map(({ what, neededBy }) => `${what} <- ${neededBy.join(', ')}`)

const pod = (spec: string) => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  template:
    spec:
      ${spec}
`

describe('what a preview refers to and does not hold', () => {
  it.each([
    [
      'a Secret of a variable',
      'containers: [{ name: web, env: [{ name: PW, valueFrom: { secretKeyRef: { name: db, key: pw } } }] }]',
      'Secret/db <- Deployment/web: containers[web].env[PW]',
    ],
    [
      'a ConfigMap of a variable',
      'containers: [{ name: web, env: [{ name: A, valueFrom: { configMapKeyRef: { name: conf, key: a } } }] }]',
      'ConfigMap/conf <- Deployment/web: containers[web].env[A]',
    ],
    [
      'a Secret of envFrom',
      'initContainers: [{ name: up, envFrom: [{ secretRef: { name: db } }] }]',
      'Secret/db <- Deployment/web: initContainers[up].envFrom',
    ],
    [
      'a ConfigMap of envFrom',
      'containers: [{ name: web, envFrom: [{ configMapRef: { name: conf } }] }]',
      'ConfigMap/conf <- Deployment/web: containers[web].envFrom',
    ],
    [
      'a Secret of a volume',
      'volumes: [{ name: tls, secret: { secretName: tls } }]',
      'Secret/tls <- Deployment/web: volumes[tls]',
    ],
    [
      'a ConfigMap of a volume',
      'volumes: [{ name: conf, configMap: { name: conf } }]',
      'ConfigMap/conf <- Deployment/web: volumes[conf]',
    ],
    [
      'a projected Secret',
      'volumes: [{ name: all, projected: { sources: [{ secret: { name: db } }] } }]',
      'Secret/db <- Deployment/web: volumes[all]',
    ],
    [
      'a claim',
      'volumes: [{ name: data, persistentVolumeClaim: { claimName: data } }]',
      'PersistentVolumeClaim/data <- Deployment/web: volumes[data]',
    ],
    [
      'a Secret of a CSI volume',
      'volumes: [{ name: bucket, csi: { driver: a, nodePublishSecretRef: { name: db } } }]',
      'Secret/db <- Deployment/web: volumes[bucket]',
    ],
    ['a pull secret', 'imagePullSecrets: [{ name: ghcr }]', 'Secret/ghcr <- Deployment/web: imagePullSecrets'],
    ['a service account', 'serviceAccountName: web', 'ServiceAccount/web <- Deployment/web: serviceAccountName'],
  ])('is told: %s', (_, spec, words) => {
    expect(missing(pod(spec))).toEqual([words])
  })

  it.each([
    [
      'a Secret that is optional',
      'containers: [{ name: web, env: [{ name: PW, valueFrom: { secretKeyRef: { name: db, key: pw, optional: true } } }] }]',
    ],
    ['envFrom that is optional', 'containers: [{ name: web, envFrom: [{ secretRef: { name: db, optional: true } }] }]'],
    ['a volume that is optional', 'volumes: [{ name: conf, configMap: { name: conf, optional: true } }]'],
    ['the account that every namespace has', 'serviceAccountName: default'],
    ['the certificate that every namespace has', 'volumes: [{ name: ca, configMap: { name: kube-root-ca.crt } }]'],
    [
      'a field of the pod itself',
      'containers: [{ name: web, env: [{ name: IP, valueFrom: { fieldRef: { fieldPath: status.podIP } } }] }]',
    ],
  ])('is not %s', (_, spec) => {
    expect(missing(pod(spec))).toEqual([])
  })

  it('is a key that the ConfigMap lacks, and not one that it has', () => {
    const conf = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: conf }\ndata: { a: "1" }\n---'
    const variable = (key: string) =>
      `${conf}${pod(`containers: [{ name: web, env: [{ name: A, valueFrom: { configMapKeyRef: { name: conf, key: ${key} } } }] }]`)}`
    expect(missing(variable('a'))).toEqual([])
    expect(missing(variable('b'))).toEqual(['the key b of ConfigMap/conf <- Deployment/web: containers[web].env[A]'])
  })

  it.each([
    [
      'an ExternalSecret by its target',
      'apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: { name: other }\nspec: { target: { name: db } }',
    ],
    [
      'an ExternalSecret by its own name',
      'apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: { name: db }\nspec: {}',
    ],
    ['a SealedSecret', 'apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: { name: db }\nspec: {}'],
    [
      'a Certificate',
      'apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: { name: cert }\nspec: { secretName: db }',
    ],
    [
      'an ExternalSecret of the older kind',
      'apiVersion: kubernetes-client.io/v1\nkind: ExternalSecret\nmetadata: { name: db }\nspec: {}',
    ],
    [
      'a SealedSecret by its template',
      'apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: { name: x }\nspec: { template: { metadata: { name: db } } }',
    ],
    [
      'a Certificate of the older kind',
      'apiVersion: certmanager.k8s.io/v1alpha1\nkind: Certificate\nmetadata: { name: x }\nspec: { secretName: db }',
    ],
    [
      'a class of the Secrets Store CSI driver',
      'apiVersion: secrets-store.csi.x-k8s.io/v1\nkind: SecretProviderClass\nmetadata: { name: x }\nspec: { secretObjects: [{ secretName: db }] }',
    ],
    [
      'Vault’s operator',
      'apiVersion: secrets.hashicorp.com/v1beta1\nkind: VaultStaticSecret\nmetadata: { name: x }\nspec: { destination: { name: db } }',
    ],
    [
      'Vault’s operator, made on demand',
      'apiVersion: secrets.hashicorp.com/v1beta1\nkind: VaultDynamicSecret\nmetadata: { name: x }\nspec: { destination: { name: db } }',
    ],
    [
      'Vault’s operator, for TLS',
      'apiVersion: secrets.hashicorp.com/v1beta1\nkind: VaultPKISecret\nmetadata: { name: x }\nspec: { destination: { name: db } }',
    ],
    ['1Password', 'apiVersion: onepassword.com/v1\nkind: OnePasswordItem\nmetadata: { name: db }\nspec: {}'],
    [
      'Infisical',
      'apiVersion: secrets.infisical.com/v1alpha1\nkind: InfisicalSecret\nmetadata: { name: x }\nspec: { managedSecretReference: { secretName: db } }',
    ],
    ['Strimzi', 'apiVersion: kafka.strimzi.io/v1\nkind: KafkaUser\nmetadata: { name: db }\nspec: {}'],
    [
      'SOPS',
      'apiVersion: isindir.github.com/v1alpha3\nkind: SopsSecret\nmetadata: { name: x }\nspec: { secretTemplates: [{ name: db }] }',
    ],
    ['a Secret', 'apiVersion: v1\nkind: Secret\nmetadata: { name: db }\nstringData: { pw: x }'],
  ])('is no Secret that comes from %s', (_, provider) => {
    expect(missing(`${provider}\n---${pod('imagePullSecrets: [{ name: db }]')}`)).toEqual([])
  })

  it('is no claim that a StatefulSet makes by itself', () => {
    const yaml = `
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: db }
spec:
  template: { spec: { volumes: [{ name: data, persistentVolumeClaim: { claimName: data } }] } }
  volumeClaimTemplates: [{ metadata: { name: data } }]
`
    expect(missing(yaml)).toEqual([])
  })

  it('is the claim or snapshot that a claim of the app, of a StatefulSet or of a pod is filled from', () => {
    const claim = (spec: string) =>
      `apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: { name: data }\nspec: { ${spec} }`
    const snapshot = 'apiGroup: snapshot.storage.k8s.io, kind: VolumeSnapshot, name: nightly'
    expect(missing(claim('dataSource: { kind: PersistentVolumeClaim, name: seed }'))).toEqual([
      'PersistentVolumeClaim/seed <- PersistentVolumeClaim/data: spec.dataSource',
    ])
    expect(missing(claim(`dataSource: { ${snapshot} }, dataSourceRef: { ${snapshot} }`))).toEqual([
      'VolumeSnapshot.snapshot.storage.k8s.io/nightly <- PersistentVolumeClaim/data: spec.dataSourceRef',
    ])
    expect(missing(claim('dataSource: { kind: PersistentVolumeClaim, name: data }'))).toEqual([])
    const set = `apiVersion: apps/v1\nkind: StatefulSet\nmetadata: { name: db }\nspec: { volumeClaimTemplates: [{ metadata: { name: data }, spec: { dataSource: { ${snapshot} } } }] }`
    expect(missing(set)).toEqual([
      'VolumeSnapshot.snapshot.storage.k8s.io/nightly <- StatefulSet/db: spec.volumeClaimTemplates.*.spec.dataSource',
    ])
    const volume = `volumes: [{ name: tmp, ephemeral: { volumeClaimTemplate: { spec: { dataSource: { ${snapshot} } } } } }]`
    expect(missing(pod(volume))).toEqual([
      'VolumeSnapshot.snapshot.storage.k8s.io/nightly <- Deployment/web: volumes[tmp].dataSource',
    ])
  })

  it('is a Service behind an Ingress, and its TLS Secret unless an issuer makes that', () => {
    const ingress = (annotations: string) => `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web, annotations: ${annotations} }
spec:
  tls: [{ secretName: web-tls }]
  rules: [{ host: a.test, http: { paths: [{ backend: { service: { name: web, port: { number: 80 } } } }] } }]
`
    expect(missing(ingress('{}'))).toEqual([
      'Service/web <- Ingress/web: spec.rules.*.http.paths.*.backend.service.name',
      'Secret/web-tls <- Ingress/web: spec.tls.*.secretName',
    ])
    expect(missing(ingress('{ cert-manager.io/cluster-issuer: acme }'))).toEqual([
      'Service/web <- Ingress/web: spec.rules.*.http.paths.*.backend.service.name',
    ])
  })

  it('is a Service behind a route of the Gateway API, but not one of another kind', () => {
    const yaml = `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: web }
spec: { rules: [{ backendRefs: [{ name: web, port: 80 }, { kind: ServiceImport, group: x, name: far, port: 80 }] }] }
`
    expect(missing(yaml)).toEqual(['Service/web <- HTTPRoute/web: spec.rules.*.backendRefs.*'])
  })

  it.each([
    [
      'networking.k8s.io/v1',
      'Ingress',
      '{ defaultBackend: { service: { name: web } } }',
      'Service/web',
      'spec.defaultBackend.service.name',
    ],
    ['extensions/v1beta1', 'Ingress', '{ backend: { serviceName: web } }', 'Service/web', 'spec.backend.serviceName'],
    [
      'extensions/v1beta1',
      'Ingress',
      '{ rules: [{ http: { paths: [{ backend: { serviceName: web } }] } }] }',
      'Service/web',
      'spec.rules.*.http.paths.*.backend.serviceName',
    ],
    [
      'gateway.networking.k8s.io/v1',
      'GRPCRoute',
      '{ rules: [{ backendRefs: [{ name: web }] }] }',
      'Service/web',
      'spec.rules.*.backendRefs.*',
    ],
    [
      'gateway.networking.k8s.io/v1alpha2',
      'TLSRoute',
      '{ rules: [{ backendRefs: [{ name: web }] }] }',
      'Service/web',
      'spec.rules.*.backendRefs.*',
    ],
    [
      'gateway.networking.k8s.io/v1',
      'Gateway',
      '{ listeners: [{ tls: { certificateRefs: [{ name: web }] } }] }',
      'Secret/web',
      'spec.listeners.*.tls.certificateRefs.*.name',
    ],
    ['route.openshift.io/v1', 'Route', '{ to: { kind: Service, name: web } }', 'Service/web', 'spec.to'],
    [
      'route.openshift.io/v1',
      'Route',
      '{ alternateBackends: [{ kind: Service, name: web }] }',
      'Service/web',
      'spec.alternateBackends.*',
    ],
    [
      'traefik.io/v1alpha1',
      'IngressRoute',
      '{ routes: [{ services: [{ name: web }] }] }',
      'Service/web',
      'spec.routes.*.services.*',
    ],
    [
      'traefik.containo.us/v1alpha1',
      'IngressRouteTCP',
      '{ tls: { secretName: web } }',
      'Secret/web',
      'spec.tls.secretName',
    ],
    [
      'traefik.io/v1alpha1',
      'IngressRouteUDP',
      '{ routes: [{ services: [{ name: web }] }] }',
      'Service/web',
      'spec.routes.*.services.*',
    ],
    [
      'projectcontour.io/v1',
      'HTTPProxy',
      '{ routes: [{ services: [{ name: web }] }] }',
      'Service/web',
      'spec.routes.*.services.*',
    ],
    [
      'projectcontour.io/v1',
      'HTTPProxy',
      '{ tcpproxy: { services: [{ name: web }] } }',
      'Service/web',
      'spec.tcpproxy.services.*',
    ],
    [
      'projectcontour.io/v1',
      'HTTPProxy',
      '{ virtualhost: { tls: { secretName: web } } }',
      'Secret/web',
      'spec.virtualhost.tls.secretName',
    ],
    [
      'argoproj.io/v1alpha1',
      'Rollout',
      '{ strategy: { canary: { stableService: web } } }',
      'Service/web',
      'spec.strategy.canary.stableService',
    ],
    [
      'argoproj.io/v1alpha1',
      'Rollout',
      '{ strategy: { canary: { canaryService: web } } }',
      'Service/web',
      'spec.strategy.canary.canaryService',
    ],
    [
      'argoproj.io/v1alpha1',
      'Rollout',
      '{ strategy: { blueGreen: { activeService: web } } }',
      'Service/web',
      'spec.strategy.blueGreen.activeService',
    ],
    [
      'argoproj.io/v1alpha1',
      'Rollout',
      '{ strategy: { blueGreen: { previewService: web } } }',
      'Service/web',
      'spec.strategy.blueGreen.previewService',
    ],
    ['v1', 'ServiceAccount', '{}, imagePullSecrets: [{ name: web }]', 'Secret/web', 'imagePullSecrets.*.name'],
  ])('is looked for by %s %s: %s', (apiVersion, kind, spec, what, field) => {
    const object = `{ apiVersion: ${apiVersion}, kind: ${kind}, metadata: { name: x }, spec: ${spec} }`
    expect(missing(object)).toEqual([`${what} <- ${kind}/x: ${field}`])
  })

  it.each([
    'cert-manager.io/issuer',
    'certmanager.k8s.io/issuer',
    'certmanager.k8s.io/cluster-issuer',
    'kubernetes.io/tls-acme',
  ])('is no TLS Secret that %s has made', (annotation) => {
    const tls = '{ tls: [{ secretName: db }] }'
    const metadata = `{ name: x, annotations: { ${annotation}: a } }`
    expect(missing(`{ apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: ${metadata}, spec: ${tls} }`)).toEqual(
      [],
    )
  })

  it('is a Service behind a VirtualService, by each of its names, but no host of another place', () => {
    const route = (host: string) => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: web, namespace: westage-shop-a }
spec: { hosts: [a.test], http: [{ route: [{ destination: { host: ${host} } }] }] }
`
    for (const host of [
      'web',
      'web.westage-shop-a',
      'web.westage-shop-a.svc',
      'web.westage-shop-a.svc.cluster.local',
    ]) {
      expect(missing(route(host)), host).toEqual([
        'Service/web <- VirtualService/web: spec.http.*.route.*.destination.host',
      ])
    }
    for (const host of ['web.other.svc.cluster.local', 'www.example.com'])
      expect(missing(route(host)), host).toEqual([])
  })

  it('is what is named with the preview’s own namespace, and not what is in another one', () => {
    const route = (namespace: string) => `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: web, namespace: westage-shop-a }
spec: { rules: [{ backendRefs: [{ name: web, namespace: ${namespace}, port: 80 }] }] }
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: data, namespace: westage-shop-a }
spec: { dataSourceRef: { kind: PersistentVolumeClaim, name: seed, namespace: ${namespace} } }
`
    expect(missing(route('westage-shop-a'))).toEqual([
      'Service/web <- HTTPRoute/web: spec.rules.*.backendRefs.*',
      'PersistentVolumeClaim/seed <- PersistentVolumeClaim/data: spec.dataSourceRef',
    ])
    expect(missing(route('ingress'))).toEqual([])
  })

  it('is a custom kind that the cluster does not know, where that can be asked', () => {
    const yaml = 'apiVersion: kafka.strimzi.io/v1\nkind: KafkaTopic\nmetadata: { name: orders }'
    expect(missing(yaml)).toEqual([])
    expect(missing(yaml, new Set(['KafkaTopic.kafka.strimzi.io']))).toEqual([])
    expect(missing('apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }', new Set())).toEqual([])
    expect(missing(yaml, new Set())).toEqual([
      'the kind KafkaTopic of kafka.strimzi.io, which the cluster does not know <- KafkaTopic/orders',
    ])
  })

  it('is told once for each object, with the first who need it', () => {
    const deployments = ['a', 'b', 'c', 'd', 'e'].map((name) =>
      pod('imagePullSecrets: [{ name: ghcr }]').replace('web', name),
    )
    const [only, ...others] = missingIn(manifestsOf(deployments.join('---')), NONE, null)
    expect(others).toEqual([])
    expect(only && missingText(only)).toBe(
      'Secret/ghcr is missing: needed by Deployment/a: imagePullSecrets, Deployment/b: imagePullSecrets, Deployment/c: imagePullSecrets, and 2 more',
    )
  })
})
