/** A token server for docker-registry. Distribution project: "Token Authentication Implementation" (JWT, RS256, x5c). */
import { createPrivateKey, randomUUID, sign, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { runTool } from '../../src/adapters/child-process.ts'

export interface TokenServer {
  readonly realm: string
  readonly service: string
  readonly issuer: string
  readonly certificateFile: string
  close(): Promise<void>
}

const SERVICE = 'registry.tests'
const ISSUER = 'tokens.tests'
/** What it takes by POST in place of a password. Distribution project: "Docker Registry v2 authentication using OAuth2". */
export const IDENTITY_TOKEN = 'identity-of-westage'

/** Gives tokens to the one user; `folder` gets its key and certificate. An anonymous client may pull from `public/`. */
export async function startTokenServer(
  folder: string,
  user: string,
  password: string,
  tls: { readonly cert: string; readonly key: string } | null = null,
): Promise<TokenServer> {
  const keyFile = join(folder, 'token.key')
  const certificateFile = join(folder, 'token.crt')
  await runTool({
    command: 'openssl',
    args: `req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=${ISSUER} -keyout ${keyFile} -out ${certificateFile}`.split(
      ' ',
    ),
    cwd: folder,
    env: { PATH: process.env.PATH ?? '', HOME: folder },
    signal: AbortSignal.timeout(20_000),
  })
  const key = createPrivateKey(await readFile(keyFile))
  const certificate = new X509Certificate(await readFile(certificateFile)).raw.toString('base64')
  const expected = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    const isExchange = request.method === 'POST'
    const wanted = isExchange ? new URLSearchParams(await text(request)) : url.searchParams
    const given = isExchange ? (wanted.get('refresh_token') ?? '') : request.headers.authorization
    const isKnown = isExchange
      ? given === IDENTITY_TOKEN && wanted.get('grant_type') === 'refresh_token' && wanted.has('client_id')
      : given === expected
    if (given !== undefined && !isKnown) {
      response.writeHead(401).end()
      return
    }
    const access = wanted.getAll('scope').flatMap((scope) => accessOf(scope, given !== undefined))
    const token = jwtOf({ sub: given === undefined ? '' : user, aud: wanted.get('service'), access })
    const told = { [isExchange ? 'access_token' : 'token']: token, expires_in: 300 }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(told))
  }
  const server =
    tls === null
      ? createServer(answer)
      : createSecureServer({ cert: await readFile(tls.cert), key: await readFile(tls.key) }, answer)

  const jwtOf = (claims: object): string => {
    const nowSeconds = Math.floor(Date.now() / 1000)
    const times = { nbf: nowSeconds - 10, iat: nowSeconds - 10, exp: nowSeconds + 300 }
    const parts = [
      { typ: 'JWT', alg: 'RS256', x5c: [certificate] },
      { iss: ISSUER, jti: randomUUID(), ...times, ...claims },
    ].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    const signed = parts.join('.')
    return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the token server has no port')
  return {
    realm: `${tls === null ? 'http' : 'https'}://127.0.0.1:${address.port}/token`,
    service: SERVICE,
    issuer: ISSUER,
    certificateFile,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** `repository:team/app:pull,push` as the claim that the registry reads. */
function accessOf(scope: string, isSignedIn: boolean): object[] {
  const [, type, name, actions = ''] = /^([a-z]+):(.+):([a-z,*]*)$/.exec(scope) ?? []
  if (type === undefined || name === undefined) return []
  if (isSignedIn) return [{ type, name, actions: actions.split(',') }]
  return name.startsWith('public/') ? [{ type, name, actions: ['pull'] }] : []
}
