import { deployMessage } from '../domain/commit-message.ts'
import { NotReady, Terminal } from '../domain/errors.ts'
import { keyText, type PreviewKey } from '../domain/key.ts'
import { folderOf, namespaceOf } from '../domain/names.ts'
import { isRedone as isRedoneOf, type Observed } from '../domain/plan.ts'
import type { Preview } from '../domain/preview.ts'
import type { Pull } from '../domain/pull.ts'
import type { Status } from '../domain/status.ts'
import { commonManifestsOf } from '../manifests/common.ts'
import { type Composition, folderFilesOf } from '../manifests/compose.ts'
import { takenCallbacks } from '../manifests/taken-callbacks.ts'
import type { Target } from '../manifests/target.ts'
import type {
  Changes,
  Clock,
  Cluster,
  Committed,
  CommonFiles,
  Folder,
  ImagePulls,
  PreviewBranch,
  Pulls,
  RunLog,
} from '../ports.ts'
import { addonsOf } from './adapted.ts'
import { withAwaitedImages } from './awaited-images.ts'
import { completed } from './completed.ts'
import { appsOfPull, leftOutNotice } from './left-out.ts'
import type { Nudges } from './nudges.ts'
import { readPull } from './observe.ts'
import type { Prepared, PrepareRequest } from './prepare.ts'
import { pullNotices } from './pull-notices.ts'
import { pageUrlOf, reportFor, runUrlOf } from './report.ts'
import type { Clash, Reservations } from './reservations.ts'
import type { OpenRuns } from './runs-of.ts'
import type { AppSettings, Settings } from './settings.ts'
import { type RunStep, stepsOf } from './steps.ts'
import { together } from './together.ts'

export interface DeployPorts {
  readonly pulls: Pulls
  readonly changes: Changes
  readonly branch: PreviewBranch
  readonly cluster: Cluster
  readonly imagePulls: ImagePulls
  readonly clock: Clock
  readonly nudges: Nudges
  /** Prepare, wherever it runs; `say` is called where it has to wait for its turn, and when it gets it. */
  readonly prepare: (
    request: PrepareRequest,
    step: RunStep,
    say: (state: 'queued' | 'preparing') => Promise<void>,
    signal: AbortSignal,
  ) => Promise<Prepared>
}

const LEAVING_POLL_MS = 2_000

/**
 * Brings the folder to what the head renders to: prepare, then publish.
 * @returns what is there now; it is not live before Argo CD says so
 */
export async function deploy(
  key: PreviewKey,
  { pull, told, folder, application }: Observed,
  ports: DeployPorts,
  settings: Settings,
  reserved: Reservations,
  runs: OpenRuns,
  signal: AbortSignal,
): Promise<{ status: Status; preview: Preview }> {
  const app = settings.appOf(pull.repository.name, key.app)
  if (app === null) throw new NotReady(`${key.app} is not configured any more`, 0)
  const { pulls, branch, cluster, imagePulls, clock, nudges } = ports
  const isResumed = told.state === 'running' || told.state === 'redoing'
  const isRedone = isRedoneOf(told)
  const run = isResumed ? await runs.resume(key, pull, told.run) : await runs.start(key, pull)
  const step = stepsOf(run, clock, settings.maxWaitMs, signal)
  const tell = (status: Status, preview: Preview | null = folder.preview) =>
    pulls.report(pull, reportFor(status, key, pull, preview, run, settings), signal)

  const { slug, common, leftOut } = await placeOf(key, pull, folder, ports, settings, reserved, signal)
  const own = settings.imagesBy === 'CI' ? await withAwaitedImages(app, pull, ports.changes, signal) : app
  const request = requestOf(key, pull, own, slug, common, settings)
  const closing = reportFor({ kind: 'superseded', by: pull.head }, key, pull, null, null, settings)
  const [, prepared] = await together<[unknown, Prepared]>(signal, [
    (stop) => pulls.settle(pull, closing, 'checks', stop),
    (stop) => ports.prepare(request, step, async (kind) => (isResumed ? undefined : tell({ kind, isRedone })), stop),
  ])

  const policy = request.policy
  const { content, preview } = await step(
    'transform',
    async (log) => {
      const { addons, guards } = settings
      const wanted = addonsOf(app, prepared.choices, addons)
      const made = completed(prepared, {
        target: { ...request.target, images: [] },
        ...{ policy, guards, addons, wanted, common: common.files, files: prepared.files },
        seed: settings.seedOf(key),
        kinds: await cluster.kinds(signal),
      })
      const { content } = made
      const built = Object.values(prepared.bundle.images)
      const { podTemplates } = request.target
      const unpullable = await pullNotices([...content.files.values()], built, podTemplates, imagePulls, signal)
      const notices = [...unpullable, ...made.notices, ...(leftOut === '' ? [] : [leftOut])]
      // The Check has room for some of them, the log for all.
      for (const notice of notices) log(`to know: ${notice}`)
      run.say(notices)
      return { content, preview: previewOf(key, pull, prepared, content, common.id, slug, settings) }
    },
    ({ content }) => `${content.files.size} objects`,
  )
  const { commit, tree, changed } = await step(
    'commit',
    async () => {
      // Preparing may have taken long, and the webhook that would have ended it may have been lost.
      const [now, folders] = await Promise.all([readPull(key, pulls, settings, signal), branch.folders(signal)])
      const clash = reserved.takeHosts(key, [...preview.hosts, ...preview.wildcards], folders)
      if (clash !== null) throw clashError(clash, pull, settings)
      const isSame = now.head === pull.head && now.ended === null && now.isFork === pull.isFork
      if (!isSame) throw new NotReady('the pull request moved on', 0)
      return commitFolder(key, pull, folder, preview, content, run, branch, settings, signal)
    },
    ({ commit, changed }) => (changed ? commit.slice(0, 7) : `${commit.slice(0, 7)} (nothing changed)`),
  )
  if (changed) nudges.pushed(key, folder.path, application)
  const status: Status = { kind: 'syncing', commit, committedAtMs: clock.now(), tree, waitingFor: 'Argo CD' }
  run.begin('sync', clock.now())
  await tell(status, preview)
  return { status, preview }
}

/**
 * The preview's slug, promised to it, what goes into every preview of its app, and what its Check is to say of apps of
 * the repo that get none. The list of folders is not kept: any number of previews may wait to be prepared, and it is as
 * long as the GitOps repo has previews.
 */
async function placeOf(
  key: PreviewKey,
  pull: Pull,
  folder: Folder,
  { branch, changes }: Pick<DeployPorts, 'branch' | 'changes'>,
  settings: Settings,
  reserved: Reservations,
  signal: AbortSignal,
): Promise<{ readonly slug: string; readonly common: CommonFiles; readonly leftOut: string }> {
  // Asked for in one turn, which makes it one look at the branch.
  const [folders, common] = await Promise.all([branch.folders(signal), branch.common(key.app, signal)])
  // Between observing and here another key may have been promised the name: look again, now that nothing is awaited.
  if (reserved.holderOf(key.app, key.repositoryId, folders) !== null) throw new NotReady('the name was just taken', 0)
  const slug = reserved.slugOf(key, pull.repository.name, pull.branch, folder, folders)
  const apps = await appsOfPull(key.app, pull, folders, settings, changes, signal)
  return { slug, common, leftOut: leftOutNotice(key.app, apps) }
}

/** A preview whose app is not configured any more, as after a rename of the repo, is about to be removed. */
function clashError({ host, app, pull: number, repository }: Clash, pull: Pull, settings: Settings): Error {
  const name = repository.id === pull.repository.id ? pull.repository.name : repository.name
  const whose = `The host ${host} belongs to the preview of ${app} #${number}`
  return settings.appOf(name, app) === null
    ? new NotReady(`${whose}, which is being removed.`, LEAVING_POLL_MS)
    : new Terminal(`${whose} already.`)
}

/** What prepare is asked for. @throws {CommonFault} the operators’ own files can’t be read */
export function requestOf(
  key: PreviewKey,
  pull: Pull,
  app: AppSettings,
  slug: string,
  common: CommonFiles,
  settings: Settings,
): PrepareRequest {
  const target: Omit<Target, 'images'> = {
    app: key.app,
    slug,
    namespace: namespaceOf(key.app, slug),
    repository: pull.repository,
    pull: { number: pull.number, url: pull.url, branch: pull.branch },
    sha: pull.head,
    ...app.rules,
  }
  const roots = app.folder === null ? settings.renderFolders : [app.folder]
  const policy = {
    app: key.app,
    namespace: target.namespace,
    settings: settings.policy,
    podTemplates: target.podTemplates,
    beside: commonManifestsOf(common.files),
  }
  const renderRoots = [...new Set(roots.map((path) => path.split('/')[0] ?? path))]
  return { app, target, renderRoots, policy, addons: settings.addons }
}

/** Nothing in it changes from run to run of the same input. */
export const previewOf = (
  key: PreviewKey,
  pull: Pull,
  { bundle: { images }, choices }: Prepared,
  { files, url, hosts, wildcards }: Composition,
  common: string,
  slug: string,
  settings: Settings,
): Preview => ({
  app: key.app,
  slug,
  namespace: namespaceOf(key.app, slug),
  repository: pull.repository,
  pull: { number: pull.number, url: pull.url, branch: pull.branch, author: pull.author },
  sha: pull.head,
  url,
  hosts,
  wildcards,
  images,
  common,
  page: pageUrlOf(settings, key),
  destination: settings.destination,
  callbacks: takenCallbacks(choices.callbacks ?? [], [...files.values()], hosts[0]),
})

function commitFolder(
  key: PreviewKey,
  pull: Pull,
  folder: Folder,
  preview: Preview,
  { files }: Composition,
  run: RunLog,
  branch: PreviewBranch,
  settings: Settings,
  signal: AbortSignal,
): Promise<Committed> {
  const subject = { key: keyText(key), app: key.app, pull, sha: pull.head, runUrl: runUrlOf(settings, run) }
  return branch.commit(
    {
      path: folderOf(key.app, key.pull),
      files: folderFilesOf(files, preview),
      onto: folder.tree,
      message: deployMessage(subject, pull.branch, folder.tree === null),
    },
    signal,
  )
}
