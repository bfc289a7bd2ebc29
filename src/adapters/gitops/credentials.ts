import type { BranchOptions } from '../../twig/branch.ts'

type Ask = NonNullable<BranchOptions['credentials']>

/** What the GitOps repo is reached by: the App's installation of it, or a token for hosts that are not GitHub. */
export function gitOpsCredentials(
  { auth, url }: { readonly auth: 'app' | 'token'; readonly url: string },
  token: string | null,
  byApp: (url: string) => Ask,
): Ask | null {
  if (auth === 'app') return byApp(url)
  return token === null ? null : async () => ({ username: 'westage', password: token })
}
