/** What a registry asks for when it answers 401. */

export type Challenge =
  | { readonly scheme: 'basic' }
  | {
      readonly scheme: 'bearer'
      readonly realm: string
      readonly service: string | null
      readonly scope: string | null
    }

const PART =
  /([a-z][a-z0-9-]*)\s+(?=[a-z_]+\s*=)|([a-z_]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))|([a-z][a-z0-9-]*)(?=\s*(?:,|$))/gi

/**
 * The challenge to answer, Bearer before Basic; null where neither is offered.
 * RFC 9110, 11.6.1 "WWW-Authenticate": one header may carry several, separated by the commas that separate parameters.
 */
export function parseChallenge(header: string): Challenge | null {
  const offers: { scheme: string; parameters: Map<string, string> }[] = []
  for (const [, scheme, name, quoted, plain, bare] of header.matchAll(PART)) {
    const opened = scheme ?? bare
    if (opened !== undefined) offers.push({ scheme: opened.toLowerCase(), parameters: new Map() })
    if (name !== undefined) {
      offers.at(-1)?.parameters.set(name.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? plain ?? '')
    }
  }
  const bearer = offers.find(({ scheme }) => scheme === 'bearer')?.parameters
  const realm = bearer?.get('realm')
  if (bearer !== undefined && realm !== undefined) {
    return { scheme: 'bearer', realm, service: bearer.get('service') ?? null, scope: bearer.get('scope') ?? null }
  }
  return offers.some(({ scheme }) => scheme === 'basic') ? { scheme: 'basic' } : null
}
