/** Composition root: configuration, adapters, web, queue. The files beside it put together what is a subject of its own. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { watchApplications } from './adapters/argocd/watch-applications.ts'
import { chooseBuilder } from './adapters/build/choose-builder.ts'
import { folderDifferences } from './adapters/folder-diff.ts'
import { connectGitHub, type GitHub } from './adapters/github/connect.ts'
import { gitOpsCredentials } from './adapters/gitops/credentials.ts'
import { openPreviewBranch, type PreviewBranchOptions } from './adapters/gitops/preview-branch.ts'
import { hostProbe } from './adapters/hosts.ts'
import { tellRights } from './adapters/kubernetes/tell-rights.ts'
import { sweepJobs } from './adapters/kubernetes-jobs/sweep-jobs.ts'
import { locateKustomize } from './adapters/kustomize/find-kustomize.ts'
import { openProcessFolder } from './adapters/process-folder.ts'
import { readAuthority } from './adapters/registry/authority.ts'
import { imagePulls } from './adapters/registry/image-pulls.ts'
import { type Logger, redactedLogger } from './adapters/runs/redacted-logger.ts'
import { openRuns } from './adapters/runs/runs.ts'
import { tellableOf } from './adapters/runs/tellable.ts'
import { workspacesIn } from './adapters/workspaces.ts'
import { clusterOf, nudgeOf, resourcesOf } from './argocd-ports.ts'
import { buildKitOf } from './buildkit-ports.ts'
import { appsOf } from './config/apps.ts'
import { clusterRolesOf } from './config/cluster-roles.ts'
import { commitUrlOf, webUrlOf } from './config/commit-url.ts'
import { pushRateOf } from './config/push-rate-of.ts'
import type { Config } from './config/schema.ts'
import type { Secrets } from './config/secrets.ts'
import { settingsOf } from './config/settings-of.ts'
import type { ToolEnvironment } from './config/tool-environment.ts'
import { Terminal } from './domain/errors.ts'
import { parsePreview } from './manifests/preview-file.ts'
import type { Clock } from './ports.ts'
import { openPrepareWorker } from './prepare-ports.ts'
import { board } from './reconcile/board.ts'
import { gitopsChanges } from './reconcile/gitops-changes.ts'
import { nudges } from './reconcile/nudges.ts'
import { prepareInTurn } from './reconcile/prepare-in-turn.ts'
import { reconciler } from './reconcile/reconcile.ts'
import { resync } from './reconcile/resync.ts'
import { type SignCommit, sshSignerOf } from './twig/ssh-signature.ts'
import { listen } from './web/listen.ts'
import { server } from './web/server.ts'
import { buildsInTurn } from './worker/builds-in-turn.ts'
import { startLoop } from './worker/loop.ts'
import { turnsOf } from './worker/turns.ts'

export interface Service {
  /** Where it listens. */
  readonly port: number
  /** Takes nothing new, lets what is under way end for a while, aborts the rest, and closes everything. */
  stop(graceMs: number): Promise<void>
}

const MB = 1024 * 1024

/**
 * Starts an instance: finds its tools, opens its adapters, listens, and begins with a pass over everything.
 * @param told aborted while it starts, ends the start; afterwards it is of no account
 * @throws {Terminal} or an error that says what to change, where a tool is missing or an address is no good
 * @throws the reason of `told`
 */
export async function startService(
  config: Config,
  secrets: Secrets,
  tools: ToolEnvironment,
  logger: Logger,
  told = new AbortController().signal,
): Promise<Service> {
  const ending = new AbortController()
  const closers: (() => Promise<void>)[] = []
  const end = () => ending.abort(told.reason)
  told.addEventListener('abort', end, { once: true })
  try {
    told.throwIfAborted()
    return await start(config, secrets, tools, logger, ending, closers)
  } catch (error) {
    ending.abort(error)
    await closeAll(closers)
    told.throwIfAborted()
    throw error
  } finally {
    told.removeEventListener('abort', end)
  }
}

/** The last that was opened first. */
async function closeAll(closers: readonly (() => Promise<void>)[]): Promise<void> {
  for (const close of closers.toReversed()) await close()
}

async function start(
  config: Config,
  secrets: Secrets,
  tools: ToolEnvironment,
  logger: Logger,
  ending: AbortController,
  closers: (() => Promise<void>)[],
): Promise<Service> {
  const secretTexts = Object.values(secrets).filter((secret): secret is string => typeof secret === 'string')
  const log = redactedLogger(logger, secretTexts)
  const note = (source: string) => (line: string) => log('info', line, { source })
  const workFolder = await openProcessFolder(join(config.dataDir, 'work'), tools.path)
  closers.push(workFolder.close)
  const render = {
    folders: config.render.folders,
    timeoutMs: config.render.timeout,
    maxMemoryMb: config.render.maxMemoryMb,
    maxOutputBytes: config.render.maxOutputMb * MB,
  }
  const kustomize = await locateKustomize({ ...render, workDir: workFolder.path, path: tools.path }, ending.signal)
  const owner = { instance: config.instance, process: randomBytes(8).toString('hex') }
  const building = buildKitOf(config, owner, note('builds'))
  if ('jobs' in building) {
    closers.push(building.jobs.close)
    sweepJobs(building.jobs, log, ending.signal)
  }
  const registry = config.registry && {
    ...config.registry,
    authority: await readAuthority(config.registry.caFile),
  }
  const chosen = await chooseBuilder({
    builder: config.builder,
    registry,
    buildkit: building,
    timeoutMs: config.buildTimeout,
    path: tools.path,
    env: tools.passed,
    helperEnvironment: tools.helpers,
    webUrl: webUrlOf(config),
    workDir: workFolder.path,
    cacheDir: join(config.dataDir, 'layers'),
    log: note('builder'),
  })
  closers.push(chosen.close)
  const builder = buildsInTurn(chosen, config.concurrency.builds ?? config.concurrency.prepares)
  ending.signal.throwIfAborted()
  log('info', 'tools', { kustomize: kustomize.version, builder: builder.name })

  const github = connectGitHub({ ...config.github, label: config.label, privateKey: secrets.githubPrivateKey, log })
  await sayWhoWeAre(config, github, log, ending.signal)
  const branch = openPreviewBranch({
    ...config.gitops,
    credentials: gitOpsCredentials(config.gitops, secrets.gitopsToken, github.gitCredentials),
    ...writingByApi(config, github),
    sign: signingBy(secrets, logger),
    pushes: pushRateOf(config.gitops),
    parsePreview,
    log: note('gitops'),
  })
  closers.push(branch.close)
  const runs = await openRuns({
    dir: config.dataDir,
    maxBytesPerRun: config.logs.maxBytesPerRun,
    keepMs: config.logs.keep,
    secrets: secretTexts,
    clock,
    failed: (error) => log('error', 'a log could not be kept', { error }),
  })
  closers.push(runs.close)
  const shown = board()
  const applications = await watchApplications({
    kubeconfig: config.argocd.kubeconfig,
    context: config.argocd.context,
    namespace: config.argocd.namespace,
    instance: config.instance,
    log: note('argocd'),
    onChange(folder) {
      const key = shown.waitingKeyOf(folder)
      if (key !== null) loop.enqueue(key)
    },
    signal: ending.signal,
  })

  tellRights({
    roles: clusterRolesOf(config),
    clock,
    log: (level, line) => log(level, line, { source: 'kubernetes' }),
    signal: ending.signal,
  })

  const turns = turnsOf(config.concurrency.prepares)
  const parts = {
    ...{ archives: github.archives, builder, workspaces: workspacesIn(workFolder.path), workDir: workFolder.path },
    kustomize,
    tools: { render, archive: { ...config.archive, maxBytes: config.archive.maxMb * MB } },
  }
  const worker = await openPrepareWorker(config, owner, parts, log, ending.signal, closers)
  closers.push(worker.close)
  const core = reconciler(
    {
      pulls: github.pulls,
      changes: github.changes,
      branch,
      applications,
      cluster: clusterOf(config, clock.now, log),
      imagePulls: imagePulls(registry),
      nudges: nudges(nudgeOf(config, secrets, log, ending.signal), clock),
      resources: await resourcesOf(config, secrets, log),
      hosts: hostProbe(config.hosts.resolver),
      runs,
      differences: folderDifferences({
        ...{ workDir: workFolder.path, path: tools.path },
        names: ['as-written', 'as-it-is'],
      }),
      clock,
      tellable: tellableOf(secretTexts),
      log,
      prepare: prepareInTurn(turns, worker),
    },
    settingsOf(config, secrets),
    shown,
  )
  const appNamesOf = (repository: string) => appsOf(config, repository).map(({ name }) => name)
  const { alive, isKept } = core
  const passes = resync({ pulls: github.pulls, branch, clock, appsOf: appNamesOf, alive, isKept, log })
  const app = server({
    webhook: {
      secret: secrets.webhookSecret,
      appsOf: appNamesOf,
      gitops: config.gitops,
      enqueue: (key) => loop.nudge(key),
      resync: () => loop.resync(),
      look: () => loop.look(),
      log: note('webhook'),
    },
    apiToken: secrets.apiToken,
    previews: { ...shown, isWhole: () => loop.isSynced() },
    runs,
    label: config.label,
    logsKeptMs: config.logs.keep,
    commitUrlOf: (commit) => commitUrlOf(config, commit),
    now: clock.now,
    signal: ending.signal,
    takeContext: 'jobs' in building ? building.contexts.take : null,
    readiness: () => {
      const checks = {
        resync: loop.isSynced() ? 'ok' : 'no pass completed yet',
        applications: applications.isReady() ? 'ok' : 'not listed yet',
      }
      return { ready: loop.isSynced() && applications.isReady(), checks }
    },
    failed: (what, error) => log('error', what, { error }),
  })
  ending.signal.throwIfAborted()
  const listening = await listen(app.fetch, config.listen)
  log('info', 'listening', { port: listening.port, publicUrl: config.publicUrl })
  const loop = startLoop({
    reconcile: core.reconcile,
    isOutdated: core.isOutdated,
    pass: passes.pass,
    look: gitopsChanges({ branch, known: shown.all, log }),
    resyncMs: config.resync,
    concurrency: config.concurrency.previews,
    clock,
    log,
  })
  return {
    port: listening.port,
    async stop(graceMs) {
      const closed = listening.close()
      await loop.drain(graceMs)
      ending.abort(new Error('shutting down'))
      await closeAll(closers)
      listening.cut()
      await closed
    },
  }
}

/** @throws {Terminal} GitHub does not know the App or its key; a GitHub that is down is no reason not to start */
async function sayWhoWeAre({ gitops }: Config, github: GitHub, log: Logger, signal: AbortSignal): Promise<void> {
  try {
    const { app, missing } = await github.checkAccess(gitops.auth === 'app' ? 'by app' : 'by token', signal)
    log('info', 'GitHub App', { app })
    if (missing.length > 0) log('error', `the GitHub App lacks permissions: ${missing.join(', ')}`, {})
  } catch (error) {
    if (error instanceof Terminal) throw error
    log('warn', 'GitHub does not answer yet', { error })
  }
}

const clock: Clock = {
  now: Date.now,
  after(ms, then) {
    const timer = setTimeout(then, ms)
    return () => clearTimeout(timer)
  },
}

/**
 * null: commits are not signed here.
 * @param log not the redacting one: in the file of an RSA key stand lines that its public key has as well
 */
function signingBy({ gitopsSigningKey }: Secrets, log: Logger): SignCommit | null {
  if (gitopsSigningKey === null) return null
  const { sign, publicKey, fingerprint } = sshSignerOf(gitopsSigningKey)
  log('info', 'commits are signed', { publicKey, fingerprint })
  return sign
}

/** Commits that the App made by the API are known again whether it still does or not. */
function writingByApi({ gitops }: Config, github: GitHub): Pick<PreviewBranchOptions, 'writer' | 'botName'> {
  const writer = gitops.write === 'api' ? github.commitOnBranch(gitops.url, gitops.branch) : null
  return { writer, botName: gitops.auth === 'app' ? github.botName : null }
}
