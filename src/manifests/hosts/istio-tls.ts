import { type Json, type JsonObject, listOf, objectOf, without } from '../json.ts'
import type { HostRules } from '../target.ts'

/** Istio: ServerTLSSettings. Only `httpsRedirect`, and no TLS at all. */
export const isStripped = (tls: JsonObject): boolean => tls.mode === undefined

/** Where the Gateway itself ends TLS, with a certificate of its own; SIMPLE is so too where the mode is not said. */
const endsTls = (server: JsonObject): boolean => {
  const { mode, credentialName, serverCertificate } = objectOf(server.tls)
  return mode === 'SIMPLE' || (mode === undefined && (credentialName !== undefined || serverCertificate !== undefined))
}

/**
 * The servers of an Istio Gateway with their TLS as it is set. `strip`: HTTPS becomes plain HTTP at port 80, unless a
 * plain server has those hosts already, and nothing is sent on to https. Stays as it is: TLS that is passed through
 * or asks for clients' certificates, and TLS that is not HTTPS. A Secret by name is one in the Gateway pods' namespace.
 */
export function serversWithTls(servers: readonly JsonObject[], tls: HostRules['tls']): readonly JsonObject[] {
  if (tls === 'keep') return servers
  if (tls !== 'strip') {
    return servers.map((server) =>
      endsTls(server)
        ? {
            ...server,
            tls: {
              ...without(objectOf(server.tls), [
                'serverCertificate',
                'privateKey',
                'credentialNames',
                'tlsCertificates',
              ]),
              mode: 'SIMPLE',
              credentialName: tls.secret,
            },
          }
        : server,
    )
  }
  const plain = servers.filter((server) => isHttp(server, 'HTTP') && objectOf(server.port).number === 80)
  const taken = new Set<Json>(plain.flatMap(({ hosts }) => listOf(hosts)))
  return servers.flatMap((server) => {
    if (isHttp(server, 'HTTP')) return [server.tls === undefined ? server : withoutRedirect(server)]
    if (!isHttp(server, 'HTTPS') || !endsTls(server)) return [server]
    const hosts = listOf(server.hosts).filter((host) => !taken.has(host))
    for (const host of hosts) taken.add(host)
    const port = objectOf(server.port)
    const number = port.number === 443 ? 80 : (port.number ?? 80)
    return hosts.length === 0
      ? []
      : [{ ...without(server, ['tls']), hosts, port: { ...port, number, protocol: 'HTTP' } }]
  })
}

const isHttp = (server: JsonObject, protocol: string): boolean => objectOf(server.port).protocol === protocol

function withoutRedirect(server: JsonObject): JsonObject {
  const tls = without(objectOf(server.tls), ['httpsRedirect'])
  return Object.keys(tls).length === 0 ? without(server, ['tls']) : { ...server, tls }
}
