/**
 * What the core needs of the world, in the field's terms. Adapters implement these against real servers, test/fakes
 * in memory. Every method that takes a signal rejects soon after it is aborted, and leaves nothing running behind.
 */
import type { Readable } from 'node:stream'
import type { Application } from './domain/application.ts'
import type { Folder, FolderTouch } from './domain/folder.ts'
import type { BuildInputs, Built, BuiltImage, ImageName } from './domain/image.ts'
import type { PreviewKey } from './domain/key.ts'
import type { Pull, PullSummary } from './domain/pull.ts'
import type { Report, Told } from './domain/report.ts'
import type { ResourceEvent, ResourceNode } from './domain/resource-tree.ts'
import type { Step, StepRecord } from './domain/step.ts'

/** GitHub, as this App's installations see it. */
export interface Pulls {
  /**
   * One pull request, read afresh. A repo that this App can no longer see, in an installation that can be read (or
   * that is gone from a complete list of installations), answers `ended: 'gone'`; so does a pull request that a
   * readable repo does not have.
   * @throws {NotReady} rate limit, with the time until it resets
   * @throws anything else where it could not be read (suspended installation, 5xx, network): never taken for gone
   */
  read(key: PreviewKey, signal: AbortSignal): Promise<Pull>
  /**
   * What the pull request was told last. For an open one: the memo of its head's Check run with this key as external_id
   * (an unfinished Check run without a readable memo is 'running'). For an ended one: 'running' where its head has no
   * such Check run, or one that says 'removed', and yet a Deployment of `environment` is not inactive; 'none' where
   * there is neither; else that Check run's state.
   */
  told(key: PreviewKey, pull: Pull, environment: string, signal: AbortSignal): Promise<Told>
  /**
   * Brings the Check run (found by external_id at that SHA, else created) and the Deployment (found by environment and
   * SHA, else created) to what `report` says. Idempotent: what already stands there is not written again. The Check run
   * comes last, since its memo is what `told` reads; but before a Deployment that turns inactive, since an active one is
   * what tells a restart that something is left to do.
   * @throws {Terminal} (operator) a permission is missing, naming it
   */
  report(pull: Pull, report: Report, signal: AbortSignal): Promise<void>
  /**
   * Settles what other revisions of this environment still show. 'checks': those that are still shown as under way
   * (Check run not completed, or Deployment queued or in_progress) have their Check run completed as `closing` says and
   * their Deployment turned inactive. 'deployments': that, and every other Deployment of another SHA turns inactive
   * (GitHub does so by itself only for non-transient ones).
   * Check runs come before Deployments: an active Deployment is what tells a restart that something is left to do.
   */
  settle(pull: Pull, closing: Report, which: 'checks' | 'deployments', signal: AbortSignal): Promise<void>
  /**
   * All open pull requests of all installations, and those of any state that changed since `sinceMs`. Costs a
   * conditional request per repo, nothing of the rate limit where nothing changed. `unread` names what could not be
   * read: the list is complete only where it is empty.
   */
  list(sinceMs: number, signal: AbortSignal): Promise<PullList>
}

export type { Folder, FolderTouch } from './domain/folder.ts'

export interface PullList {
  readonly pulls: readonly PullSummary[]
  readonly unread: readonly string[]
  readonly cost: { readonly requests: number; readonly notModified: number; readonly remaining: number | null }
}

/** What pull requests change, told without fetching any of it. */
export interface Changes {
  /**
   * The paths that a pull request changes against where it left its base, as it is now; of a file that was moved both.
   * @returns null where it changes more than GitHub lists
   */
  paths(pull: Pull, signal: AbortSignal): Promise<readonly string[] | null>
  /** A file at the root of its head, as text; null where there is none, and where that is no file of at most 1 MB. */
  file(pull: Pull, name: string, signal: AbortSignal): Promise<string | null>
}

/** Archives of repos at a commit. */
export interface Archives {
  /**
   * GitHub's tar.gz of exactly this commit, as a stream of bytes; its one top folder is still in it.
   * @throws {Terminal} (author) the commit does not exist any more
   */
  tarball(repositoryId: number, sha: string, signal: AbortSignal): Promise<Readable>
}

/** Where one commit's archive is, and a token that opens nothing else than that repo's contents, for reading. */
export interface ArchiveGrant {
  readonly url: string
  readonly token: string
  readonly sha: string
  readonly userAgent: string
}

/** Lets others fetch an archive by themselves. */
export interface ArchiveGrants {
  /** A token of its own for this one repo, good for an hour. @throws as whatever asks GitHub */
  grant(repositoryId: number, sha: string, signal: AbortSignal): Promise<ArchiveGrant>
  /** Ends the token of a grant before its time; one that is none any more is well too. @throws where GitHub did not do so */
  revoke(grant: ArchiveGrant, signal: AbortSignal): Promise<void>
}

/** The operators' own manifests, which go into every preview of an app: `common/` and `common/<app>/`. */
export interface CommonFiles {
  /** Stands for all their content, '' where there are none. */
  readonly id: string
  /** Path from the repo's root -> text */
  readonly files: ReadonlyMap<string, string>
}

/** What one commit makes of one folder. */
export interface FolderChange {
  readonly path: string
  /** Path below the folder -> UTF-8 text: the folder's whole new content; null removes the folder. */
  readonly files: ReadonlyMap<string, string> | null
  /** The folder's tree that this change was decided on: where the tip has another, the decision is stale. */
  readonly onto: string | null
  /** The whole commit message, trailers included. */
  readonly message: string
}

export interface Committed {
  readonly commit: string
  /** The folder's tree from now on, null where it is removed. */
  readonly tree: string | null
  readonly changed: boolean
}

/** The branch of the GitOps repo that holds the previews. Only publish is given one. */
export interface PreviewBranch {
  /** One folder at the tip, read afresh. */
  folder(path: string, signal: AbortSignal): Promise<Folder>
  /** Every preview folder at the tip, read afresh; throws rather than give some of them. */
  folders(signal: AbortSignal): Promise<readonly Folder[]>
  /** What operators put into every preview of this app, at the tip, read afresh. */
  common(app: string, signal: AbortSignal): Promise<CommonFiles>
  /**
   * Commits and pushes one folder's change, replayed inside when another push won; the same content makes no commit and
   * answers with `changed: false` and the tip. Changes that wait together share a push. A push whose outcome is unknown
   * is looked up before it is repeated.
   * @throws {NotReady} the folder is not as `onto` says any more: observe again
   * @throws {Terminal} (operator) the branch is protected, or the token may not write
   */
  commit(change: FolderChange, signal: AbortSignal): Promise<Committed>
  /**
   * Whether the folder's tree at `revision` is the one that `folder` has.
   * False for a revision that is not known and can't be fetched.
   */
  isAt(revision: string, folder: Folder, signal: AbortSignal): Promise<boolean>
  /**
   * Who made the folder what it is, as the newest part of the history tells. A revert, an edit or a merge is a person's;
   * where the answer is 'westage' and the folder is not as WeStage told it to be, the branch was reset to what was before.
   * @returns null where that is further back than is looked, or the folder is another by now
   */
  lastChange(folder: Folder, signal: AbortSignal): Promise<FolderTouch | null>
  /** What a folder's tree has: path below the folder -> text; null where the server has no such tree any more. */
  files(tree: string, signal: AbortSignal): Promise<ReadonlyMap<string, string> | null>
  /**
   * The preview folders that others than this process changed, removed or brought back since this was asked last, and
   * whether they changed anything in `common/`. One request where nothing was changed.
   */
  changedByOthers(signal: AbortSignal): Promise<{ readonly folders: readonly string[]; readonly common: boolean }>
}

/** Argo CD's Applications of this instance, kept by a watch. */
export interface Applications {
  /**
   * The Application of a folder as last seen, null where there is none.
   * @throws {NotReady} the first list of the cluster is on its way
   * @throws where the cluster has not been listed yet or the watch has been down for too long to be believed
   */
  of(folder: string): Application | null
  all(): readonly Application[]
}

/**
 * Asks Argo CD to look at the branch now rather than when it polls next. Both come back at once: what goes wrong is told
 * to operators and never thrown, and a look that was asked for may be lost, so whoever waits for it asks again.
 */
export interface Nudge {
  /** This folder came or went, which is the ApplicationSet's to see. */
  applicationSet(folder: string): void
  /** What is in its folder changed. */
  application(application: Pick<Application, 'name' | 'folder'>): void
}

/**
 * What became of a preview's objects in the cluster that they run in, as Argo CD sees them. Each answer is null where
 * none was to be had; operators are told why, once, and the preview is judged without it.
 */
export interface Resources {
  /** The Application's objects with all that they brought about, as Argo CD saw them last. */
  tree(application: string, signal: AbortSignal): Promise<readonly ResourceNode[] | null>
  /** The events of one object of that tree, oldest first. */
  events(application: string, node: ResourceNode, signal: AbortSignal): Promise<readonly ResourceEvent[] | null>
  /**
   * The last lines of a pod's container, of the run before where it was restarted.
   * @param container '' where the pod has one alone
   */
  logs(
    application: string,
    pod: ResourceNode,
    container: string,
    signal: AbortSignal,
  ): Promise<readonly string[] | null>
}

/** The cluster that previews run in, where WeStage can ask it. */
export interface Cluster {
  /**
   * The kinds that its API server knows, `Kind.group` (`Pod` in the core group), as they were a short while ago.
   * @returns null where that can't be asked: another cluster than the one WeStage knows, or no answer; operators are told
   */
  kinds(signal: AbortSignal): Promise<ReadonlySet<string> | null>
}

/** Asks whether a preview's address answers. */
export interface Hosts {
  /** Resolves and requests it once. @returns null where it answered below 500, else why not, in one sentence */
  fault(url: string, signal: AbortSignal): Promise<string | null>
}

/** Tells two versions of a folder apart. */
export interface Differences {
  /**
   * @param before path below the folder -> text
   * @param after the same
   * @returns a unified diff, '' where nothing differs; null where this machine has nothing to make one with, or it is
   * too large to be shown
   */
  of(
    before: ReadonlyMap<string, string>,
    after: ReadonlyMap<string, string>,
    signal: AbortSignal,
  ): Promise<string | null>
}

export type Log = (line: string) => void

/** Unpacks archives. */
export interface Unpacker {
  /**
   * Unpacks a tar.gz stream into a new folder, without its one top folder. Writes only entries below one of `only`
   * (paths without a trailing slash), everything where it is 'everything'.
   * @throws {Terminal} (author) an entry that is absolute, climbs, is a device or passes a cap, with its name
   * @throws an archive that is cut or corrupt: never a shorter tree
   */
  unpack(
    tarball: Readable,
    into: string,
    only: readonly string[] | 'everything',
    log: Log,
    signal: AbortSignal,
  ): Promise<void>
}

/** Single files of an unpacked repo. */
export interface RepoFiles {
  /**
   * @param root the unpacked repo, a real path
   * @param path below it
   * @returns null where there is none
   * @throws {Terminal} (author) it leads out of the repo, is no file, is not UTF-8, or is longer than `maxBytes`
   */
  text(root: string, path: string, maxBytes: number): Promise<string | null>
}

/** Folders for one run's work, gone with it. */
export interface Workspaces {
  open(): Promise<{ readonly path: string; [Symbol.asyncDispose](): Promise<void> }>
}

/** The real kustomize. */
export interface Kustomize {
  /** Its name and version as found at start. */
  readonly version: string
  /**
   * The folder to render: `wanted` where an app names one, else the first by convention that has a kustomization file.
   * @throws {Terminal} (author) none is there, listing what was looked for
   */
  folderOf(root: string, wanted: string | null): Promise<string>
  /**
   * Every file that the kustomization reaches, after a scan that refuses what is remote, executable or outside `root`.
   * `missing` lists local paths that are referred to and not there.
   * @throws {Terminal} (author) naming file, field and rule
   */
  scan(root: string, folder: string): Promise<{ readonly missing: readonly string[] }>
  /** Runs `kustomize build`; a scan must have passed. @returns its standard output. @throws {Terminal} (author) */
  build(root: string, folder: string, log: Log, signal: AbortSignal): Promise<string>
}

export interface BuildRequest extends BuildInputs {
  readonly app: string
  readonly image: ImageName
  readonly repository: string
  readonly pull: number
  readonly sha: string
  /** The unpacked repo; '' for a builder that needs none. */
  readonly root: string
  /** Below root. */
  readonly context: string
  /** Below root. */
  readonly dockerfile: string
  /** Patterns for what of the context is handed to the build, below root; null for all of it. */
  readonly paths: readonly string[] | null
  /** Build secrets, by name: files that operators gave to this app. */
  readonly secrets: Readonly<Record<string, string>>
}

/** Makes, finds or waits for the image of a commit. */
export interface ImageBuilder {
  /** How it is called in logs: `docker 28.2`, `buildah 1.28`, `external`, `none`. */
  readonly name: string
  /** Whether it needs the unpacked repo. */
  readonly needsSource: boolean
  /**
   * @returns null where this instance builds no images: the manifests' own stay as they are
   * @throws {Terminal} (author) the Dockerfile is missing or a step of it failed, with the tool's last lines
   * @throws {NotReady} (external) CI has not pushed it yet
   */
  build(request: BuildRequest, log: Log, signal: AbortSignal): Promise<Built | null>
  /** Once no build is under way: settles when nothing is that goes on behind builds which are over. Never rejects. */
  close(): Promise<void>
}

/** How the cluster gets at what this instance built. */
export interface ImagePulls {
  /**
   * Whether pods can't pull an image without a pull secret. False where the cluster has its own means, and where
   * nobody can tell: it is only for a notice.
   */
  needSecret(image: BuiltImage, signal: AbortSignal): Promise<boolean>
}

/** The runs' logs, under the data folder. */
export interface Runs {
  /** A new run with an unguessable id. */
  start(about: RunAbout): Promise<RunLog>
  /** A run that was started before, perhaps by an earlier process; null where its log is not there any more. */
  open(id: string): Promise<RunLog | null>
}

export interface RunAbout {
  readonly key: string
  readonly title: string
  readonly pullUrl: string
  readonly sha: string
}

/** One run's log and steps. Lines are redacted and bounded before they are kept. */
export interface RunLog {
  readonly id: string
  readonly about: RunAbout
  write(line: string): void
  begin(step: Step, atMs: number): void
  end(step: Step, atMs: number, outcome: 'done' | 'failed' | 'aborted', note: string): void
  steps(): readonly StepRecord[]
  /** What the pull request is to hear of this revision beside its state, one sentence each; replaces what was said. */
  say(notices: readonly string[]): void
  notices(): readonly string[]
  /** What people changed of what this run committed, as the lines of a unified diff; replaces what was shown. */
  showChanges(lines: readonly string[]): void
  /** The last lines that are kept, at most `count`. */
  tail(count: number): readonly string[]
  /** Everything written so far is on disk. */
  flush(): Promise<void>
}

/** Time, so that tests can move it. */
export interface Clock {
  now(): number
  /** Calls `then` after `ms` milliseconds; returns how to cancel it. */
  after(ms: number, then: () => void): () => void
}
