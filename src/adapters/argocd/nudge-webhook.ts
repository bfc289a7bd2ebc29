import { createHmac, randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { text as textOf } from 'node:stream/consumers'
import { rootCertificates } from 'node:tls'
import type { NudgeWay } from './nudge.ts'

export interface WebhookOptions {
  /** `/api/webhook` of argocd-server, and of the ApplicationSet controller. */
  readonly server: string
  readonly applicationSet: string
  /** What Argo CD has as `webhook.github.secret`. */
  readonly secret: string
  /** An authority that counts beside the usual ones, PEM; null for those alone. */
  readonly caFile: string | null
  /** The GitOps repo as Argo CD names it, and its branch. */
  readonly gitUrl: string
  readonly branch: string
  readonly timeoutMs?: number
}

const TIMEOUT_MS = 5_000
const ANSWER_MAX = 200

/**
 * Nudges by Argo CD's webhook receivers, with the push event that GitHub would send (Argo CD: Git Webhook
 * Configuration). Both find the repo by host and path, whichever host that is; needs no right in the cluster.
 */
export function nudgeByWebhook(options: WebhookOptions): NudgeWay {
  const { server, applicationSet, secret, caFile, gitUrl, branch, timeoutMs = TIMEOUT_MS } = options
  const send = async (url: string, folders: readonly string[], signal: AbortSignal) => {
    const event = pushEvent({ gitUrl, branch, folders })
    // Read each time, since certificates are renewed while this runs.
    const ca = caFile === null ? null : await readFile(caFile, 'utf8')
    const answer = await post(url, event, secret, ca, timeoutMs, signal).catch((error: unknown) => {
      signal.throwIfAborted()
      throw new Error(`${url}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
    })
    if (answer.status < 200 || answer.status >= 300) throw new Error(`${url} answered ${answer.status}${why(answer)}`)
  }
  return {
    applicationSet: (folders, signal) => send(applicationSet, folders, signal),
    applications: (applications, signal) =>
      send(
        server,
        applications.map(({ folder }) => folder),
        signal,
      ),
  }
}

/**
 * A push of these folders, as much of it as Argo CD reads: the repo by `html_url`, without `.git`; the branch, which is
 * said to be the default one, for whoever follows HEAD; and what changed, for Applications with the annotation
 * `argocd.argoproj.io/manifest-generate-paths`. `before` and `after` are left out: between the two, Argo CD would take
 * the manifests of every folder that is not listed for unchanged, and others push too.
 */
function pushEvent(push: { gitUrl: string; branch: string; folders: readonly string[] }): string {
  const { origin, pathname } = new URL(push.gitUrl)
  const modified = push.folders.flatMap((folder) => [`${folder}/preview.yaml`, `${folder}/manifests`])
  return JSON.stringify({
    ref: `refs/heads/${push.branch}`,
    repository: {
      html_url: `${origin}${pathname.replace(/\/+$/, '').replace(/\.git$/, '')}`,
      default_branch: push.branch,
    },
    commits: [{ added: [], modified, removed: [] }],
  })
}

interface Answer {
  readonly status: number
  /** Where it sends on to, '' for nowhere. */
  readonly location: string
  readonly text: string
}

/** GitHub: Validating webhook deliveries. A redirect is not followed: nobody configured where it leads. */
async function post(
  url: string,
  body: string,
  secret: string,
  ca: string | null,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Answer> {
  const limit = AbortSignal.timeout(timeoutMs)
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'user-agent': 'WeStage',
    'x-github-event': 'push',
    'x-github-delivery': randomUUID(),
    'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
  }
  const request = url.startsWith('http:') ? requestHttp : requestHttps
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request(url, {
        method: 'POST',
        headers,
        agent: false,
        signal: AbortSignal.any([signal, limit]),
        ...(ca !== null && { ca: [...rootCertificates, ca] }),
      })
        .on('response', resolve)
        .on('error', reject)
        .end(body)
    })
    const { statusCode: status = 0, headers: answered } = response
    return { status, location: answered.location ?? '', text: await textOf(response) }
  } catch (error) {
    if (limit.aborted) throw new Error(`no answer within ${timeoutMs / 1000} s`, { cause: error })
    throw error
  }
}

function why({ status, location, text }: Answer): string {
  if (status >= 300 && status < 400) return `, to ${printable(location)}: name the address that takes it`
  const said = printable(text) === '' ? '' : `: ${printable(text)}`
  // Argo CD: a signature that does not fit is 400, as is all that it can't parse.
  const hint = ' (is WESTAGE_ARGOCD_WEBHOOK_SECRET what argocd-secret has as webhook.github.secret?)'
  return status === 400 || status === 401 ? said + hint : said
}

const printable = (text: string): string =>
  text
    .replace(/[^\x20-\x7e]+/g, ' ')
    .trim()
    .slice(0, ANSWER_MAX)
