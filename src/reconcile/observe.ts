import type { PreviewKey } from '../domain/key.ts'
import { environmentOf, folderOf } from '../domain/names.ts'
import type { Observed } from '../domain/plan.ts'
import type { Pull } from '../domain/pull.ts'
import type { Told } from '../domain/report.ts'
import type { Applications, Folder, PreviewBranch, Pulls } from '../ports.ts'
import type { Reservations } from './reservations.ts'
import type { Settings } from './settings.ts'

export interface ObservePorts {
  readonly pulls: Pulls
  readonly branch: PreviewBranch
  readonly applications: Applications
}

const NOT_TOLD: Told = { state: 'none', committed: null, run: '', isAskedAgain: false }

/** Reads all three sides afresh. What could not be read throws, and is never taken for absent. */
export async function observe(
  key: PreviewKey,
  { pulls, branch, applications }: ObservePorts,
  settings: Settings,
  reserved: Reservations,
  signal: AbortSignal,
): Promise<Observed> {
  const path = folderOf(key.app, key.pull)
  const [pull, found] = await Promise.all([readPull(key, pulls, settings, signal), branch.folder(path, signal)])
  const [told, others] = await Promise.all([
    pull.ended === 'gone' ? NOT_TOLD : pulls.told(key, pull, environmentOf(key.app, key.pull), signal),
    found.preview === null && pull.ended === null ? branch.folders(signal) : [],
  ])
  const folder = ownPart(found, key)
  const holder =
    folder === found ? reserved.holderOf(key.app, key.repositoryId, others) : (found.preview?.repository.name ?? null)
  return { pull, told, folder, application: folder === found ? applications.of(path) : null, holder }
}

/**
 * What of a preview can be told of although `observe` failed: its pull request and what it was told last. null where
 * nothing is to be told: trouble with looking changes nothing about a preview that is live, or about one that is not
 * wanted.
 * @throws where GitHub is what fails
 */
export async function glimpse(
  key: PreviewKey,
  { pulls }: Pick<ObservePorts, 'pulls'>,
  settings: Settings,
  signal: AbortSignal,
): Promise<Observed | null> {
  const path = folderOf(key.app, key.pull)
  const pull = await readPull(key, pulls, settings, signal)
  if (pull.ended !== null || pull.isFork) return null
  const told = await pulls.told(key, pull, environmentOf(key.app, key.pull), signal)
  if (told.state !== 'none' && told.state !== 'running' && told.state !== 'redoing') return null
  const folder: Folder = { path, tree: null, preview: null, fault: '', touchedBy: 'unknown', common: '', commit: '' }
  return { pull, told, folder, application: null, holder: null }
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
    : { ...folder, tree: null, preview: null, fault: '', touchedBy: 'unknown' }
