import { z } from 'zod'
import { Terminal } from '../../domain/errors.ts'
import type { Api } from './client.ts'
import { RequestFailed } from './request-faults.ts'

/** The GitOps repo as GitHub's API names it. */
export interface GitOpsRepo {
  readonly owner: string
  readonly repo: string
}

const InstallationSchema = z.object({ id: z.number() })

/**
 * The repo of a clone address. Tokens go to the host that made them: `api.github.com` is `github.com`'s, an Enterprise
 * Server's API is its own.
 * @param gitUrl `https://github.com/acme/previews.git`
 * @throws {Terminal} (operator) the address is not one of this GitHub's
 */
export function repositoryIn(gitUrl: string, apiUrl: string): GitOpsRepo {
  const url = new URL(gitUrl)
  const own = new URL(apiUrl).hostname.replace(/^api\./, '')
  if (url.hostname !== own) {
    throw new Terminal(
      `gitops.url is at ${url.hostname}, and the GitHub App's tokens are for ${own}: use gitops.auth token.`,
      {
        whose: 'operator',
      },
    )
  }
  const [, owner, repo] = /^\/(?:.*\/)?([^/]+)\/([^/]+?)(?:\.git)?\/?$/.exec(url.pathname) ?? []
  if (owner !== undefined && repo !== undefined) return { owner, repo }
  throw new Terminal(`gitops.url does not end in owner/name: ${url.pathname}`, { whose: 'operator' })
}

/** The installation that has the repo. @param api as the App itself */
export async function installationOf(api: Api, { owner, repo }: GitOpsRepo): Promise<number> {
  return (await api.get('GET /repos/{owner}/{repo}/installation', { owner, repo }, InstallationSchema)).id
}

/** What a failure to get a token for the repo means; one that says nothing of the repo stays as it is. */
export function faultOfAsking(error: unknown, { owner, repo }: GitOpsRepo): unknown {
  if (!(error instanceof RequestFailed)) return error
  const name = `${owner}/${repo}`
  const options = { whose: 'operator', cause: error } as const
  if (error.status === 404) return new Terminal(`The GitHub App is not installed on the GitOps repo ${name}.`, options)
  if (error.status === 301 || error.status === 307) {
    return new Terminal(`The GitOps repo ${name} has moved: put its new address into gitops.url.`, options)
  }
  if (error.status === 422) return mayNotWrite({ owner, repo }, error)
  return error
}

/** The App is there and may not write. */
export const mayNotWrite = ({ owner, repo }: GitOpsRepo, cause: unknown): Terminal =>
  new Terminal(`The GitHub App may not write to the GitOps repo ${owner}/${repo}: it needs contents: write.`, {
    whose: 'operator',
    cause,
  })
