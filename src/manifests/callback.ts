import { z } from 'zod'

/** The name of a source, as WeHook and apps have it. */
export const sourceName = z
  .string()
  .max(100, 'is longer than 100 characters')
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'is not the name of a source: letters, digits, ., _ and -')

/** A callback that WeHook delivers to a preview: from whom, and where the app takes it. */
export const CallbackSchema = z.strictObject({
  source: sourceName.describe('Who calls, by its name in WeHook.'),
  path: z
    .string()
    .max(500, 'is longer than 500 characters')
    // Two slashes at the start would make the rest of it a host.
    .regex(/^\/(?!\/)[A-Za-z0-9._~!$&()*+,;=:@%/?-]*$/, 'is not the path of a URL, from / on')
    .describe('Where the app takes the call: the path of a URL, from `/` on.'),
  missed: z
    .boolean()
    .default(false)
    .describe(
      'Whether a preview that comes up gets what came before it was there, within the `wehook.ttl` of the instance.',
    ),
})
