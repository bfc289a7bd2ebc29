/** Which apps of a repo a pull request gives no preview, because it changes nothing of theirs. */
import { Terminal } from '../domain/errors.ts'
import { folderOf } from '../domain/names.ts'
import { isWithinPattern } from '../domain/path-pattern.ts'
import type { Pull } from '../domain/pull.ts'
import type { Changes, Folder } from '../ports.ts'
import { APP_FILE, choicesOf, parseAppFile } from '../settings/app-file.ts'
import { chosenApp } from './chosen-app.ts'
import type { AppSettings, Settings } from './settings.ts'

/** How many are named to the pull request. */
const NAMED_MAX = 5

/** The apps of a repo, in their order; `leftOut` are those that get no preview. */
export interface AppsOfPull {
  readonly all: readonly string[]
  readonly leftOut: readonly string[]
}

/**
 * Asks what the pull request changes, where an app is to be previewed only if that is of its own. An app that has a
 * preview is never left out: an address that was shared stays, and shows what the head is.
 * @param app one of the repo's apps
 * @param folders the preview folders that there are
 */
export async function appsOfPull(
  app: string,
  pull: Pull,
  folders: readonly Folder[],
  { appOf, renderFolders }: Settings,
  changes: Changes,
  signal: AbortSignal,
): Promise<AppsOfPull> {
  const all = appOf(pull.repository.name, app)?.appsOfRepo ?? []
  const apps = all.flatMap((name) => appOf(pull.repository.name, name) ?? [])
  const hasPreview = ({ name }: AppSettings) =>
    folders.some(
      ({ path, preview }) => path === folderOf(name, pull.number) && preview?.repository.id === pull.repository.id,
    )
  const isDecided = apps.every(hasPreview)
  // Only what several apps share is asked for their own: the one app of a repo costs no request.
  const chosen = all.length === 1 || isDecided ? apps : chosenApps(apps, await changes.file(pull, APP_FILE, signal))
  const doubtful = isDecided ? [] : chosen.filter((one) => one.when === 'changed' && !hasPreview(one))
  if (doubtful.length === 0) return { all, leftOut: [] }
  const paths = await changes.paths(pull, signal)
  // The file says what the apps are.
  if (paths === null || paths.includes(APP_FILE)) return { all, leftOut: [] }
  const isChanged = (one: AppSettings) => {
    const patterns = one.paths ?? (all.length === 1 ? ['.'] : partsOf(one, renderFolders))
    return paths.some((path) => patterns.some((pattern) => isWithinPattern(pattern, path)))
  }
  return { all, leftOut: doubtful.filter((one) => !isChanged(one)).map(({ name }) => name) }
}

/** None where the author must mend the file, which preparing says: then no app is left out. */
function chosenApps(apps: readonly AppSettings[], text: string | null): readonly AppSettings[] {
  try {
    const file = parseAppFile(text ?? '')
    return apps.map((one) => chosenApp(one, choicesOf(file, one.name)))
  } catch (error) {
    if (error instanceof Terminal) return []
    throw error
  }
}

/** What an app is made of, where it says nothing else. */
function partsOf(app: AppSettings, renderFolders: readonly string[]): readonly string[] {
  const folders = app.folder === null ? renderFolders : [app.folder]
  const images = app.images.flatMap(({ context, dockerfile, paths }) => [...(paths ?? [context]), dockerfile])
  return [...images, ...folders.map(withItsBase)]
}

/** kustomize's own layout has what an overlay is put over beside `overlays/`. */
function withItsBase(folder: string): string {
  const names = folder.split('/')
  const at = names.lastIndexOf('overlays')
  return at === -1 ? folder : names.slice(0, at).join('/') || '.'
}

/** What the pull request is told of them, once: in the Check of the first app that has a preview; '' elsewhere. */
export function leftOutNotice(app: string, { all, leftOut }: AppsOfPull): string {
  const first = all.find((name) => !leftOut.includes(name))
  if (leftOut.length === 0 || app !== first) return ''
  const more = leftOut.length > NAMED_MAX ? ` and ${leftOut.length - NAMED_MAX} more` : ''
  return `without a preview, as nothing of theirs is changed: ${leftOut.slice(0, NAMED_MAX).join(', ')}${more}`
}
