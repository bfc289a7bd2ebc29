/** Answers that a registry gives a page at a time. OCI distribution spec, "Listing Tags". */
import type { RepositoryApi } from './api.ts'
import { bodyOf } from './body.ts'
import { jsonOf } from './json.ts'

/** A registry that leads round in circles is left. */
const PAGES_MAX = 500

export interface PagesOptions {
  /** What is asked for, for errors: `the tags of team/app`. */
  readonly what: string
  readonly pageSize: number
  /** Whether there is nothing where a registry finds nothing (404). */
  readonly mayBeNone: boolean
}

/**
 * Each page as what it says in JSON, which may be anything; none where there is nothing.
 * @param path as the API takes it, without a query
 * @throws {Terminal} (operator) the registry refuses these credentials, or wants some
 * @throws anything else where it did not give all pages
 */
export async function* pagesOf(
  api: RepositoryApi,
  path: string,
  { what, pageSize, mayBeNone }: PagesOptions,
  signal: AbortSignal,
): AsyncGenerator<unknown> {
  const { registry } = api.image
  let query: string | null = `?n=${pageSize}`
  for (let page = 0; query !== null; page++) {
    if (page === PAGES_MAX) throw new Error(`the registry ${registry} has no end of ${what}`)
    const answer = await api.ask('GET', `${path}${query}`, {}, signal)
    if (!answer.ok) await answer.body?.cancel()
    if (page === 0 && mayBeNone && answer.status === 404) return
    if (!answer.ok) throw new Error(`the registry ${registry} answered ${answer.status} when asked for ${what}`)
    yield jsonOf((await bodyOf(answer, `the registry ${registry}`, `a list of ${what}`, signal)).toString('utf8'))
    query = nextQuery(answer.headers.get('link'))
  }
}

/** RFC 8288, as the spec has it: `</v2/team/app/tags/list?n=1000&last=v9>; rel="next"`. Only its query is followed. */
function nextQuery(link: string | null): string | null {
  const [, target] = /<([^>]*)>\s*;[^,]*\brel="?next"?/i.exec(link ?? '') ?? []
  const query = target?.indexOf('?') ?? -1
  return query < 0 ? null : (target?.slice(query) ?? null)
}
