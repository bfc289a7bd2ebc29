import type { Manifest } from '../manifests/manifest.ts'
import type { PodTemplates } from '../manifests/pod-templates.ts'
import { withoutPullSecret } from '../manifests/pull-secrets.ts'
import type { ImagePulls } from '../ports.ts'

const SHOWN_MAX = 3

/**
 * What the pull request is to hear before its pods can't pull their images: a registry that does not give them to
 * everybody, and no pull secret. A secret that is named and not there is told with all else that is missing.
 * @param images references by digest that were put into the manifests
 */
export async function pullNotices(
  manifests: readonly Manifest[],
  images: readonly string[],
  podTemplates: PodTemplates,
  pulls: ImagePulls,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const notices: string[] = []
  for (const image of new Set(images)) {
    const needing = withoutPullSecret(manifests, new Set([image]), podTemplates)
    const [repository = '', digest = ''] = image.split('@')
    if (needing.length === 0 || !(await pulls.needSecret({ repository, digest }, signal))) continue
    const more = needing.length > SHOWN_MAX ? `, and ${needing.length - SHOWN_MAX} more` : ''
    const who = `${needing.slice(0, SHOWN_MAX).join(', ')}${more}`
    notices.push(
      `a pull secret is missing: ${repository} is not open to everybody, and ${who} ${needing.length === 1 ? 'has' : 'have'} none; operators put one into common/ of the GitOps repo, or set registry.pullSecrets to none where the cluster needs none`,
    )
  }
  return notices
}
