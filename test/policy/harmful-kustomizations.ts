/** Kustomizations that would fetch, run, or read outside of their tree, each as the text of `k8s/kustomization.yaml`. */

export interface HarmfulKustomization {
  readonly what: string
  readonly yaml: string
}

/** Every form in which kustomize, of any version, takes a text for something remote. */
const REMOTE = [
  'https://canary.example/a.yaml',
  'http://canary.example/a.yaml',
  'HTTPS://canary.example/a.yaml',
  'https://canary.example/a/b.git',
  'https://canary.example/a/b//k8s?ref=main',
  'git::https://canary.example/a/b',
  'git::http://canary.example/a/b//c?ref=v1&timeout=1s',
  'ssh://git@canary.example/a/b',
  'git@canary.example:a/b.git',
  'git://canary.example/a/b',
  'github.com/canary/a/b?ref=v1',
  'gh:canary/a',
  'canary.example/a/b?ref=main',
  'canary.example/a/b.git?submodules=false&ref=main',
  'oci://canary.example/a/b:1',
  's3::https://canary.example/a',
  'file:///etc/kustomization.yaml',
  'https://user:password@canary.example/a.yaml',
  '%68ttps://canary.example/a.yaml?ref=1',
]

const PLUGIN = (kind: string, fields: string) =>
  `\n- |-\n  apiVersion: builtin\n  kind: ${kind}\n  metadata: {name: p}\n  ${fields}\n`

/** Every field that names a file. */
const FIELDS: readonly (readonly [field: string, yaml: (path: string) => string])[] = [
  ['bases', (path) => `bases: ["${path}"]`],
  ['components', (path) => `components: ["${path}"]`],
  ['crds', (path) => `crds: ["${path}"]`],
  ['configurations', (path) => `configurations: ["${path}"]`],
  ['openapi', (path) => `openapi: {path: "${path}"}`],
  ['patches', (path) => `patches: [{path: "${path}"}]`],
  ['patchesStrategicMerge', (path) => `patchesStrategicMerge: ["${path}"]`],
  ['patchesJson6902', (path) => `patchesJson6902: [{target: {version: v1, kind: A, name: a}, path: "${path}"}]`],
  ['replacements', (path) => `replacements: [{path: "${path}"}]`],
  ['configMapGenerator.files', (path) => `configMapGenerator: [{name: a, files: ["k=${path}"]}]`],
  ['configMapGenerator.envs', (path) => `configMapGenerator: [{name: a, envs: ["${path}"]}]`],
  ['secretGenerator.files', (path) => `secretGenerator: [{name: a, files: ["${path}"]}]`],
  ['secretGenerator.env', (path) => `secretGenerator: [{name: a, env: "${path}"}]`],
  ['generators', (path) => `generators: ["${path}"]`],
  ['transformers', (path) => `transformers: ["${path}"]`],
  ['validators', (path) => `validators: ["${path}"]`],
  ['a builtin patch', (path) => `transformers:${PLUGIN('PatchTransformer', `path: "${path}"`)}`],
  ['a builtin generator', (path) => `generators:${PLUGIN('ConfigMapGenerator', `files: ["${path}"]`)}`],
]

const PROGRAMS: readonly (readonly [what: string, yaml: string])[] = [
  ['a chart', 'helmCharts: [{name: a, repo: "https://canary.example", version: 1.0.0}]'],
  ['a chart of the old form', 'helmChartInflationGenerator: [{chartName: a, chartRepoUrl: "https://canary.example"}]'],
  ['a chart by plugin', `generators:${PLUGIN('HelmChartInflationGenerator', 'repo: "https://canary.example"')}`],
  [
    'a program',
    'generators:\n- |-\n  apiVersion: a/v1\n  kind: A\n  metadata: {name: a, annotations: {config.kubernetes.io/function: "exec: {path: /bin/sh}"}}\n',
  ],
  [
    'a container',
    'transformers:\n- |-\n  apiVersion: a/v1\n  kind: A\n  metadata: {name: a, annotations: {config.kubernetes.io/function: "container: {image: canary.example/a, network: true}"}}\n',
  ],
  [
    'a script',
    'transformers:\n- |-\n  apiVersion: a/v1\n  kind: A\n  metadata: {name: a, annotations: {config.kubernetes.io/function: "starlark: {url: https://canary.example/a.star}"}}\n',
  ],
  [
    'a plugin of Go',
    'generators:\n- |-\n  apiVersion: someteam.example.com/v1\n  kind: Database\n  metadata: {name: a}\n',
  ],
]

/** @param outside the path of a file outside of the tree, and of the folder that it is in */
export const harmfulKustomizations = (outside: { file: string; folder: string }): readonly HarmfulKustomization[] => [
  ...REMOTE.map((url) => ({ what: `resources: ${url}`, yaml: `resources: ["${url}"]` })),
  ...FIELDS.map(([field, yaml]) => ({ what: `${field}: a URL`, yaml: yaml('https://canary.example/a.yaml') })),
  ...FIELDS.map(([field, yaml]) => ({ what: `${field}: out of the tree`, yaml: yaml(outside.file) })),
  { what: 'resources: out of the tree', yaml: `resources: ["${outside.folder}"]` },
  ...FIELDS.map(([field, yaml]) => ({ what: `${field}: an absolute path`, yaml: yaml('/etc/passwd') })),
  ...PROGRAMS.map(([what, yaml]) => ({ what, yaml })),
]
