/** Add-ons as people ask for them in a settings file: `mysql: { database: shop }`. */
import { z } from 'zod'
import { catalogue, type Wanted } from '../addons/catalogue.ts'
import { issueWords } from './issue-words.ts'

/** The name of an add-on that there is. */
export const addonName = z.enum(catalogue.map(({ name }) => name))

/** The add-ons that an app wants, each with its settings as they were written: the catalogue reads them again. */
export const wantedAddons = z
  .strictObject(Object.fromEntries(catalogue.map(({ name, settings }) => [name, asWritten(settings).optional()])))
  .prefault({})
  .transform((wanted): Wanted => wanted)

/** What a schema takes, checked and left as it is; nothing is the same as an empty section. */
function asWritten(schema: z.ZodType) {
  const { $schema: _, type, ...rest } = z.toJSONSchema(schema, { io: 'input' })
  return z
    .unknown()
    .superRefine((value, context) => {
      const read = schema.safeParse(value ?? {}, { error: issueWords })
      for (const { path, ...issue } of read.error?.issues ?? []) context.addIssue({ ...issue, path: [...path] })
    })
    .transform((value) => value ?? {})
    .meta({ type: [type, 'null'], ...rest })
}
