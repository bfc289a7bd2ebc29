/** A way to the tests' API server that can be cut, while the cluster itself goes on. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { KubeConfig } from '@kubernetes/client-node'

/** `refuses`: connections are reset, and none is taken. `hangs`: all stay open, and nothing comes or goes. */
export type Outage = 'refuses' | 'hangs'

export interface ApiProxy {
  /** Leads there by this way. */
  readonly config: KubeConfig
  cut(outage: Outage): Promise<void>
  restore(): Promise<void>
  close(): Promise<void>
}

interface Pair {
  readonly near: Socket
  readonly far: Socket
}

export async function proxyTo(kubeconfigPath: string): Promise<ApiProxy> {
  const config = new KubeConfig()
  config.loadFromFile(kubeconfigPath)
  const real = new URL(config.getCurrentCluster()?.server ?? '')
  const pairs = new Set<Pair>()
  /** Taken while nothing goes on. */
  let waiting: Socket[] | null = null
  const join = (near: Socket) => {
    const pair: Pair = { near, far: connect(Number(real.port), real.hostname) }
    pairs.add(pair)
    for (const [one, other] of [
      [near, pair.far],
      [pair.far, near],
    ] as const) {
      one
        .on('error', () => other.destroy())
        .on('close', () => {
          pairs.delete(pair)
          other.destroy()
        })
    }
    flow(pair)
  }
  const server = createServer((near) => {
    near.on('error', () => {})
    if (waiting === null) join(near)
    else waiting.push(near.pause())
  })
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  }
  await listen(0)
  const { port } = server.address() as AddressInfo
  config.clusters = config.clusters.map((cluster) => ({ ...cluster, server: `https://127.0.0.1:${port}` }))
  const cutAll = async () => {
    const closed = once(server, 'close')
    server.close()
    for (const { near, far } of pairs) {
      near.resetAndDestroy()
      far.destroy()
    }
    for (const near of waiting ?? []) near.destroy()
    await closed
  }
  return {
    config,
    async cut(outage) {
      if (outage === 'refuses') return await cutAll()
      waiting = []
      for (const { near, far } of pairs) {
        near.unpipe(far).pause()
        far.unpipe(near).pause()
      }
    },
    async restore() {
      if (!server.listening) return await listen(port)
      for (const pair of pairs) flow(pair)
      const held = waiting ?? []
      waiting = null
      for (const near of held) join(near)
    },
    async close() {
      if (server.listening) await cutAll()
    },
  }
}

function flow({ near, far }: Pair): void {
  near.pipe(far)
  far.pipe(near)
}
