import { z } from 'zod'

/** The branch that previews are committed to. */
export interface GitOpsBranch {
  /** The repo's clone address. */
  readonly url: string
  /** Its name without `refs/heads/`. */
  readonly branch: string
}

const name = z.string().nullish()
/** GitHub, Gitea and Forgejo say `repository` with the first two, GitLab says `project` with the others. */
const Repository = z.object({ full_name: name, clone_url: name, path_with_namespace: name, git_http_url: name })
const Push = z.object({ ref: z.string(), repository: Repository.nullish(), project: Repository.nullish() })

/**
 * Whether a push event is about the GitOps branch, as far as its names tell. Hosts are not compared: a webhook has the
 * address that people use, WeStage may have one inside of the cluster. A wrong guess costs one look at the branch.
 * GitHub: "Webhook events and payloads", push. GitLab: "Webhook events", push events. Gitea: "Webhooks".
 */
export function isGitOpsPush(payload: unknown, { url, branch }: GitOpsBranch): boolean | 'malformed' {
  const { data } = Push.safeParse(payload)
  if (data === undefined) return 'malformed'
  if (data.ref !== `refs/heads/${branch}`) return false
  const wanted = pathOf(url)
  const repositories = [data.repository, data.project].flatMap((each) => each ?? [])
  const addresses = repositories.flatMap(({ clone_url, git_http_url }) => [clone_url, git_http_url])
  const names = repositories.flatMap(({ full_name, path_with_namespace }) => [full_name, path_with_namespace])
  return (
    addresses.some((address) => typeof address === 'string' && URL.canParse(address) && pathOf(address) === wanted) ||
    // A host may serve its repos below a path.
    names.some((each) => typeof each === 'string' && each !== '' && wanted.endsWith(`/${each.toLowerCase()}`))
  )
}

const pathOf = (url: string): string =>
  new URL(url).pathname
    .replace(/\/+$/, '')
    .replace(/\.git$/, '')
    .toLowerCase()
