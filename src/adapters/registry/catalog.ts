/**
 * The repositories of a registry. Distribution project: "Listing Repositories"; the OCI spec has nothing of the kind, and
 * Docker Hub, GHCR and others do not answer it.
 */
import { z } from 'zod'
import type { RepositoryApi } from './api.ts'
import { pagesOf } from './pages.ts'

const PAGE_REPOSITORIES = 1000

const CatalogSchema = z.object({ repositories: z.array(z.string()).nullish() })

/**
 * The names of all repositories that it shows to these credentials, without the registry's own.
 * @param api of any of its repositories
 * @throws {Terminal} (operator) the registry refuses these credentials, or wants some
 * @throws anything else where it lists none, or did not give all of them
 */
export async function listRepositories(
  api: RepositoryApi,
  signal: AbortSignal,
  pageRepositories = PAGE_REPOSITORIES,
): Promise<readonly string[]> {
  const options = { what: 'repositories', pageSize: pageRepositories, mayBeNone: false }
  const names = new Set<string>()
  for await (const page of pagesOf(api, '/v2/_catalog', options, signal)) {
    const read = CatalogSchema.safeParse(page)
    if (!read.success) throw new Error(`the registry ${api.image.registry} answered with no list of repositories`)
    for (const name of read.data.repositories ?? []) names.add(name)
  }
  return [...names]
}
