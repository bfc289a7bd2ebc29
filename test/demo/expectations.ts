/** What must be so of a pull request: each gives why it is not, null where it is. */
import { git } from '../servers/git-cli.ts'
import { askPreview } from './ask-preview.ts'
import { ordersOf } from './orders.ts'
import { livePreviewOf, shownPullNumbered } from './shown-pull.ts'
import type { World } from './start-world.ts'

export type Fault = string | null

const short = (sha: string): string => sha.slice(0, 7)

/** The head is live: the Check and the Deployment say so, the address answers with it, older Deployments are inactive. */
export async function faultOfLive(world: World, number: number): Promise<Fault> {
  const { pull, check, deployments } = shownPullNumbered(world.github, number)
  if (check?.conclusion !== 'success') return `the Check of ${short(pull.headSha)} says ${checkWords(check)}`
  const current = deployments.find(({ deployment }) => deployment.sha === pull.headSha)
  if (current?.status.state !== 'success') return `its Deployment is ${current?.status.state ?? 'not there'}`
  const active = deployments.find(({ status }) => status !== current.status && status.state !== 'inactive')
  if (active !== undefined) return `the Deployment of ${short(active.deployment.sha)} is still ${active.status.state}`
  return faultOfAnswer(world, current.status.environmentUrl, pull.headSha)
}

/** The head failed in the author's manifests, the pull request says where and why, and the last good one is still up. */
export async function faultOfBroken(
  world: World,
  number: number,
  file: string,
  good: { readonly sha: string; readonly url: string },
): Promise<Fault> {
  const { pull, check, deployments } = shownPullNumbered(world.github, number)
  if (check?.conclusion !== 'failure') return `the Check of ${short(pull.headSha)} says ${checkWords(check)}`
  const { title, summary } = check.output
  const reason = new RegExp(`^Failed in render: .*${file.replaceAll('.', '\\.')}.*line [0-9]+`)
  if (!reason.test(title ?? '')) return `the Check's title does not give file and line: ${title}`
  if (!summary?.includes('Push a commit that mends it')) return `the Check does not say whose it is: ${summary}`
  if (!summary.includes(short(good.sha)))
    return `the Check does not say that ${short(good.sha)} is still up: ${summary}`
  const failed = deployments.find(({ deployment }) => deployment.sha === pull.headSha)?.status
  if (failed?.state !== 'failure') return `its Deployment is ${failed?.state ?? 'not there'}`
  if (!failed.description.startsWith('Failed in render: ')) return `the Deployment says: ${failed.description}`
  return faultOfAnswer(world, good.url, good.sha)
}

/** Nothing is left of it: folder, Application, active Deployments, an address that answers; and the Check says so. */
export async function faultOfGone(world: World, number: number, url: string): Promise<Fault> {
  const { check, deployments } = shownPullNumbered(world.github, number)
  const folder = await git(['ls-tree', '-r', '--name-only', 'main', `previews/shop/pr-${number}`], {
    cwd: world.gitopsDir,
  })
  if (folder !== '') return 'its folder is still in the GitOps repo'
  const application = (await world.argocd.applications())?.find((name) => name.endsWith(`-pr-${number}`))
  if (application !== undefined) return `the Application ${application} is still there`
  const active = deployments.find(({ status }) => status.state !== 'inactive')
  if (active !== undefined) return `the Deployment of ${short(active.deployment.sha)} is still ${active.status.state}`
  if (check?.output.title !== 'Preview removed') return `the Check says ${checkWords(check)}`
  const { status } = await askPreview(url, world.argocd.previewAddress)
  return status >= 400 ? null : `${url} still answers ${status}`
}

/** Stripe called once, and both previews got that: the one whose payment it was is paid, the other left it alone. */
export async function faultOfPaid(world: World, payer: number, other: number): Promise<Fault> {
  const payment = world.stripe.payments.at(-1)
  if (payment === undefined) return 'nobody has paid'
  const { eventId, attempts } = payment
  const last = attempts.at(-1)
  if (last?.answer !== 200) return `WeHook answered Stripe ${last?.answer ?? 'nothing yet'}`
  for (const [number, isMine] of [[payer, true] as const, [other, false] as const]) {
    const live = livePreviewOf(shownPullNumbered(world.github, number))
    if (live === null) return `#${number} has no preview`
    const { callbacks } = await ordersOf(live.url, world.argocd.previewAddress)
    const taken = callbacks.find(({ event }) => event === eventId)
    if (taken === undefined) return `the preview of #${number} has not got ${eventId}`
    if (taken.isMine !== isMine)
      return `the preview of #${number} takes ${eventId} for ${taken.isMine ? '' : 'not '}its own`
  }
  return null
}

async function faultOfAnswer(world: World, url: string, sha: string): Promise<Fault> {
  if (url === '') return 'its Deployment has no address'
  const { status, body } = await askPreview(url, world.argocd.previewAddress)
  if (status !== 200) return `${url} answers ${status}`
  // The stand-in's page shows what was applied; the sample's own does not know its commit, its environment does.
  const { kind, previewAddress } = world.argocd
  if (kind === 'kubeconfig') return null
  const said = kind === 'stand-in' ? body : (await askPreview(new URL('/env', url).href, previewAddress)).body
  return said.includes(sha) ? null : `${url} answers, and not with ${short(sha)}`
}

const checkWords = (check: ReturnType<typeof shownPullNumbered>['check']): string =>
  check === null ? 'nothing yet' : `${check.conclusion ?? check.status}: ${check.output.title ?? ''}`
