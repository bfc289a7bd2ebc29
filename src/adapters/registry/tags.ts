/** The tags of a repository. OCI distribution spec, "Listing Tags". */
import { z } from 'zod'
import type { RepositoryApi } from './api.ts'
import { bodyOf } from './body.ts'
import { jsonOf } from './json.ts'

/** Registries that give fewer at a time say so by their link. */
const PAGE_TAGS = 1000
/** A registry that leads round in circles is left. */
const PAGES_MAX = 500

const TagsSchema = z.object({ tags: z.array(z.string()).nullish() })

/**
 * Every tag, none where there is no such repository.
 * @throws {Terminal} (operator) the registry refuses these credentials, or wants some
 * @throws anything else where it did not give all of them
 */
export async function listTags(
  api: RepositoryApi,
  signal: AbortSignal,
  pageTags = PAGE_TAGS,
): Promise<readonly string[]> {
  const { registry, repository } = api.image
  const tags = new Set<string>()
  let path: string | null = `tags/list?n=${pageTags}`
  for (let page = 0; path !== null; page++) {
    if (page === PAGES_MAX) throw new Error(`the registry ${registry} has no end of tags of ${repository}`)
    const answer = await api.ask('GET', path, {}, signal)
    if (answer.status === 404 && page === 0) {
      await answer.body?.cancel()
      return []
    }
    if (!answer.ok) {
      await answer.body?.cancel()
      throw new Error(`the registry ${registry} answered ${answer.status} when asked for the tags of ${repository}`)
    }
    const body = await bodyOf(answer, `the registry ${registry}`, 'a list of tags', signal)
    const read = TagsSchema.safeParse(jsonOf(body.toString('utf8')))
    if (!read.success) throw new Error(`the registry ${registry} answered with no list of tags of ${repository}`)
    for (const tag of read.data.tags ?? []) tags.add(tag)
    path = nextPage(answer.headers.get('link'))
  }
  return [...tags]
}

/** RFC 8288, as the spec has it: `</v2/team/app/tags/list?n=1000&last=v9>; rel="next"`. Only its query is followed. */
function nextPage(link: string | null): string | null {
  const [, target] = /<([^>]*)>\s*;[^,]*\brel="?next"?/i.exec(link ?? '') ?? []
  if (target === undefined) return null
  const query = target.indexOf('?')
  return query < 0 ? null : `tags/list${target.slice(query)}`
}
