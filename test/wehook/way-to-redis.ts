/** What is between a WeHook and Redis: connections break there. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** Passes on what is said to Redis and by it, until it is told otherwise. */
export async function wayTo(url: string) {
  const sockets = new Set<Socket>()
  /** Redis -> who asks it. */
  const answering = new Map<Socket, Socket>()
  const server = createServer((client) => {
    const redis = connect(Number(new URL(url).port), '127.0.0.1')
    for (const socket of [client, redis]) {
      sockets.add(socket)
      socket.on('error', () => {}).once('close', () => [client, redis].map((each) => each.destroy()))
    }
    answering.set(redis, client)
    client.pipe(redis).pipe(client)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Nothing is said any more on the connections that are there, and nobody hears of that. */
    forget() {
      for (const redis of answering.keys()) redis.unpipe().resume()
    },
    /** The connections that are there end at Redis's next answer, which nobody gets. */
    cut() {
      for (const [redis, client] of answering)
        redis
          .unpipe()
          .once('data', () => client.destroy())
          .resume()
    },
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}
