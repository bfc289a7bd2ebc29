import { isAnother, isHoldTold } from '../domain/by-hand.ts'
import type { PreviewKey } from '../domain/key.ts'
import { NOTHING_TOLD } from '../domain/memo.ts'
import { environmentOf, folderOf } from '../domain/names.ts'
import { isRedone, type Observed } from '../domain/plan.ts'
import type { Pull, RemovalReason } from '../domain/pull.ts'
import type { Told } from '../domain/report.ts'
import type { Applications, Changes, Clock, Folder, PreviewBranch, Pulls } from '../ports.ts'
import { appsOfPull } from './left-out.ts'
import type { Reservations } from './reservations.ts'
import type { Settings } from './settings.ts'

export interface ObservePorts {
  readonly pulls: Pulls
  readonly changes: Changes
  readonly branch: PreviewBranch
  readonly applications: Applications
  readonly clock: Clock
}

const NOT_TOLD: Told = { ...NOTHING_TOLD, isAskedAgain: false }

/**
 * Reads all three sides afresh. What could not be read throws, and is never taken for absent.
 * @param removed why this process removed the folder, where the pull request has not been told so yet
 */
export async function observe(
  key: PreviewKey,
  ports: ObservePorts,
  settings: Settings,
  reserved: Reservations,
  removed: RemovalReason | null,
  signal: AbortSignal,
): Promise<Observed> {
  const { pulls, branch, applications, clock } = ports
  const path = folderOf(key.app, key.pull)
  const [read, found] = await Promise.all([readPull(key, pulls, settings, signal), branch.folder(path, signal)])
  const [{ pull, told }, others] = await Promise.all([
    toldOf(key, read, found, pulls, signal),
    found.preview === null && read.ended === null ? branch.folders(signal) : [],
  ])
  const folder = ownPart(found, key)
  const isOwn = folder === found
  const holder = isOwn ? reserved.holderOf(key.app, key.repositoryId, others) : (found.preview?.repository.name ?? null)
  const isUnexplained =
    isOwn && pull.ended === null && !isRedone(told) && isAnother(told, folder) && !isHoldTold(told, folder)
  return {
    pull,
    told,
    folder,
    application: isOwn ? applications.of(path) : null,
    holder,
    leftOut: await leftOutOf(key, { pull, told, folder }, others, settings, ports.changes, signal),
    change: isUnexplained ? await branch.lastChange(folder, signal) : null,
    removed,
    atMs: clock.now(),
  }
}

/** What was begun is brought to its end, and what is there stays: asked only where there is nothing yet. */
async function leftOutOf(
  key: PreviewKey,
  { pull, told, folder }: Pick<Observed, 'pull' | 'told' | 'folder'>,
  folders: readonly Folder[],
  settings: Settings,
  changes: Changes,
  signal: AbortSignal,
): Promise<Observed['leftOut']> {
  const isNew = folder.tree === null && (told.state === 'none' || told.state === 'refused')
  if (pull.ended !== null || pull.isFork || !isNew) return null
  const { all, leftOut } = await appsOfPull(key.app, pull, folders, settings, changes, signal)
  if (!leftOut.includes(key.app)) return null
  return leftOut.length === all.length && leftOut[0] === key.app ? 'unsaid' : 'said'
}

/**
 * What the pull request was told at its head; where it has ended and its head says nothing, what it was told at the
 * revision that is in the folder. What a person brought back is told of at that revision, since it is what runs.
 */
async function toldOf(
  key: PreviewKey,
  pull: Pull,
  folder: Folder,
  pulls: Pulls,
  signal: AbortSignal,
): Promise<{ readonly pull: Pull; readonly told: Told }> {
  if (pull.ended === 'gone') return { pull, told: NOT_TOLD }
  const environment = environmentOf(key.app, key.pull)
  const told = await pulls.told(key, pull, environment, signal)
  const { preview } = ownPart(folder, key)
  if (pull.ended === null || preview === null || preview.sha === pull.head) return { pull, told }
  const shown = { ...pull, head: preview.sha }
  const former = await pulls.told(key, shown, environment, signal)
  if (former.keptUntilMs !== null) return { pull: shown, told: former }
  if (told.state === 'removed') return { pull: shown, told }
  const isSilent = told.state === 'none' || told.state === 'running'
  return isSilent && former.state === 'removed' ? { pull: shown, told: former } : { pull, told }
}

/**
 * What of a preview can be told of although `observe` failed: its pull request and what it was told last. null where
 * nothing is to be told: trouble with looking changes nothing about a preview that is live, or about one that is not
 * wanted.
 * @throws where GitHub is what fails
 */
export async function glimpse(
  key: PreviewKey,
  { pulls, changes, clock }: Pick<ObservePorts, 'pulls' | 'changes' | 'clock'>,
  settings: Settings,
  signal: AbortSignal,
): Promise<Observed | null> {
  const path = folderOf(key.app, key.pull)
  const pull = await readPull(key, pulls, settings, signal)
  if (pull.ended !== null || pull.isFork) return null
  const told = await pulls.told(key, pull, environmentOf(key.app, key.pull), signal)
  if (told.state !== 'none' && told.state !== 'running' && told.state !== 'redoing') return null
  const folder: Folder = { path, tree: null, preview: null, fault: '', common: '', commit: '' }
  // Which previews there are, the GitOps repo may not be able to say now.
  const leftOut = await leftOutOf(key, { pull, told, folder }, [], settings, changes, signal)
  return {
    ...{ pull, told, folder, application: null, holder: null, leftOut, change: null, removed: null },
    atMs: clock.now(),
  }
}

/** A repo whose app was renamed in the configuration has no right to the old one's previews. */
export async function readPull(key: PreviewKey, pulls: Pulls, settings: Settings, signal: AbortSignal): Promise<Pull> {
  const pull = await pulls.read(key, signal)
  // One that is gone has no repo to look up.
  if (pull.ended !== null || settings.appOf(pull.repository.name, key.app) !== null) return pull
  return { ...pull, ended: 'unconfigured' }
}

/** Two repos of one name meet in one folder: what the other one has there is not this key's to touch. */
const ownPart = (folder: Folder, key: PreviewKey): Folder =>
  folder.preview === null || folder.preview.repository.id === key.repositoryId
    ? folder
    : { ...folder, tree: null, preview: null, fault: '' }
