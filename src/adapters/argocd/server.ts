import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { Terminal } from '../../domain/errors.ts'
import type { Resources } from '../../ports.ts'
import { LogRefused, readEvents, readLogEntries, readTree } from './read-resources.ts'
import { ArgoCdServerError, type ServerAccess, serverGet } from './server-get.ts'

export interface ArgoCdServerOptions {
  /** argocd-server's address, with its root path where it has one, without a trailing slash. */
  readonly url: string
  /** PEM of the authority that signed its certificate; null where the usual ones did. */
  readonly caFile: string | null
  /** Of an AppProject's role that may get the Applications and their logs. */
  readonly token: string
  /** Where the Applications are. */
  readonly namespace: string
  readonly log: (level: 'info' | 'warn', line: string) => void
  /** For one request. */
  readonly timeoutMs?: number
}

/** As much of a container's log as a failure is told with. */
const LOG_LINES = 50
const LOG_MAX_CHARACTERS = 64 * 1024

/**
 * Reads resource trees, events and logs through argocd-server's API (Argo CD 3.2 and newer), so that WeStage needs no
 * rights where previews run. Whatever goes wrong is said to operators when it begins and when it ends, and is null here.
 * @throws {Terminal} (operator) `caFile` can't be read or holds no certificate
 */
export async function argocdServer({
  url,
  caFile,
  token,
  namespace,
  log,
  timeoutMs = 10_000,
}: ArgoCdServerOptions): Promise<Resources> {
  const access: ServerAccess = { url, ca: caFile === null ? '' : await authorityIn(caFile), token, timeoutMs }
  /** The question that could not be asked -> what kind of trouble that was. */
  const failing = new Map<string, string>()

  const get = (application: string, what: string, query: Readonly<Record<string, string>>, signal: AbortSignal) => {
    const path = `/api/v1/applications/${encodeURIComponent(application)}/${what}`
    return serverGet(access, path, { appNamespace: namespace, ...query }, signal)
  }

  /** null where it failed, after operators were told. */
  async function answerTo<T>(what: string, signal: AbortSignal, question: () => Promise<T>): Promise<T | null> {
    try {
      const answer = await question()
      if (failing.delete(what)) log('info', `argocd-server answers again when asked for ${what}`)
      return answer
    } catch (error) {
      signal.throwIfAborted()
      // The object went between the tree and the question.
      if (what !== TREE && error instanceof ArgoCdServerError && [400, 404].includes(error.status)) return null
      const kind = kindOf(error)
      if (failing.get(what) !== kind) log('warn', `argocd-server can't be asked for ${what}: ${sentenceOf(error)}`)
      failing.set(what, kind)
      return null
    }
  }

  return {
    tree: (application, signal) =>
      answerTo(TREE, signal, async () => readTree(JSON.parse(await get(application, 'resource-tree', {}, signal)))),
    events: (application, node, signal) =>
      answerTo('events', signal, async () => {
        if (node.uid === '') return []
        const about = { resourceUID: node.uid, resourceNamespace: node.namespace, resourceName: node.name }
        return readEvents(JSON.parse(await get(application, 'events', about, signal)))
      }),
    logs: (application, pod, container, signal) =>
      answerTo('logs', signal, async () => {
        const query = { namespace: pod.namespace, podName: pod.name, container, tailLines: String(LOG_LINES) }
        const ask = async (previous: boolean) =>
          lastOf(
            readLogEntries(jsonLines(await get(application, 'logs', { ...query, previous: `${previous}` }, signal))),
          )
        try {
          return await ask((pod.pod?.restarts ?? 0) > 0)
        } catch (error) {
          if (!isRefusal(error)) throw error
          // Another container was restarted, or the last one's log is not kept any more.
          return await ask(false).catch((again) => {
            if (isRefusal(again)) return [again.message]
            throw again
          })
        }
      }),
  }
}

const TREE = 'resource trees'

/** Argo CD answers 500 where the kubelet says in the log's place that there is none. */
const isRefusal = (error: unknown): error is Error =>
  error instanceof LogRefused || (error instanceof ArgoCdServerError && error.status === 500)

const jsonLines = (body: string): unknown[] =>
  body.split('\n').flatMap((line) => (line.trim() === '' ? [] : [JSON.parse(line)]))

/** The newest lines, as many as fit. */
function lastOf(lines: readonly string[]): string[] {
  const kept: string[] = []
  let characters = 0
  for (const line of lines.slice(-LOG_LINES).reverse()) {
    characters += line.length
    if (characters > LOG_MAX_CHARACTERS) break
    kept.unshift(line)
  }
  return kept
}

async function authorityIn(file: string): Promise<string> {
  try {
    const pem = await readFile(file, 'utf8')
    new X509Certificate(pem)
    return pem
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new Terminal(`argocd.server.caFile: ${file} is no certificate in PEM that can be read: ${why}`, {
      whose: 'operator',
      cause,
    })
  }
}

const kindOf = (error: unknown): string =>
  error instanceof ArgoCdServerError
    ? String(error.status)
    : error instanceof Error
      ? 'code' in error
        ? String(error.code)
        : error.name
      : ''

function sentenceOf(error: unknown): string {
  // Where several addresses were tried, the errors are in it and it says nothing itself.
  const [cause] = error instanceof AggregateError ? error.errors : [error]
  const why = cause instanceof Error ? cause.message : String(cause)
  const isRefused = error instanceof ArgoCdServerError && (error.status === 401 || error.status === 403)
  return isRefused ? `${why} (WESTAGE_ARGOCD_TOKEN needs applications, get and logs, get)` : why
}
