/** A TCP front before a server on loopback, which can be told to hang or to be down while the server stays as it is. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface Front {
  /** `127.0.0.1:PORT`, the same for as long as it lives. */
  readonly address: string
  /** Connections that have come while it hung. */
  hanging(): number
  /** From now on: connections are passed on, taken and left alone, or refused. */
  set(mode: 'pass' | 'hang' | 'down'): Promise<void>
  close(): Promise<void>
}

/** @param target `127.0.0.1:PORT` */
export async function startFront(target: string): Promise<Front> {
  const [host, targetPort] = target.split(':')
  const sockets = new Set<Socket>()
  let isHanging = false
  let hung = 0
  const keep = (socket: Socket, other: () => void) =>
    sockets.add(
      socket
        .on('error', () => {})
        .once('close', () => {
          sockets.delete(socket)
          other()
        }),
    )
  const server = createServer((socket) => {
    if (isHanging) {
      hung++
      keep(socket, () => {})
      return
    }
    const back = connect(Number(targetPort), host)
    keep(socket, () => back.destroy())
    keep(back, () => socket.destroy())
    socket.pipe(back).pipe(socket)
  })
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  }
  const hangUp = async () => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    for (const socket of sockets) socket.destroy()
    await closed
  }
  await listen(0)
  const { port } = server.address() as AddressInfo
  return {
    address: `127.0.0.1:${port}`,
    hanging: () => hung,
    async set(mode) {
      isHanging = mode === 'hang'
      if (mode === 'down') await hangUp()
      else if (!server.listening) await listen(port)
    },
    close: hangUp,
  }
}
