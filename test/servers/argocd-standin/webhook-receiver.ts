import { createHmac, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { text } from 'node:stream/consumers'
import { z } from 'zod'

/** A push, as Argo CD reads GitHub's event of it. */
export interface Push {
  /** Whether it is of the repo that has this address. */
  isOf(repoUrl: string): boolean
  readonly branch: string
  /** Empty where the event does not say. */
  readonly files: readonly string[]
}

const PushSchema = z.object({
  ref: z.string(),
  repository: z.object({ html_url: z.string() }),
  commits: z
    .array(z.object({ added: z.array(z.string()), modified: z.array(z.string()), removed: z.array(z.string()) }))
    .default([]),
})

/** `/api/webhook` of argocd-server or of the ApplicationSet controller: GitHub's events, signed with `secret`. */
export function webhookReceiver(options: {
  secret: string
  isDown: () => boolean
  onPush: (push: Push) => void
}): Server {
  const { secret, isDown, onPush } = options
  return createServer((request, response) => {
    if (isDown()) return void request.socket.destroy()
    const answer = (code: number, said: string) => response.writeHead(code).end(said)
    if (request.url !== '/api/webhook') return answer(404, 'not found')
    return void text(request).then((body) => {
      const fault = faultOf(request, body, secret)
      if (fault !== '') return answer(400, `Webhook processing failed: ${fault}`)
      const push = pushOf(body)
      if (push === null) return answer(400, 'Webhook processing failed: error parsing payload')
      onPush(push)
      return answer(200, '')
    })
  })
}

function faultOf({ method, headers }: IncomingMessage, body: string, secret: string): string {
  if (method !== 'POST') return 'invalid HTTP Method'
  if (headers['content-type'] !== 'application/json') return 'error parsing payload'
  if (headers['x-github-event'] !== 'push') return 'event not defined to be parsed'
  const given = Buffer.from(String(headers['x-hub-signature-256'] ?? ''))
  const wanted = Buffer.from(`sha256=${createHmac('sha256', secret).update(body).digest('hex')}`)
  if (given.length === 0) return 'missing X-Hub-Signature-256 Header'
  return given.length === wanted.length && timingSafeEqual(given, wanted) ? '' : 'HMAC verification failed'
}

function pushOf(body: string): Push | null {
  const parsed = PushSchema.safeParse(jsonOf(body))
  if (!parsed.success) return null
  const { ref, repository, commits } = parsed.data
  return {
    // Argo CD takes the address of the repo's page, which says nothing of a port or of `.git`.
    isOf: (repoUrl) => [repository.html_url, `${repository.html_url}.git`].map(placeOf).includes(placeOf(repoUrl)),
    branch: ref.replace(/^refs\/[^/]+\//, ''),
    files: commits.flatMap(({ added, modified, removed }) => [...added, ...modified, ...removed]),
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function placeOf(url: string): string {
  const { hostname, pathname } = new URL(url)
  return `${hostname}${pathname}`.toLowerCase()
}
