import type { Config } from './schema.ts'

/** Where people see what the API is for: `api.github.com` is `github.com`'s, an Enterprise Server's API is its own. */
export function webUrlOf({ github }: Pick<Config, 'github'>): string {
  const url = new URL(github.apiUrl)
  return `${url.protocol}//${url.host.replace(/^api\./, '')}`
}

/** A commit's page in the GitOps repo, where that is GitHub's. Other hosts have other addresses, so none is guessed. */
export function commitUrlOf(config: Pick<Config, 'github' | 'gitops'>, commit: string): string | null {
  const url = new URL(config.gitops.url)
  const isGitHubs = url.origin === webUrlOf(config)
  return isGitHubs ? `${url.origin}${url.pathname.replace(/\.git$/, '')}/commit/${commit}` : null
}
