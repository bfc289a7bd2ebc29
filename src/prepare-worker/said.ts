/** What a worker says to the service: a line of JSON each, which is believed only as far as it is of this shape. */
import { z } from 'zod'
import { isImageName } from '../domain/names.ts'
import { BuildSettingsSchema } from '../settings/build-inputs.ts'
import { IMAGES_MAX } from '../settings/image-forms.ts'
import { pathPatterns, repoPath } from '../settings/repo-path.ts'
import { FailureSchema } from './failure.ts'
import { ResultSchema } from './result.ts'

const id = z.int().nonnegative()

const WantedImageSchema = z.object({
  name: z.string().refine(isImageName).nullable(),
  context: repoPath,
  dockerfile: repoPath,
  paths: pathPatterns.nullable(),
  build: BuildSettingsSchema.omit({ secrets: true }),
})

export const SaidSchema = z.discriminatedUnion('say', [
  /** A step begins; the build is the service's own. */
  z.object({ say: z.literal('begin'), id, step: z.enum(['fetch', 'render', 'transform']) }),
  z.object({ say: z.literal('log'), id, line: z.string() }),
  z.object({ say: z.literal('end'), id, note: z.string() }),
  /** `isStopped`: because something else failed meanwhile. */
  z.object({ say: z.literal('fail'), id, isStopped: z.boolean(), failure: FailureSchema }),
  /** Wants the archive. */
  z.object({ say: z.literal('archive') }),
  /** Wants all images of the app, from the repo as it was unpacked there. Build secrets are not its to name. */
  z.object({ say: z.literal('build'), images: z.array(WantedImageSchema).min(1).max(IMAGES_MAX) }),
  /** Wants them no more. */
  z.object({ say: z.literal('stop build') }),
  /** Nothing else was to be said for a while. */
  z.object({ say: z.literal('here') }),
  z.object({ say: z.literal('done'), result: ResultSchema }),
  /** `step`: the one that failed with it. */
  z.object({ say: z.literal('failed'), step: id.nullable(), failure: FailureSchema }),
])
export type Said = z.output<typeof SaidSchema>
