import { isIP } from 'node:net'
import { Terminal } from '../domain/errors.ts'

/** Where previews are connected to, whatever their names resolve to. */
export interface FixedAddress {
  readonly ip: string
  readonly port: number | null
}

/** `ip`, `ip:port` or `[ip6]:port`. @throws {Terminal} (operator) it is none */
export function parseAddress(text: string): FixedAddress {
  const [, six, four, port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text) ?? []
  const ip = isIP(text) !== 0 ? text : (six ?? four ?? '')
  if (isIP(ip) === 0)
    throw new Terminal(`${text} is not an address such as 10.0.0.1, 10.0.0.1:8080 or [::1]:8080`, {
      whose: 'operator',
    })
  return { ip, port: port === undefined || isIP(text) !== 0 ? null : Number(port) }
}
