import { describe, expect, it } from 'vitest'
import { confineServices } from '../../src/manifests/confine-services.ts'
import type { JsonObject } from '../../src/manifests/json.ts'
import { changed, only } from './only.ts'

const service = (spec: JsonObject, metadata: JsonObject = {}) => only('v1', 'Service', { metadata, spec })
const after = (spec: JsonObject) => changed(confineServices, service(spec)).spec
const selector = { app: 'web' }

describe('a Service', () => {
  it.each<[string, JsonObject, JsonObject]>([
    [
      'of type LoadBalancer',
      {
        type: 'LoadBalancer',
        loadBalancerIP: '104.154.109.191',
        loadBalancerClass: 'tailscale',
        loadBalancerSourceRanges: ['10.0.0.0/8'],
        allocateLoadBalancerNodePorts: false,
        externalTrafficPolicy: 'Local',
        healthCheckNodePort: 30100,
        sessionAffinity: 'ClientIP',
        sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } },
        ports: [{ name: 'http', port: 80, targetPort: 8080, nodePort: 30080 }],
        selector,
      },
      {
        type: 'ClusterIP',
        sessionAffinity: 'ClientIP',
        sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } },
        ports: [{ name: 'http', port: 80, targetPort: 8080 }],
        selector,
      },
    ],
    [
      'of type NodePort',
      { type: 'NodePort', ports: [{ port: 80, nodePort: 30080 }, { port: 443 }], selector },
      { type: 'ClusterIP', ports: [{ port: 80 }, { port: 443 }], selector },
    ],
    [
      'with addresses of its own',
      {
        clusterIP: '10.0.0.7',
        clusterIPs: ['10.0.0.7', 'fd00::7'],
        externalIPs: ['203.0.113.9'],
        ports: [{ port: 80 }],
      },
      { ports: [{ port: 80 }] },
    ],
  ])('%s is reached from inside the cluster only', (_, spec, expected) => {
    expect(after(spec)).toEqual(expected)
  })

  it('orders no load balancer from a cloud', () => {
    const annotations = {
      'service.beta.kubernetes.io/aws-load-balancer-type': 'nlb',
      'service.beta.kubernetes.io/azure-load-balancer-internal': 'true',
      'networking.gke.io/load-balancer-type': 'Internal',
      'metallb.universe.tf/address-pool': 'shop',
      'load-balancer.hetzner.cloud/location': 'fsn1',
      'cloud.google.com/neg': '{"ingress": true}',
      'prometheus.io/scrape': 'true',
    }
    expect(changed(confineServices, service({}, { annotations })).metadata.annotations).toEqual({
      'cloud.google.com/neg': '{"ingress": true}',
      'prometheus.io/scrape': 'true',
    })
  })

  it.each<[string, JsonObject]>([
    ['without a type', { ports: [{ port: 80 }], selector }],
    ['of type ClusterIP', { type: 'ClusterIP', ports: [{ port: 80 }], internalTrafficPolicy: 'Local' }],
    ['that is headless', { clusterIP: 'None', ports: [{ port: 80 }], publishNotReadyAddresses: true }],
    ['that is headless in both fields', { clusterIP: 'None', clusterIPs: ['None'] }],
    ['that is a name', { type: 'ExternalName', externalName: 'db.example.com' }],
  ])('%s stays as it is', (_, spec) => {
    const manifest = service(spec)
    expect(changed(confineServices, manifest)).toBe(manifest)
  })

  it('of Knative is another thing', () => {
    const manifest = only('serving.knative.dev/v1', 'Service', { spec: { type: 'LoadBalancer' } })
    expect(changed(confineServices, manifest)).toBe(manifest)
  })
})
