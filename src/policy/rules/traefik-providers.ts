import { textOf } from '../../manifests/json.ts'
import type { Entry } from '../locate.ts'
import { EVERYWHERE } from '../profiles.ts'
import type { Rule } from '../rule.ts'
import { isOwnOfTraefik } from '../traefik-names.ts'

const TRAEFIK = /\.traefik\.(io|containo\.us)$/
const NAMES = ['name', 'serversTransport', 'service']

/**
 * Traefik, Providers: `name@provider` is what another provider knows. `@internal` are its API and dashboard, services of
 * any other are other namespaces', and a middleware of `@kubernetescrd` may add what is secret to a request. Middlewares
 * of a file are there for all.
 */
export const traefikProviders: Rule = {
  name: 'traefik-providers',
  why: 'By such a name a preview gets at services and middlewares that are not its own, and at Traefik’s API.',
  verdicts: EVERYWHERE,
  exemption: 'possible',
  breachesOf: ({ kind, control, bundle, context }) =>
    (TRAEFIK.test(kind) ? control : [])
      .filter((entry) => isForeign(entry) && !isOwnOfTraefik(textOf(entry.value), bundle, context))
      .map(({ field, value }) => ({
        field,
        words: `is ${textOf(value)}, which is not the preview’s own: name one of the app’s objects`,
      })),
}

function isForeign({ key, field, value }: Entry): boolean {
  const name = textOf(value)
  if (!NAMES.includes(key) || !name.includes('@') || !field.startsWith('spec.')) return false
  if (name.endsWith('@kubernetescrd')) return true
  return !/\.(middlewares|options|tls)\b/.test(field.slice(0, field.lastIndexOf('.')).replace(/\[[^\]]*\]$/, ''))
}
