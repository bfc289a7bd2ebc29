import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'

/** Ports of 127.0.0.1 that nothing listens on, all different: each is held until the last is found. */
export async function freePorts<const Name extends string>(names: readonly Name[]): Promise<Record<Name, number>> {
  const servers = await Promise.all(
    names.map(async (name) => {
      const server = createServer().listen(0, '127.0.0.1')
      await once(server, 'listening')
      return { name, server, port: (server.address() as AddressInfo).port }
    }),
  )
  for (const { server } of servers) {
    server.close()
    await once(server, 'close')
  }
  return Object.fromEntries(servers.map(({ name, port }) => [name, port])) as Record<Name, number>
}
