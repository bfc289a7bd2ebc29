import { isIngress } from '../../manifests/hosts/ingress.ts'
import { annotationsOf } from '../../manifests/manifest.ts'
import { annotationField } from '../metadata.ts'
import { EVERYWHERE } from '../profiles.ts'
import type { Rule, Subject } from '../rule.ts'

/**
 * Annotations whose value becomes part of a controller's configuration as it stands: ingress-nginx (CVE-2021-25742),
 * NGINX's own controller, HAProxy's two, Skipper, Kong, F5, OpenShift's router; in any family, by their usual names.
 */
const SNIPPETS = [
  /snippet/i,
  /\/lua-/i,
  /(^|\.)nginx\.org\/.*-(template|templates)$/i,
  /haproxy-ingress\.github\.io\/(config-|auth-headers-|.*-lua)/i,
  /haproxy\.(org|com)\/.*(config|snippet)/i,
  /zalando\.org\/skipper-(filter|predicate|routes)/i,
  /modsecurity-(snippet|transaction)/i,
]

export const snippets: Rule = {
  name: 'snippets',
  why: 'They are configuration, or code, of a controller that serves the whole cluster and reads its Secrets.',
  verdicts: EVERYWHERE,
  exemption: 'never',
  breachesOf: (subject) =>
    Object.keys(takesSnippets(subject) ? annotationsOf(subject.manifest) : {})
      .filter((key) => SNIPPETS.some((snippet) => snippet.test(key)))
      .map((key) => ({
        field: annotationField('metadata', key),
        words: 'writes into the configuration of the ingress controller: leave it out',
      })),
}

/** Some controllers read them of Services and routes as well. */
const takesSnippets = ({ kind, manifest }: Subject): boolean =>
  isIngress(manifest) || kind === 'Service' || /Route|Proxy|Gateway|VirtualServer/.test(kind)
