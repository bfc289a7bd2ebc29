/** Stands before a git server and makes less of it: protocol version 0 alone, without some of what it can do. */

import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { git } from './git-cli.ts'

export interface Lesser {
  /** Capabilities that it does not have: who asks for one is refused, as servers may (gitprotocol-capabilities). */
  readonly without?: readonly string[]
  /** It advertises `no-thin`, and refuses a pack with deltas to what is not in it. */
  readonly isThick?: boolean
}

export interface LesserGitServer {
  /** The clone address of a repo of the server behind it. */
  url(name: string): string
  close(): Promise<void>
}

/** @param origin of the git server, such as `http://127.0.0.1:3000` */
export async function startLesserGitServer(
  origin: string,
  { without = [], isThick = false }: Lesser,
): Promise<LesserGitServer> {
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const body = Buffer.concat(chunks)
    const asked = capabilitiesIn(body.toString('latin1').split('\n', 1).join(''))
    const isTooMuch = without.some((name) => asked.includes(name))
    if (isTooMuch || (isThick && isPush(request) && !(await isWhole(body)))) {
      response.writeHead(500, { 'content-type': 'text/plain' }).end('not what this server can do')
      return
    }
    const { method = 'GET', headers, url = '/' } = request
    const type = headers['content-type']
    const from = await fetch(`${origin}${url}`, {
      method,
      ...(type === undefined ? {} : { headers: { 'content-type': type }, body }),
    })
    const said = Buffer.from(await from.arrayBuffer())
    const less = method === 'GET' ? advertised(said, without, isThick && url.includes('receive-pack')) : said
    response.writeHead(from.status, { 'content-type': from.headers.get('content-type') ?? 'text/plain' }).end(less)
  }
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.writeHead(502).end(String(error)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the git server has no port')
  return {
    url: (name) => `http://127.0.0.1:${address.port}/${name}.git`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const isPush = ({ method, url = '' }: IncomingMessage): boolean =>
  method === 'POST' && url.endsWith('/git-receive-pack')

const capabilitiesIn = (line: string): readonly string[] => line.split(/[ \0]/)

/** The first line of refs, which is the one with the capabilities, printed again. */
function advertised(said: Buffer, without: readonly string[], isThick: boolean): Buffer {
  const text = said.toString('latin1')
  const at = text.indexOf('\0')
  const start = text.lastIndexOf('\n', at)
  const from = text.indexOf('0000', start) === start + 1 ? start + 5 : start + 1
  const length = Number.parseInt(text.slice(from, from + 4), 16)
  const kept = capabilitiesIn(text.slice(at + 1, from + length).trimEnd()).filter((name) => !without.includes(name))
  const line = `${text.slice(from + 4, at)}\0${[...kept, ...(isThick ? ['no-thin'] : [])].join(' ')}\n`
  const size = (line.length + 4).toString(16).padStart(4, '0')
  return Buffer.from(`${text.slice(0, from)}${size}${line}${text.slice(from + length)}`, 'latin1')
}

/** git documentation, git-index-pack: without `--fix-thin` it does not take a pack with deltas to what is not in it. */
async function isWhole(body: Buffer): Promise<boolean> {
  const dir = await mkdtemp(join(tmpdir(), 'whole-pack-'))
  try {
    await git(['init', '--quiet', '--bare'], { cwd: dir })
    await git(['index-pack', '--stdin'], { cwd: dir, input: body.subarray(body.indexOf('PACK')) })
    return true
  } catch {
    return false
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}
