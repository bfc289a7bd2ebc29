import { z } from 'zod'

/** buildctl knows further kinds of address, which run docker or kubectl on this machine. */
const address = z
  .string()
  .regex(
    /^(?:unix:\/\/\/[^\s\0]+|tcp:\/\/(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5})$/,
    'is neither unix:///path/of/a.sock nor tcp://host:port',
  )

const file = z.string().min(1)

const TlsSchema = z.strictObject({
  caFile: file.describe("The certificate authority in PEM that signed buildkitd's certificate."),
  certFile: file.describe("WeStage's own certificate in PEM, signed by the authority that buildkitd asks for."),
  keyFile: file.describe("That certificate's key in PEM."),
  serverName: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe("The name that buildkitd's certificate is for. Without it: the host of the address."),
})

/** A buildkitd that builds for this instance, and perhaps for others. */
export const BuildKitSchema = z.strictObject({
  address: address
    .default('unix:///run/buildkit/buildkitd.sock')
    .describe('Where buildkitd listens: `unix:///path` or `tcp://host:port`.'),
  tls: TlsSchema.nullable()
    .default(null)
    .describe('TLS with certificates of both sides, for `tcp://`. Without it: none.'),
  cacheTag: z
    .string()
    .min(1)
    .refine((tag) => !/\{(?:sha|hash)\}/.test(tag), {
      error: 'is another one for each build: {app}, {image} and {pr} may be in it',
    })
    .nullable()
    .default(null)
    .describe(
      'The tag in `registry.repository` that layers are kept under from one build to the next, of all stages. `{app}`, `{image}` and `{pr}` are filled in. Without it: buildkitd has only its own.',
    ),
  frontends: z
    .array(z.string().min(1))
    .default([])
    .describe(
      "Images that a Dockerfile's `# syntax=` may have it built by, instead of buildkitd's own frontend; `*` at the end stands for any.",
    ),
})
