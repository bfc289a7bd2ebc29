/** An address at which connections are not made: what is sent there is dropped, as by a firewall. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Worker } from 'node:worker_threads'

export interface SilentAddress {
  readonly port: number
  close(): Promise<void>
}

/** Listens on 127.0.0.1 with a queue of connections that is full, and never takes one out of it. */
export async function openSilentAddress(): Promise<SilentAddress> {
  const worker = new Worker(LISTENS, { eval: true })
  const [port] = (await once(worker, 'message')) as [number]
  const filling: Socket[] = []
  // Linux takes one more than the backlog (tcp_v4_syn_recv_sock), and drops what comes then.
  for (let nth = 0; nth < 2; nth++) {
    const socket = connect({ host: '127.0.0.1', port })
    filling.push(socket)
    await once(socket, 'connect')
  }
  return {
    port,
    async close() {
      for (const socket of filling) socket.destroy()
      await worker.terminate()
    },
  }
}

const LISTENS = `
const { createServer } = require('node:net')
const { parentPort } = require('node:worker_threads')
const server = createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
  parentPort.postMessage(server.address().port)
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
})
`
