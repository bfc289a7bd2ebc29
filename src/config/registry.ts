import { z } from 'zod'

/** Where images are. */
export const RegistrySchema = z.strictObject({
  repository: z
    .string()
    .min(1)
    .describe("Repository without a tag. `{app}` is the app's name, `{image}` the image's where the app has several."),
  tag: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe(
      'Tag. `{hash}`, `{sha}`, `{app}`, `{image}` and `{pr}` are filled in; of several images of an app each has its name in front where nothing else tells them apart. Without it: `{hash}`, so that what is there is not built; `{sha}` with `external`, which needs it.',
    ),
  plainHttp: z.boolean().default(false).describe('The registry speaks HTTP, without TLS.'),
  caFile: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe(
      "The certificate authority in PEM that signed the registry's certificate, where it is one of your own. Without it: the known ones.",
    ),
  pullSecrets: z
    .enum(['auto', 'needed', 'none'])
    .default('auto')
    .describe(
      'Whether previews need a pull secret, of which the Check says where it is missing. `none`: the cluster pulls by its own means. `auto`: as the registry says without credentials; none for those of Amazon, Google and Azure.',
    ),
  authFile: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe(
      'A docker `config.json`: `auths`, `credHelpers` and `credsStore` count. Without it the registry is asked without credentials.',
    ),
})
