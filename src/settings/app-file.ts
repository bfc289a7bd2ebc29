import { Terminal } from '../domain/errors.ts'
import { type AppChoices, type AppFile, AppFileSchema } from './app-file-schema.ts'
import { faultLine } from './faults.ts'
import { saysOfOne } from './image-forms.ts'
import { nearestOf } from './nearest.ts'
import { readSettings } from './read-settings.ts'

/** Where it stands in a repo. */
export const APP_FILE = '.westage.yaml'

const MAX_CHARACTERS = 100_000
/** More would not fit into a Check, and nobody reads them. */
const MAX_FAULTS = 20

/**
 * The text of a repo's `.westage.yaml`. Aliases are refused: a few of them can unfold into gigabytes.
 * @throws {Terminal} (author) every fault at once, each with line, path and, for an unknown key, the nearest right one
 */
export function parseAppFile(text: string): AppFile {
  if (text.length > MAX_CHARACTERS) {
    throw new Terminal(`${APP_FILE} is longer than ${MAX_CHARACTERS} characters: take out what is no setting`)
  }
  const { value, faults } = readSettings(text, AppFileSchema, 0)
  if (value !== null) return value
  const lines = faults.slice(0, MAX_FAULTS).map((fault) => faultLine(APP_FILE, fault.line, fault))
  const more = faults.length > MAX_FAULTS ? [`and ${faults.length - MAX_FAULTS} more`] : []
  throw new Terminal([...lines, ...more].join('; '))
}

/**
 * A sentence for each name under `apps` that the instance has no app of: what stands there counts for nothing.
 * @param known the names of the repo's apps
 */
export function unknownApps({ apps }: AppFile, known: readonly string[]): readonly string[] {
  const unknown = Object.keys(apps ?? {}).filter((name) => !known.includes(name))
  return unknown.slice(0, MAX_FAULTS).map((name) => {
    const nearest = nearestOf(name, known)
    const remedy = nearest === null ? `there is ${known.join(', ')}` : `did you mean ${nearest}?`
    return `${APP_FILE}: apps.${name}: is no app of this repo here and counts for nothing; ${remedy}`
  })
}

/** What the file says of one app of its repo: what stands under its name, else what stands above. */
export function choicesOf({ apps, ...above }: AppFile, app: string): AppChoices {
  const own = apps !== null && Object.hasOwn(apps, app) ? apps[app] : undefined
  return {
    folder: own?.folder ?? above.folder,
    ...imagesIn(own, above),
    when: own?.when ?? above.when,
    paths: own?.paths ?? above.paths,
    expose: own?.expose ?? above.expose,
    followHosts: own?.followHosts ?? above.followHosts,
    replicas: own?.replicas ?? above.replicas,
    cronJobs: own?.cronJobs ?? above.cronJobs,
    addons: own?.addons ?? above.addons,
    callbacks: own?.callbacks ?? above.callbacks,
  }
}

/** What is said of several images is not mixed with what is said of one. */
function imagesIn(own: AppChoices | undefined, above: AppChoices) {
  if (own === undefined || (own.images === null && !saysOfOne(own))) return formOf(above)
  if (own.images !== null || above.images !== null) return formOf(own)
  return {
    context: own.context ?? above.context,
    dockerfile: own.dockerfile ?? above.dockerfile,
    build: own.build ?? above.build,
    image: own.image ?? above.image,
    images: null,
  }
}

const formOf = ({ context, dockerfile, build, image, images }: AppChoices) => ({
  context,
  dockerfile,
  build,
  image,
  images,
})
