/** The sources that are configured, with their checks. */
import { BlockList, isIP } from 'node:net'
import type { WeHookConfig } from '../config/wehook.ts'
import { github } from './signatures/github.ts'
import { hmac } from './signatures/hmac.ts'
import type { Check, Keys } from './signatures/signature.ts'
import { slack } from './signatures/slack.ts'
import { standardWebhooks, standardWebhooksKey } from './signatures/standard-webhooks.ts'
import { stripe } from './signatures/stripe.ts'
import type { Source } from './source.ts'

type SourceConfig = WeHookConfig['sources'][number]

/** @param secrets the name of a source -> its secrets */
export const sourcesOf = (
  sources: readonly SourceConfig[],
  secrets: ReadonlyMap<string, readonly string[]>,
): readonly Source[] =>
  sources.map((source) => ({
    name: source.name,
    check: checkOf(source, secrets.get(source.name) ?? []),
    maxBytes: source.maxBytes,
    segments: source.check === 'none' ? (secrets.get(source.name) ?? []) : [],
    methods: new Set(source.methods),
    mayCall: source.from.length === 0 ? () => true : isIn(source.from),
  }))

function checkOf(source: SourceConfig, secrets: readonly string[]): Check {
  const keys: Keys = secrets.map((secret) => Buffer.from(secret, 'utf8'))
  const toleranceSeconds = source.tolerance / 1000
  switch (source.check) {
    case 'stripe':
      return stripe(keys, toleranceSeconds)
    case 'slack':
      return slack(keys, toleranceSeconds)
    case 'github':
      return github(keys)
    case 'standard-webhooks':
      return standardWebhooks(secrets.map(standardWebhooksKey), toleranceSeconds)
    case 'hmac': {
      const { header, encoding, algorithm, prefix } = source
      return hmac(keys, { header: (header ?? '').toLowerCase(), encoding, algorithm, prefix })
    }
    case 'none':
      return () => ({ mark: null })
    default:
      return source.check satisfies never
  }
}

function isIn(networks: readonly string[]): (address: string) => boolean {
  const allowed = new BlockList()
  for (const network of networks) {
    const [address = '', bits] = network.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    if (bits === undefined) allowed.addAddress(address, family)
    else allowed.addSubnet(address, Number(bits), family)
  }
  // An IPv4 address that came over IPv6 (`::ffff:1.2.3.4`) is looked for among those of IPv4 by node itself.
  return (address) => isIP(address) !== 0 && allowed.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}
