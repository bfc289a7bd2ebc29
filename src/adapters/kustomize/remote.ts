/**
 * Whether kustomize would take a path for something remote, and as what. Wider than its own rule (api/internal/git,
 * NewRepoSpecFromURL, and IsRemoteFile of its loader), because older versions had wider ones, and because it asks
 * before it looks whether such a path exists here: a local folder `github.com/a/b` is cloned all the same.
 * @returns null for a local path
 */
export function remoteKindOf(path: string): string | null {
  const text = path.trim()
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text) || /^https?:/i.test(text)) return 'a URL'
  if (/^(git::|gh:)/i.test(text)) return 'a git address'
  if (/^github\.com[/:]/i.test(text)) return 'a git address'
  if (/^[a-z][a-z0-9-]*@[\s\S]*[:/]/i.test(text)) return 'a git address'
  if (!/\s/.test(text) && /[?&](ref|version|timeout|submodules)=/i.test(text)) return 'a git address'
  return null
}
