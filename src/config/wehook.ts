import { z } from 'zod'
import { sourceName } from '../manifests/callback.ts'
import { duration, timer } from '../settings/durations.ts'
import { httpUrl } from '../settings/urls.ts'
import { count } from './count.ts'

const variable = z
  .string()
  .regex(/^[A-Z_][A-Z0-9_]*$/, 'is not the name of an environment variable, such as STRIPE_WEBHOOK_SECRET')

/** A password in it would be logged with the configuration. */
const redisUrl = z
  .string()
  .regex(/^rediss?:\/\/(?:[^:@/?#]*@)?[^@/?#]+(?:\/[0-9]*)?$/, 'is not an address of a Redis without a password')

const SourceSchema = z.strictObject({
  name: sourceName.describe('Its name: the provider calls `/hooks/<name>`, an app takes it by this name.'),
  check: z
    .enum(['stripe', 'github', 'slack', 'hmac', 'standard-webhooks', 'none'])
    .describe(
      'How the provider signs. `hmac`: an HMAC of the body in a header. `none`: not at all; it calls `/hooks/<name>/<secret>`, with a secret of 20 letters and digits at least.',
    ),
  secrets: z
    .array(variable)
    .default([])
    .describe(
      'Environment variables with the secrets that it signs with; `<name>_FILE` names a file. Several: any of them, so that one can be changed.',
    ),
  // As Stripe's libraries, Slack and Standard Webhooks have it.
  tolerance: timer('5m').describe('How far the time of a signature may be from now, where it has one.'),
  header: z.string().min(1).nullable().default(null).describe('With `hmac`: the header with the signature.'),
  encoding: z.enum(['hex', 'base64']).default('hex').describe('With `hmac`: how the signature is written.'),
  algorithm: z.enum(['sha1', 'sha256', 'sha512']).default('sha256').describe('With `hmac`: the hash.'),
  prefix: z.string().default('').describe('With `hmac`: what stands before the signature, such as `sha256=`.'),
  maxBytes: count(1_000_000).describe('Cap on the body of a callback.'),
  methods: z
    .array(z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']))
    .min(1)
    .default(['POST'])
    .describe('Methods that are taken.'),
  from: z
    .array(z.union([z.cidrv4(), z.cidrv6(), z.ipv4(), z.ipv6()], { error: 'is not an address or a network' }))
    .default([])
    .describe(
      'Addresses and networks that may call, of whoever is connected: a proxy in front of WeHook is that. None: any.',
    ),
})

const ListenSchema = z.strictObject({
  host: z.string().default('0.0.0.0').describe('Address to listen on.'),
  port: z.int().min(0).max(65535).default(8082).describe('Port to listen on, 0 for any free one.'),
})

/** `wehook:` of `westage.yaml`: what `westage wehook` is told. */
export const WeHookSchema = z.strictObject({
  westage: httpUrl.describe("WeStage's address, as WeHook reaches it, such as `http://westage.westage.svc`."),
  listen: ListenSchema.prefault({}),
  store: z
    .union([z.literal('embedded'), redisUrl], {
      error: 'is neither embedded nor an address such as redis://redis:6379',
    })
    .default('embedded')
    .describe(
      'Where callbacks are kept: `embedded` in `dataDir`; `redis://…` or `rediss://…` in a Redis, so that several replicas share the work.',
    ),
  dataDir: z.string().min(1).default('./wehook').describe('Folder for callbacks and the last list of previews.'),
  maxBytes: count(1_000_000_000).describe(
    'Cap on the bytes that are kept, of callbacks and of what came of them; above it providers are sent away (503).',
  ),
  ttl: duration('1h').describe('How long a callback is tried, from when it came.'),
  keep: duration('24h').describe(
    'How long it can be looked at and sent again; less where `maxBytes` would be passed, but never less than `ttl` or twice a `tolerance`, as long as a signature is believed.',
  ),
  timeout: timer('10s').describe('How long a preview may take to answer.'),
  every: timer('10s').describe('How often the running previews are asked for.'),
  target: z
    .enum(['host', 'service'])
    .default('host')
    .describe(
      "Where callbacks go: to a preview's host, or to the Service behind it, for which WeHook has to be in the previews' cluster.",
    ),
  address: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('Connect to this (`ip` or `ip:port`) for every preview, without DNS.'),
  sources: z.array(SourceSchema).min(1).describe('Who calls.'),
})

export type WeHookConfig = z.output<typeof WeHookSchema>
