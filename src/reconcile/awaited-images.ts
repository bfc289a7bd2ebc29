/**
 * Which images of an app CI has to push for a commit. They are waited for before anything of the repo is fetched, so its
 * `.westage.yaml` is asked for by itself: once for each head.
 */
import type { Pull } from '../domain/pull.ts'
import type { Changes } from '../ports.ts'
import { APP_FILE, choicesOf, parseAppFile } from '../settings/app-file.ts'
import { chosenImages } from './chosen-images.ts'
import type { AppSettings } from './settings.ts'

/**
 * The app with the images that the pull request's head says it has. Which repositories they are in is the instance's
 * alone to say: a name only fills in its template.
 * @throws {Terminal} (author) `.westage.yaml` is wrong
 */
export async function withAwaitedImages(
  app: AppSettings,
  pull: Pull,
  changes: Pick<Changes, 'file'>,
  signal: AbortSignal,
): Promise<AppSettings> {
  const file = parseAppFile((await changes.file(pull, APP_FILE, signal)) ?? '')
  return { ...app, images: chosenImages(app, choicesOf(file, app.name)) }
}
