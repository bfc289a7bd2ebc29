import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { KubeConfig } from '@kubernetes/client-node'
import { afterEach, describe, expect, it } from 'vitest'
import { clusterKinds } from '../../../src/adapters/argocd/cluster-kinds.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})
const { signal } = new AbortController()

/** Kubernetes API reference, APIGroupDiscoveryList v2: what an API server says that has one custom kind. */
const discovery = (group: string, kind: string) => ({
  kind: 'APIGroupDiscoveryList',
  apiVersion: 'apidiscovery.k8s.io/v2',
  metadata: {},
  items: [
    {
      metadata: group === '' ? { creationTimestamp: null } : { name: group },
      versions: [
        {
          version: 'v1',
          resources: [{ resource: 'things', responseKind: { group, version: 'v1', kind }, scope: 'Namespaced' }],
        },
      ],
    },
  ],
})

async function given(answer: (path: string, accept: string) => unknown) {
  const asked: string[] = []
  const server = createServer(({ url = '', headers }, response) => {
    asked.push(url)
    const json = answer(url.replace(/\?$/, ''), headers.accept ?? '')
    response.writeHead(json === null ? 404 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(json))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => new Promise((resolve) => server.close(resolve)))
  const config = new KubeConfig()
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  config.loadFromClusterAndUser({ name: 'api', server: url, skipTLSVerify: true }, { name: 'me' })
  const lines: string[] = []
  let nowMs = 0
  const cluster = clusterKinds({ config, now: () => nowMs, log: (_, line) => lines.push(line) })
  return {
    cluster,
    asked,
    lines,
    pass: (ms: number) => {
      nowMs += ms
    },
  }
}

describe('the kinds that a cluster knows', () => {
  it('are asked by aggregated discovery, in one go for all who want them, and known for a minute', async () => {
    const { cluster, asked, pass } = await given((path, accept) =>
      accept.includes('as=APIGroupDiscoveryList')
        ? path === '/api'
          ? discovery('', 'Pod')
          : discovery('kafka.strimzi.io', 'KafkaTopic')
        : null,
    )
    const [first, second] = await Promise.all([cluster.kinds(signal), cluster.kinds(signal)])
    expect(first).toEqual(new Set(['Pod', 'KafkaTopic.kafka.strimzi.io']))
    expect(second).toEqual(first)
    await cluster.kinds(signal)
    expect(asked).toHaveLength(2)
    pass(61_000)
    await cluster.kinds(signal)
    expect(asked).toHaveLength(4)
  })

  it('are not known where the server does not say, which operators are told once', async () => {
    const old = await given(() => ({ kind: 'APIGroupList', groups: [] }))
    expect(await old.cluster.kinds(signal)).toBeNull()
    old.pass(61_000)
    expect(await old.cluster.kinds(signal)).toBeNull()
    expect(old.lines).toEqual([expect.stringContaining('it has no aggregated discovery')])
    const silent = await given(() => null)
    expect(await silent.cluster.kinds(signal)).toBeNull()
    expect(silent.lines).toHaveLength(1)
  })
})
