import { z } from 'zod'
import { addonName } from '../settings/addon-settings.ts'
import { imageReference } from '../settings/image-reference.ts'

/** What auxiliary services there are, and how they come to previews. */
export const AddonsSchema = z.strictObject({
  allowed: z
    .array(addonName)
    .default([])
    .describe("Add-ons that a repo's `.westage.yaml` may ask for. An app's own `addons` here need no permission."),
  images: z
    .partialRecord(addonName, imageReference)
    .prefault({})
    .transform(
      (images): Readonly<Record<string, string>> =>
        Object.fromEntries(
          Object.entries(images).flatMap(([name, image]) => (image === undefined ? [] : [[name, image]])),
        ),
    )
    .describe("Images instead of the catalogue's own, for mirrors: by the add-on's name."),
  passwords: z
    .enum(['derived', 'generated'])
    .default('derived')
    .describe(
      "Where passwords come from. `derived`: from `WESTAGE_ADDON_SECRET`, different in each preview, in a Secret of its folder. `generated`: in the cluster, by External Secrets' Password generator.",
    ),
  wait: imageReference
    .nullable()
    .default(null)
    .describe(
      'An image with `sh` and `nc` for the init containers that wait for add-ons. Without it: busybox by digest.',
    ),
})
