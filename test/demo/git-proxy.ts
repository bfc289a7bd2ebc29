/** The site's half of git: github.com takes installation tokens for git over HTTP, and so does the demo's site. */
import { type IncomingMessage, request as requestHttp, type ServerResponse } from 'node:http'
import type { GitHub } from '../servers/github/github.ts'

export interface GitProxy {
  /** Answers a request for a repo's smart HTTP; gives false where it is for something else. */
  answer(incoming: IncomingMessage, outgoing: ServerResponse): boolean
}

/**
 * Hands git's requests for `repository` on to the git server. Everybody on this machine may read, as from a public
 * repo; a push needs a token with contents: write (GitHub: "Authenticating as a GitHub App installation").
 * @param origin the git server's, `http://127.0.0.1:PORT`
 */
export function gitProxy(
  origin: string,
  repository: string,
  github: Pick<GitHub, 'isTokenGranted'>,
  credentials: { readonly username: string; readonly password: string },
): GitProxy {
  const prefix = `/${repository}.git/`
  return {
    answer(incoming, outgoing) {
      const path = incoming.url ?? ''
      if (!path.startsWith(prefix)) return false
      const isPush = path.endsWith('/git-receive-pack') || path.endsWith('service=git-receive-pack')
      const token = tokenIn(incoming.headers.authorization)
      if (isPush && !github.isTokenGranted(token, repository, 'contents', 'write')) {
        incoming.resume()
        outgoing.writeHead(401, { 'www-authenticate': 'Basic realm="GitHub double"' }).end('a push needs a token\n')
        return true
      }
      const headers = { ...incoming.headers, authorization: basic(credentials) }
      const upstream = requestHttp(new URL(path, origin), { method: incoming.method, headers, agent: false })
      upstream.on('response', (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(outgoing)
      })
      upstream.on('error', () => outgoing.destroy())
      outgoing.on('close', () => upstream.destroy())
      incoming.pipe(upstream)
      return true
    },
  }
}

/** GitHub: the user name is `x-access-token`, or any other. */
function tokenIn(authorization = ''): string {
  const [, encoded = ''] = /^Basic (.+)$/i.exec(authorization) ?? []
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  return text.slice(text.indexOf(':') + 1)
}

const basic = ({ username, password }: { username: string; password: string }) =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
