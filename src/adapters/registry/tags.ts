/** The tags of a repository. OCI distribution spec, "Listing Tags". */
import { z } from 'zod'
import type { RepositoryApi } from './api.ts'
import { pagesOf } from './pages.ts'

/** Registries that give fewer at a time say so by their link. */
const PAGE_TAGS = 1000

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
  const what = `tags of ${repository}`
  const tags = new Set<string>()
  for await (const page of pagesOf(api, 'tags/list', { what, pageSize: pageTags, mayBeNone: true }, signal)) {
    const read = TagsSchema.safeParse(page)
    if (!read.success) throw new Error(`the registry ${registry} answered with no list of ${what}`)
    for (const tag of read.data.tags ?? []) tags.add(tag)
  }
  return [...tags]
}
