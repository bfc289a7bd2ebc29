/** Connections that are given up while they are being made: undici ends a request only once it is connected. */
import { Socket } from 'node:net'
import { buildConnector } from 'undici'

export interface Connecting {
  /** As undici's own connector; it gives up what it makes for a request that is being started with that one's signal. */
  readonly connect: buildConnector.connector
  /**
   * Calls what dispatches a request, for which undici connects in the same turn where no connection is free.
   * @param signal where it is aborted while that is being made, its reason is why there is none
   */
  start<T>(signal: AbortSignal, request: () => T): T
}

/** Makes connections as undici's `buildConnector` does with these options. */
export function openConnecting(options: buildConnector.BuildOptions): Connecting {
  const connect = buildConnector(options)
  let starting: AbortSignal | null = null
  return {
    connect(to, made) {
      const signal = starting
      if (signal === null) return connect(to, made)
      // It gives the socket, though its type does not say so (undici, lib/core/connect.js).
      const socket: unknown = connect(to, (...result) => {
        signal.removeEventListener('abort', giveUp)
        made(...result)
      })
      const giveUp = () => {
        if (socket instanceof Socket) socket.destroy(signal.reason)
      }
      signal.addEventListener('abort', giveUp)
    },
    start(signal, request) {
      starting = signal
      try {
        return request()
      } finally {
        starting = null
      }
    },
  }
}
