/** The build step of a run: all images of its app, beside each other. */
import { NotReady, Terminal } from '../domain/errors.ts'
import type { Built, ImageName } from '../domain/image.ts'
import type { Target } from '../manifests/target.ts'
import type { ImageBuilder, Log } from '../ports.ts'
import type { ImageSettings } from './settings.ts'
import type { RunStep } from './steps.ts'
import { together } from './together.ts'

/** What an image is built from. */
export type WantedImage = Omit<ImageSettings, 'replaces'>

/** An image that is there. */
export interface MadeImage {
  readonly name: ImageName
  readonly image: Built
}

/** @returns none where this instance builds no images */
export type BuildImages = (
  wanted: readonly WantedImage[],
  root: string,
  signal: AbortSignal,
) => Promise<readonly MadeImage[]>

/**
 * The first that fails ends the others; one that is only early does not, so that all that is waited for is named.
 * @param root the unpacked repo; '' for a builder that needs none
 * @throws {Terminal} {NotReady} as the builder; of several images a Terminal names the one
 */
export async function buildImages(
  wanted: readonly WantedImage[],
  root: string,
  target: Omit<Target, 'images'>,
  builder: ImageBuilder,
  step: RunStep,
  signal: AbortSignal,
): Promise<readonly MadeImage[]> {
  const { app, repository, pull, sha } = target
  return await step(
    'build',
    async (log) => {
      const works = wanted.map(({ name: image, context, dockerfile, paths, build }) => {
        const revision = { app, image, repository: repository.name, pull: pull.number, sha }
        const request = { ...revision, root, context, dockerfile, paths }
        return (stop: AbortSignal) =>
          builder.build({ ...request, ...build }, logOf(image, log), stop).catch((error: unknown) => {
            if (error instanceof NotReady) return error
            throw ofImage(image, error)
          })
      })
      const built = allThere(await together<(Built | NotReady | null)[]>(signal, works))
      return wanted.flatMap(({ name }, at) => {
        const image = built[at] ?? null
        return image === null ? [] : [{ name, image }]
      })
    },
    (made) => (made.length === 0 ? `no image is built (builder: ${builder.name})` : made.map(noteOf).join('; ')),
    signal,
  )
}

/** @throws {NotReady} which are not there yet */
function allThere(made: readonly (Built | NotReady | null)[]): readonly (Built | null)[] {
  const early = made.filter((one) => one instanceof NotReady)
  if (early.length === 0) return made.flatMap((one) => (one instanceof NotReady ? [] : [one]))
  throw new NotReady(early.map(({ message }) => message).join('; '), Math.min(...early.map(({ afterMs }) => afterMs)))
}

/** Whose line it is, where there are several whose lines come between each other. */
const logOf = (image: ImageName, log: Log): Log => (image === null ? log : (line) => log(`${image}: ${line}`))

/** What decides about an error stays. */
function ofImage(image: ImageName, error: unknown): unknown {
  if (image === null || !(error instanceof Terminal)) return error
  const { message, whose, details } = error
  return new Terminal(`image ${image}: ${message}`, { whose, details, cause: error })
}

const noteOf = ({ name, image: { repository, digest, isReused } }: MadeImage): string =>
  `${name === null ? '' : `${name}: `}${repository}@${digest}${isReused ? ', reused' : ''}`
