import { EVERYWHERE } from '../profiles.ts'
import type { Rule } from '../rule.ts'

/** Traefik: TLS Options and TLS Stores: the one called default is for all routers of all namespaces. */
const KINDS = ['TLSOption', 'TLSStore'].flatMap((kind) => [`${kind}.traefik.io`, `${kind}.traefik.containo.us`])

export const controllerDefaults: Rule = {
  name: 'controller-defaults',
  why: 'Some names make an object the default of a controller that serves the whole cluster.',
  verdicts: EVERYWHERE,
  exemption: 'possible',
  breachesOf: ({ kind, manifest }) =>
    KINDS.includes(kind) && manifest.metadata.name === 'default'
      ? [
          {
            field: 'metadata.name',
            words: 'is default, which is Traefik’s for every namespace: call it something else',
          },
        ]
      : [],
}
