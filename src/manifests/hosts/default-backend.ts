import { isObject, type Json, type JsonObject, listOf, objectOf, textOf, without } from '../json.ts'

/**
 * Kubernetes: Ingress, DefaultBackend. It takes what no rule matches, whatever the host. Where every rule names a host
 * it answers for these alone instead, by a path `/` of each that has none yet. An Ingress with a rule without a host, or
 * without rules, keeps it: whether a preview may have it is for the policy to say.
 */
export function keptToItsHosts(spec: JsonObject): JsonObject {
  const rules = listOf(spec.rules)
  const field = ['defaultBackend', 'backend'].find((name) => isObject(spec[name]))
  if (field === undefined || rules.length === 0 || rules.some((rule) => hostIn(rule) === '')) return spec
  const settled = new Set(rules.filter((rule) => pathsIn(rule).some(isForAll)).map(hostIn))
  // In the older form a path's type may be left out, and servers of its time know none.
  const type: JsonObject = field === 'backend' ? {} : { pathType: 'Prefix' }
  const last: JsonObject = { path: '/', ...type, backend: objectOf(spec[field]) }
  const completed = rules.map((rule): Json => {
    if (!isObject(rule) || settled.has(hostIn(rule))) return rule
    settled.add(hostIn(rule))
    return { ...rule, http: { ...objectOf(rule.http), paths: [...pathsIn(rule), last] } }
  })
  return { ...without(spec, [field]), rules: completed }
}

const hostIn = (rule: Json): string => textOf(objectOf(rule).host)
const pathsIn = (rule: Json): readonly Json[] => listOf(objectOf(objectOf(rule).http).paths)

/** A path that is left out is every path, in old versions; `/*` is how the clouds' controllers write it. */
const isForAll = (entry: Json): boolean => {
  const { path, pathType } = objectOf(entry)
  return ['', '/', '/*'].includes(textOf(path)) && pathType !== 'Exact'
}
