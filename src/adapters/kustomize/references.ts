import { itemsOf, Mapping, valuesOf } from './yaml-document.ts'

/** Something outside of a kustomization file that it names. */
export interface Reference {
  /** `resources`, `patches.path`, `configMapGenerator.files`: as the author looks for it. */
  readonly field: string
  readonly value: string
  /**
   * `resource` is a file or a folder, `folder` one with a kustomization, `file` read as it is, `keyed` a file with a
   * key before it (`key=path`), `patch` a file or the patch itself, `plugin` a file or the plugin's configuration
   * itself.
   */
  readonly kind: 'resource' | 'folder' | 'file' | 'keyed' | 'patch' | 'plugin'
}

/** Lists of strings at the top of a kustomization: kustomize, api/types, Kustomization. */
const LISTS: readonly (readonly [field: string, kind: Reference['kind']])[] = [
  ['resources', 'resource'],
  ['bases', 'resource'],
  ['components', 'folder'],
  ['crds', 'file'],
  ['configurations', 'file'],
  ['patchesStrategicMerge', 'patch'],
  ['generators', 'plugin'],
  ['transformers', 'plugin'],
  ['validators', 'plugin'],
]

/** Lists of objects that name files, each with its fields. */
const OBJECTS: readonly (readonly [field: string, below: string, kind: Reference['kind']])[] = [
  ['openapi', 'path', 'file'],
  ['patches', 'path', 'file'],
  ['patchesJson6902', 'path', 'file'],
  ['replacements', 'path', 'file'],
  ['configMapGenerator', 'files', 'keyed'],
  ['configMapGenerator', 'envs', 'file'],
  ['configMapGenerator', 'env', 'file'],
  ['secretGenerator', 'files', 'keyed'],
  ['secretGenerator', 'envs', 'file'],
  ['secretGenerator', 'env', 'file'],
]

/** Fields of the configurations of builtin plugins that name files: kustomize, "Builtin Plugins". */
const PLUGIN_FIELDS: readonly (readonly [field: string, kind: Reference['kind']])[] = [
  ['path', 'file'],
  ['paths', 'patch'],
  ['files', 'keyed'],
  ['envs', 'file'],
  ['env', 'file'],
  ['targetFilePath', 'file'],
]

/** Everything that a kustomization refers to. What is of the wrong type is left to kustomize, which refuses it. */
export const referencesOf = (kustomization: unknown): readonly Reference[] => [
  ...LISTS.flatMap(([field, kind]) => strings(kustomization, field, field, kind)),
  ...OBJECTS.flatMap(([field, below, kind]) =>
    itemsOf(kustomization, field).flatMap((item) => strings(item, below, `${field}.${below}`, kind)),
  ),
]

/** Everything that the configuration of a builtin generator or transformer refers to. */
export const pluginReferencesOf = (plugin: unknown, name: string): readonly Reference[] => [
  ...PLUGIN_FIELDS.flatMap(([field, kind]) => strings(plugin, field, `${name}.${field}`, kind)),
  ...itemsOf(plugin, 'replacements').flatMap((item) => strings(item, 'path', `${name}.replacements.path`, 'file')),
]

function strings(node: unknown, field: string, name: string, kind: Reference['kind']): readonly Reference[] {
  return itemsOf(node, field)
    .filter((value) => typeof value === 'string')
    .map((value) => ({ field: name, value, kind }))
}

/** Fields that run a program or fetch a chart, where they are set: [field, what it does]. */
export function forbiddenFieldsOf(kustomization: unknown): readonly (readonly [field: string, what: string])[] {
  const isSet = (value: unknown) =>
    (typeof value === 'string' && !['', '~', 'null'].includes(value)) ||
    (Array.isArray(value) && value.length > 0) ||
    (value instanceof Mapping && value.pairs.length > 0)
  const helm = ['helmCharts', 'helmChartInflationGenerator', 'helmGlobals']
    .filter((field) => valuesOf(kustomization, field).some(isSet))
    .map((field) => [field, 'runs helm'] as const)
  const commands = ['configMapGenerator', 'secretGenerator'].flatMap((field) =>
    ['commands', 'kvSources']
      .filter((below) => itemsOf(kustomization, field).some((item) => valuesOf(item, below).some(isSet)))
      .map((below) => [`${field}.${below}`, 'runs a program'] as const),
  )
  return [...helm, ...commands]
}
