/** All that the demo runs, on loopback: the doubles, the real servers, and WeStage itself between them. */
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { dump } from 'js-yaml'
import { pino } from 'pino'
import { readConfig } from '../../src/config/read-config.ts'
import { toolEnvironmentOf } from '../../src/config/tool-environment.ts'
import { startService } from '../../src/main.ts'
import { program } from '../e2e/program.ts'
import { filesOf, startGitServer } from '../servers/git-server.ts'
import { type GitHub, startGitHub } from '../servers/github/github.ts'
import { startMemoryRegistry } from '../servers/memory-registry.ts'
import { sendPushWebhooks } from '../servers/push-webhook.ts'
import { startRegistry } from '../servers/registry.ts'
import type { Stripe } from '../servers/stripe/stripe.ts'
import { type ArgoCdSide, startSide } from './argocd-side.ts'
import { type FrameProxy, startFrameProxy } from './frame-proxy.ts'
import { freePort } from './free-port.ts'
import { gitProxy } from './git-proxy.ts'
import { goodCommit, SAMPLE_PULLS, SHOP } from './sample-pulls.ts'
import { type SiteServer, startSiteServer } from './site-server.ts'
import { type DemoWeHook, startDemoWeHook, weHookSettings } from './start-demo-wehook.ts'
import { startPayments } from './start-payments.ts'
import { findTools, type ToolsHere } from './tools-here.ts'
import { type Builder, findWorkingBuilder } from './working-builder.ts'

export const GITOPS = 'acme/gitops'
export const LABEL = 'westage'

export interface World {
  readonly github: GitHub
  readonly site: SiteServer
  readonly frames: FrameProxy
  /** The bare GitOps repo. */
  readonly gitopsDir: string
  readonly argocd: ArgoCdSide
  readonly builder: Builder
  /** `docker-registry`, or what stands in for it. */
  readonly registryName: string
  readonly tools: ToolsHere
  /** WeStage's own address. */
  readonly westageUrl: string
  readonly apiToken: string
  readonly stripe: Stripe
  readonly weHook: Pick<DemoWeHook, 'url' | 'tokenFile'>
  readonly configFile: string
  readonly close: () => Promise<void>
}

export interface WorldOptions {
  /** A folder that nobody else uses. */
  readonly dir: string
  /** The page's port, 0 for any. */
  readonly port: number
  /** A real Argo CD and a cluster made for the demo. */
  readonly isCluster: boolean
  readonly kubeconfig: string | null
  readonly logFile: string
  /** Told what is being started. */
  readonly progress: (text: string) => void
  /** Ends the start. */
  readonly signal: AbortSignal
}

const GRACE_MS = 2_000
/** Whoever pushes by the repo's path runs its hooks by configuration of their own (git-config(1), core.hooksPath). */
const HOOKS_OF_ITS_OWN = [['core.hooksPath', 'hooks']] as const

/**
 * @throws {Unusable} {KustomizeMissing} something that the person has to install or change
 * @throws anything else that keeps a part from starting; what had started is closed again
 */
export async function startWorld(options: WorldOptions): Promise<World> {
  const closing: (() => Promise<void>)[] = []
  const close = async () => {
    for (const end of closing.splice(0).reverse()) await end()
  }
  try {
    return { ...(await startParts(options, (end) => closing.push(end))), close }
  } catch (error) {
    await close()
    throw error
  }
}

async function startParts(
  { dir, port, isCluster, kubeconfig, logFile, progress, signal }: WorldOptions,
  atEnd: (end: () => Promise<void>) => void,
): Promise<Omit<World, 'close'>> {
  const destination = pino.destination({ dest: logFile, sync: true })
  const logger = pino({ base: null }, destination)
  const environment = toolEnvironmentOf()
  progress('looking for git and kustomize')
  const tools = await findTools(environment.path, AbortSignal.any([signal, AbortSignal.timeout(30_000)]))

  progress('starting the doubles of GitHub and Stripe, the git server and the registry')
  const site = await startSiteServer(port)
  atEnd(site.close)
  const credentials = { username: 'demo', password: randomBytes(16).toString('hex') }
  const folder = fileURLToPath(new URL('../../gitops-template', import.meta.url))
  const { stripe, common } = await startPayments()
  atEnd(stripe.close)
  const gitopsRepository = { files: { ...(await filesOf(folder)), ...common }, config: HOOKS_OF_ITS_OWN }
  const git = await startGitServer({ repositories: { [GITOPS]: gitopsRepository }, credentials })
  atEnd(git.close)
  const github = await startGitHub({ siteUrl: site.origin })
  atEnd(github.close)
  await openSamplePulls(github, isCluster)
  site.serveGit(gitProxy(new URL(git.url(GITOPS)).origin, GITOPS, github, credentials))

  progress('looking for an image builder that works')
  const realRegistry = await startRegistry()
  const registry = realRegistry ?? (await startMemoryRegistry())
  const registryName = realRegistry === null ? 'an OCI registry in memory' : 'docker-registry'
  atEnd(registry.close)
  const log = (line: string) => logger.info({ source: 'demo' }, line)
  const builder = await findWorkingBuilder(registry.host, environment, log, signal)

  const gitUrl = `${site.origin}/${GITOPS}.git`
  const gitops = { gitUrl, branch: 'main', instance: 'westage', credentials }
  const argocd = await startSide(gitops, { isCluster, kubeconfig, progress, log, signal })
  atEnd(argocd.close)

  progress('starting WeStage')
  const westagePort = await freePort()
  const westageUrl = `http://127.0.0.1:${westagePort}`
  const configFile = join(dir, 'westage.yaml')
  const yaml = dump({
    publicUrl: westageUrl,
    label: LABEL,
    listen: { host: '127.0.0.1', port: westagePort },
    dataDir: join(dir, 'data'),
    github: { apiUrl: github.apiUrl, appId: github.appId },
    gitops: { url: gitUrl },
    builder: builder.kind,
    registry: { repository: `${registry.host}/{app}`, plainHttp: true },
    wehook: weHookSettings(dir, westageUrl, argocd.previewAddress),
    ...argocd.settings,
  })
  await writeFile(configFile, yaml)
  const apiToken = randomBytes(16).toString('hex')
  const { config, secrets } = readConfig(yaml, {
    WESTAGE_GITHUB_PRIVATE_KEY: github.privateKey,
    WESTAGE_WEBHOOK_SECRET: github.webhookSecret,
    WESTAGE_API_TOKEN: apiToken,
    ...argocd.secrets,
  })
  const service = await startService(config, secrets, environment, (level, message, { error, ...fields }) =>
    logger[level]({ ...fields, ...(error === undefined ? {} : { err: error }) }, message),
  )
  atEnd(() => service.stop(GRACE_MS))
  const weHookSecrets = { apiToken, stripe: stripe.webhookSecret }
  const weHook = await startDemoWeHook(dir, yaml, weHookSecrets, (level, message, fields) =>
    logger[level]({ ...fields, source: 'wehook' }, message),
  )
  atEnd(weHook.close)
  stripe.sendEventsTo(`${weHook.url}/hooks/stripe`)
  const webhookUrl = `${westageUrl}/webhook`
  github.sendWebhooksTo(webhookUrl)
  await sendPushWebhooks(git, GITOPS, { url: webhookUrl, secret: github.webhookSecret }, gitUrl)
  const frames = await startFrameProxy(westageUrl, site.origin)
  atEnd(frames.close)
  const gitopsDir = git.dir(GITOPS)
  return {
    ...{ github, site, frames, gitopsDir, argocd, builder, registryName, tools },
    ...{ westageUrl, apiToken, stripe, weHook, configFile },
  }
}

/** What its image needs to be more than a folder of files. The stand-in runs none, and the sample can do without. */
const runnable = async () => ({
  Dockerfile: 'FROM scratch\nCOPY server /server\nCOPY site/ /site/\nENTRYPOINT ["/server"]\n',
  server: { content: await program('app'), isExecutable: true as const },
})

async function openSamplePulls(github: GitHub, isRun: boolean): Promise<void> {
  const files = await filesOf(fileURLToPath(new URL('sample-app', import.meta.url)))
  github.addRepository(SHOP, {
    ...Object.fromEntries(
      Object.entries(files).map(([path, file]) => [
        path,
        typeof file === 'string' || Buffer.isBuffer(file) ? file : { content: file.text, isExecutable: true as const },
      ]),
    ),
    ...(isRun && (await runnable())),
  })
  github.addRepository(GITOPS, { 'README.md': 'The git server beside this double has its content.\n' })
  for (const { branch, title, author, headline } of SAMPLE_PULLS) {
    github.openPull(SHOP, { branch, title, author, files: goodCommit(headline) })
  }
}
