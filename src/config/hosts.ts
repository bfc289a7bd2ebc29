import { z } from 'zod'
import { objectName } from '../settings/kubernetes-values.ts'

const TlsSchema = z.union(
  [
    z.enum(['keep', 'strip']),
    z.strictObject({
      secret: objectName.describe(
        "The name of a wildcard certificate's Secret, which every host of a preview is served with. It has to be in each preview's namespace.",
      ),
    }),
  ],
  { error: 'is neither keep, strip nor a section with secret' },
)

const ResolverSchema = z.strictObject({
  servers: z
    .array(z.string().min(1))
    .default([])
    .describe("DNS servers (`ip` or `ip:port`) to find previews' hosts with. None: the system's own way."),
  address: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('Connect to this (`ip` or `ip:port`) for every host, without DNS.'),
})

/** How hosts become a preview's own. */
export const HostsSchema = z.strictObject({
  template: z
    .string()
    .refine((text) => text.includes('{host}') && text.includes('{slug}'), { error: 'needs {slug} and {host}' })
    .default('{slug}-{host}')
    .describe('What a host of the app becomes. `{slug}` and `{host}` must be in it; `{app}` and `{pr}` may.'),
  scheme: z
    .enum(['auto', 'http', 'https'])
    .default('auto')
    .describe("Scheme of the preview's addresses. `auto`: https where the preview has TLS for the host."),
  port: z
    .int()
    .min(1)
    .max(65535)
    .nullable()
    .default(null)
    .describe("Port of the preview's addresses, where it is not the scheme's own."),
  wildcards: z
    .enum(['refuse', 'map'])
    .default('refuse')
    .describe(
      'What becomes of a host such as `*.example.com`. `map`: `*.` before what the template makes of `example.com`.',
    ),
  tls: TlsSchema.default('keep').describe(
    "What becomes of TLS. `keep`: each host has the Secret that the app names. `strip`: no TLS of the preview's own. A section: one Secret for all.",
  ),
  resolver: ResolverSchema.prefault({}),
})
