import { isIngress } from '../../manifests/hosts/ingress.ts'
import { textOf } from '../../manifests/json.ts'
import { locate } from '../locate.ts'
import { shown } from '../pods.ts'
import { EVERYWHERE } from '../profiles.ts'
import type { Rule } from '../rule.ts'

/** What ends a word or a line of nginx's configuration; braces only as a regular expression has them: `{2,4}`. */
const UNSAFE = /[\s;"'`#\p{C}]|\{(?!\d+(,\d*)?\})|(?<!\{\d+(,\d*)?)\}/u

/** ingress-nginx writes paths into its configuration, where they have been a way in (CVE-2021-25748, CVE-2023-5044). */
export const ingressPaths: Rule = {
  name: 'ingress-paths',
  why: 'A path that breaks out of a controller’s configuration reads the Secrets of the whole cluster, or stops it.',
  verdicts: EVERYWHERE,
  exemption: 'possible',
  breachesOf: ({ manifest }) =>
    (isIngress(manifest) ? locate(manifest, ['spec', 'rules', '*', 'http', 'paths', '*', 'path']) : [])
      .filter(({ value }) => UNSAFE.test(textOf(value)))
      .map(({ field, value }) => ({
        field,
        words: `is ${shown(value)}, which has signs that end a line of a controller’s configuration: leave them out`,
      })),
}
