/** The releases of Argo CD that a cluster can have, and all that differs between them here. */
import type { Cluster } from './cluster-handle.ts'

export const ARGOCD_RELEASES = {
  // It has a default, which it refuses beside --disable-tls.
  '3.5': { module: '.', repoServerFlags: ['--client-ca-path='] },
  '3.2': { module: 'argocd-3.2', repoServerFlags: [] },
} as const

export type ArgoCdRelease = keyof typeof ARGOCD_RELEASES

/** The one that the same module brings as Kubernetes. */
export const NEWEST_ARGOCD: ArgoCdRelease = '3.5'

const isRelease = (text: string): text is ArgoCdRelease => Object.hasOwn(ARGOCD_RELEASES, text)

/** What `--argocd` asks for. @throws {Error} naming the releases that there are */
export function argocdReleaseOf(text: string): ArgoCdRelease {
  if (isRelease(text)) return text
  throw new Error(`--argocd ${text}: there are ${Object.keys(ARGOCD_RELEASES).join(' and ')}`)
}

/** @throws {Error} the cluster is up with another Argo CD than is asked for */
export function refuseOtherArgoCd({ name, argocd }: Cluster, release: ArgoCdRelease): void {
  if (argocd?.version.startsWith(`${release}.`)) return
  const has = argocd === null ? 'no Argo CD' : `Argo CD ${argocd.version}`
  throw new Error(`the cluster ${name} is up with ${has}, not ${release}: end it first, or give another --name`)
}
