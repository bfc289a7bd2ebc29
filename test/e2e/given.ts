/** An instance on a side, with one repo, and how its previews are looked at. */
import { request } from 'node:http'
import { KubeConfig } from '@kubernetes/client-node'
import { expect, vi } from 'vitest'
import { branchOnDisk } from '../servers/branch-on-disk.ts'
import { type GitOpsAccess, startInstanceOn } from '../servers/instance.ts'
import { startRegistry } from '../servers/registry.ts'
import { contentOf, type Files, sampleFiles } from './sample.ts'
import type { E2eSide } from './side.ts'

export const REPO = 'acme/shop'
const UNTIL = { timeout: 120_000, interval: 50 }

type Settings = Readonly<Record<string, unknown>>

/**
 * @param isBuilt whether pull requests' images are built and pushed, by buildah and docker-registry
 * @param settings of westage.yaml, beside those of the side; where they name images, of the registry at this address
 * @param files of the repo, where it is not that of the sample
 */
export async function givenInstance(
  startSide: (gitops: GitOpsAccess) => Promise<E2eSide>,
  isBuilt: boolean,
  settings: Settings | ((registry: string) => Promise<Settings>) = {},
  files?: Files,
) {
  const registry = isBuilt ? await startRegistry() : null
  if (isBuilt && registry === null) throw new Error('docker-registry is missing: images of previews have nowhere to go')
  const builder =
    registry === null
      ? { builder: 'none' }
      : { builder: 'buildah', registry: { repository: `${registry.host}/{app}`, plainHttp: true } }
  const start = async () => {
    const own = typeof settings === 'function' ? await settings(registry?.host ?? '') : settings
    return startInstanceOn(startSide, { settings: { ...builder, ...own } })
  }
  const here = await start().catch(async (error) => {
    await registry?.close()
    throw error
  })
  here.github.addRepository(REPO, files ?? (await sampleFiles(isBuilt)))
  const headOf = (pull: number) => here.github.headOf(REPO, pull)
  const checkOf = (pull: number, sha = headOf(pull)) => here.github.checkRuns(REPO, sha).at(-1)
  const lastStatusOf = (sha: string) =>
    here.github
      .deployments(REPO)
      .findLast((deployment) => deployment.sha === sha)
      ?.statuses.at(-1)
  const gitops = branchOnDisk(here.git.dir('gitops'))
  const until = (check: () => void | Promise<void>, timeout = UNTIL.timeout) => vi.waitFor(check, { ...UNTIL, timeout })
  const wasLive = new Set<string>()
  const hasOwnContent = here.argocd.podsAre !== 'played'

  return {
    ...here,
    headOf,
    checkOf,
    lastStatusOf,
    until,
    /** The states that a commit's Deployment went through. */
    statesOf: (sha: string) =>
      here.github
        .deployments(REPO)
        .filter((deployment) => deployment.sha === sha)
        .flatMap(({ statuses }) => statuses.map(({ state }) => state)),
    openPull: (branch: string, files: Record<string, string> = {}) =>
      here.github.openPull(REPO, {
        branch,
        title: branch,
        files: { ...contentOf(branch), ...files },
        labels: ['westage'],
      }),
    push: (pull: number, files: Record<string, string>) => here.github.push(REPO, pull, files),
    file: gitops.file,
    /** WeStage's newest commit of a pull request's preview. */
    async lastCommit(pull: number) {
      const made = (await gitops.commits()).find(({ message }) => message.startsWith(`shop #${pull}: `))
      return made?.id ?? ''
    },
    /** Waits until an address answers with that content, where pods or what stands in for them do. */
    answers: (url: string, text: string) =>
      until(async () => {
        if (hasOwnContent) expect(await bodyAt(here.argocd.previewAddress, url)).toContain(text)
      }),
    /** Body of what the preview of a pull request answers with. */
    get: (pull: number, path = '/') =>
      bodyAt(here.argocd.previewAddress, lastStatusOf(headOf(pull))?.environmentUrl ?? '', path),
    /**
     * Waits until the head is told to be live, and looks at every turn that nothing is told to be live that does not
     * answer with its own content.
     */
    async live(pull: number, text: string, timeoutMs = UNTIL.timeout) {
      const toldTooEarly: string[] = []
      await until(async () => {
        const sha = headOf(pull)
        const check = checkOf(pull, sha)
        if (check?.conclusion === 'failure') throw new Error(`${check.output.title}\n${check.output.text}`)
        expect(check).toMatchObject({ status: 'completed', conclusion: 'success' })
        const url = lastStatusOf(sha)?.environmentUrl ?? ''
        expect(lastStatusOf(sha)?.state).toBe('success')
        const isOwn = !hasOwnContent || (await bodyAt(here.argocd.previewAddress, url)).includes(text)
        // One that was live before keeps its Check until WeStage sees that the pull request is back at it.
        if (!isOwn && !wasLive.has(sha) && headOf(pull) === sha)
          toldTooEarly.push(`${sha} was told to be live at ${url}`)
        expect(isOwn, `${url} answers with ${text}`).toBe(true)
        wasLive.add(sha)
      }, timeoutMs)
      expect(toldTooEarly).toEqual([])
    },
    failed: (pull: number) =>
      until(() => expect(checkOf(pull)).toMatchObject({ status: 'completed', conclusion: 'failure' })),
    /** The steps of the run that a pull request's Check links to, as its page shows them: `fetch Done`. */
    async stepsOf(pull: number) {
      const page = await (await fetch(checkOf(pull)?.detailsUrl ?? '')).text()
      return [...page.matchAll(/<tr><td>(\w+)<\/td><td>(.*?)<\/td>/g)]
        .map(([, step, badge = '']) => `${step} ${badge.replace(/<[^>]*>/g, '')}`)
        .join(', ')
    },
    /** What the Check of a pull request says, all of it. */
    said: (pull: number) => {
      const { title = '', summary = '', text = '' } = checkOf(pull)?.output ?? {}
      return `${title}\n${summary}\n${text}`
    },
    async gone(pull: number, timeoutMs = UNTIL.timeout) {
      await until(() => expect(checkOf(pull)?.output.title).toBe('Preview removed'), timeoutMs)
      await until(() => expect(lastStatusOf(headOf(pull))?.state).toBe('inactive'))
      expect(await here.argocd.applications()).not.toContain(`westage-shop-pr-${pull}`)
    },
    async close() {
      await here.close()
      await registry?.close()
    },
  }
}

export type Given = Awaited<ReturnType<typeof givenInstance>>

/** The administrator's access to the cluster that previews run in. */
export function adminOf({ argocd: { adminKubeconfig } }: Given): KubeConfig {
  const config = new KubeConfig()
  config.loadFromFile(adminKubeconfig ?? '')
  return config
}

/** GETs a preview's address from whatever answers for the hosts of previews, as DNS would lead there. */
export function bodyAt(address: string, url: string, path = '/'): Promise<string> {
  if (url === '') return Promise.resolve('')
  const [host, port] = address.split(':')
  return new Promise((resolve, reject) => {
    const asked = request(
      { host, port, path, headers: { host: new URL(url).host }, timeout: 10_000, agent: false },
      (response) => {
        let body = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          body += chunk
        })
        response.on('end', () => resolve(response.statusCode === 200 ? body : ''))
        response.on('error', reject)
      },
    )
    asked.on('timeout', () => asked.destroy(new Error('no answer within 10 s')))
    asked.on('error', reject)
    asked.end()
  })
}
