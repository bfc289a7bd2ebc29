/** What runs WeHook in a cluster. */
import { appendFileSync } from 'node:fs'
import { BlockList, isIP } from 'node:net'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { isRefusedAddress } from '../../src/adapters/refused-addresses.ts'
import { NamespaceSchema } from '../../src/config/namespace.ts'
import { readWeHookConfig } from '../../src/config/read-wehook-config.ts'
import { kubectlIsMissing, kustomizedAlone } from './kustomized.ts'

/** A file for what there is, a line of JSON for each object: test/schemas checks it. */
const RECORD_TO = process.env.CORPUS_RECORD_TO

const PodSchema = z.looseObject({
  automountServiceAccountToken: z.boolean(),
  containers: z.tuple([
    z.looseObject({
      args: z.array(z.string()),
      ports: z.tuple([z.looseObject({ containerPort: z.number() })]),
      securityContext: z.looseObject({}),
      volumeMounts: z.array(z.looseObject({ name: z.string(), mountPath: z.string() })),
    }),
  ]),
  volumes: z.array(z.looseObject({ name: z.string() })),
})

describe.skipIf(kubectlIsMissing())('argocd/wehook (needs kubectl)', () => {
  const objects = kubectlIsMissing() ? [] : kustomizedAlone('wehook')
  const found = (kind: string) => {
    const [object, ...more] = objects.filter((each) => each.kind === kind)
    if (object === undefined || more.length > 0) throw new Error(`there is not one ${kind}`)
    return object
  }
  const pod = () =>
    PodSchema.parse(
      z.looseObject({ template: z.looseObject({ spec: z.unknown() }) }).parse(found('Deployment').spec).template.spec,
    )

  it('starts it with the settings beside it, and keeps callbacks where a claim is mounted', () => {
    const { args, ports, volumeMounts } = pod().containers[0]
    const files = z.record(z.string(), z.string()).parse(found('ConfigMap').data)
    const { config } = readWeHookConfig(files[args[2]?.split('/').at(-1) ?? ''] ?? '', {
      ...{ WESTAGE_API_TOKEN: 'a token of sixteen or more', STRIPE_WEBHOOK_SECRET: 'whsec' },
    })
    expect(args.slice(0, 2)).toEqual(['wehook', '--config'])
    expect(config.listen.port).toBe(ports[0].containerPort)
    const data = volumeMounts.find(({ mountPath }) => mountPath === config.dataDir)?.name
    expect(pod().volumes.find(({ name }) => name === data)).toMatchObject({
      persistentVolumeClaim: { claimName: found('PersistentVolumeClaim').metadata.name },
    })
  })

  it('gives it no account of the cluster, and no file but its data to write', () => {
    expect(pod().automountServiceAccountToken).toBe(false)
    expect(pod().containers[0].securityContext).toMatchObject({
      ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
    })
  })

  it('is let out to the ingress controllers that previews let in where nothing is said', () => {
    const lists = [...JSON.stringify(found('NetworkPolicy').spec).matchAll(/"operator":"In","values":(\[.*?\])/g)]
    const named = lists.flatMap(([, names]) => z.array(z.string()).parse(JSON.parse(names ?? '')))
    // Of kube-system only what is named.
    expect(['kube-system', ...named].toSorted()).toEqual(NamespaceSchema.parse({}).network?.ingressFrom.toSorted())
  })

  it('is let out to no metadata service, nor to this machine', () => {
    const left = new BlockList()
    for (const [, cidrs] of JSON.stringify(found('NetworkPolicy').spec).matchAll(/"except":(\[.*?\])/g)) {
      for (const cidr of z.array(z.string()).parse(JSON.parse(cidrs ?? ''))) {
        const [address = '', bits] = cidr.split('/')
        left.addSubnet(address, Number(bits), isIP(address) === 6 ? 'ipv6' : 'ipv4')
      }
    }
    const refused = ['127.0.0.1', '169.254.169.254', '100.100.100.200', '168.63.129.16']
    const refused6 = ['::1', 'fe80::1', 'fd00:ec2::254', 'fd20:ce::254']
    for (const address of [...refused, ...refused6]) {
      const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
      expect([address, isRefusedAddress(address), left.check(address, family)]).toEqual([address, true, true])
    }
    expect(left.check('192.0.2.1', 'ipv4')).toBe(false)
  })

  it('is of kinds that Kubernetes has', () => {
    expect(new Set(objects.map(({ kind }) => kind))).toEqual(
      new Set(['ConfigMap', 'Deployment', 'PersistentVolumeClaim', 'Service', 'NetworkPolicy']),
    )
    if (RECORD_TO === undefined) return
    for (const manifest of objects) appendFileSync(RECORD_TO, `${JSON.stringify({ folder: 'argocd', manifest })}\n`)
  })
})
