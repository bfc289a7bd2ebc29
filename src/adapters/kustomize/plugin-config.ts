import { itemsOf, Mapping, valuesOf } from './yaml-document.ts'

/**
 * Why a generator's, transformer's or validator's configuration may not be used; null where it is one of kustomize's
 * own. Anything else is a program or a container: kustomize, "Extending Kustomize".
 */
export function pluginFaultOf(plugin: unknown): string | null {
  if (!(plugin instanceof Mapping)) return null
  if (hasFunction(plugin)) return 'runs a function (annotation config.kubernetes.io/function)'
  const kinds = valuesOf(plugin, 'kind')
  const versions = valuesOf(plugin, 'apiVersion')
  if (kinds.some((kind) => kind === 'HelmChartInflationGenerator')) return 'runs helm'
  if (versions.length === 0 || versions.some((version) => version !== 'builtin')) {
    return `runs the plugin ${text(versions)} ${text(kinds)}; only those of apiVersion builtin are used`
  }
  return null
}

/** The objects of a document: itself, or what its list holds. */
export function pluginsOf(document: unknown): readonly unknown[] {
  const plugins: unknown[] = []
  const seen = new Set<unknown>()
  const collect = (node: unknown) => {
    if (seen.has(node)) return
    seen.add(node)
    if (Array.isArray(node)) node.forEach(collect)
    if (!(node instanceof Mapping)) return
    const isList = valuesOf(node, 'kind').some((kind) => typeof kind === 'string' && kind.endsWith('List'))
    if (isList) for (const item of itemsOf(node, 'items')) collect(item)
    else plugins.push(node)
  }
  collect(document)
  return plugins
}

function hasFunction(plugin: Mapping): boolean {
  const seen = new Set<unknown>()
  const isFound = (node: unknown): boolean => {
    if (seen.has(node)) return false
    seen.add(node)
    if (Array.isArray(node)) return node.some(isFound)
    if (!(node instanceof Mapping)) return false
    return node.pairs.some(
      ([key, value]) => (typeof key === 'string' && FUNCTION.test(key)) || isFound(key) || isFound(value),
    )
  }
  return isFound(plugin)
}
const FUNCTION = /^config\.(kubernetes|k8s)\.io\/function$/

const text = (values: readonly unknown[]): string => {
  const joined = values.filter((value) => typeof value === 'string').join('/')
  return joined.length > 160 ? `${joined.slice(0, 160)}…` : joined
}
