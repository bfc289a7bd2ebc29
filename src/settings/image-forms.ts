/** The two forms in which an app says what is built: of one image, or of several by their names. */
import { z } from 'zod'
import { isImageName } from '../domain/names.ts'
import { pathPatterns } from './repo-path.ts'

/** What is said of one image, where an app has no other. */
const OF_ONE = ['context', 'dockerfile', 'build', 'image'] as const

/** Of one of several images: an app's own `paths` say when it gets a preview. */
export const imagePaths = pathPatterns
  .nullable()
  .default(null)
  .describe(
    'What of the context the image is built from: files and folders of the repo, with `*`, `?` and `**`. The build sees nothing else. Without it: all of the context.',
  )

/** Nobody builds more of them for one preview. */
export const IMAGES_MAX = 30

type OfOne = { readonly [Key in (typeof OF_ONE)[number]]: unknown }

/** Whether something is said of an app's one image. */
export const saysOfOne = (said: OfOne): boolean => OF_ONE.some((key) => said[key] !== null)

/** Several images of an app, null where nothing is said of any. */
export const imagesByName = <Image extends z.ZodType>(image: Image) =>
  z
    .record(z.string().refine(isImageName, { error: 'is not the name of an image' }), image)
    .refine((images) => Object.keys(images).length > 0, { error: 'names no image' })
    .refine((images) => Object.keys(images).length <= IMAGES_MAX, { error: `are more than ${IMAGES_MAX} images` })
    .nullable()
    .default(null)

/** Refuses both forms at once, at each setting of the shorter one: whose image it is of would be a guess. */
export function oneFormOfImages(said: OfOne & { readonly images: unknown }, { addIssue }: z.core.$RefinementCtx): void {
  if (said.images === null) return
  for (const key of OF_ONE.filter((each) => said[each] !== null)) {
    addIssue({ code: 'custom', path: [key], message: 'is set beside images: put it under the image that it is for' })
  }
}
