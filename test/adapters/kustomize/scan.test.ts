import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { commandPathOf } from '../../../src/adapters/child-process.ts'
import { buildFolder } from '../../../src/adapters/kustomize/build.ts'
import { scanKustomization } from '../../../src/adapters/kustomize/scan.ts'
import { configMap, kustomize, NEVER, reason, SETTINGS, write } from './real-kustomize.ts'

/** Answers whoever asks with a manifest, and counts them. */
let canary: Server
let port: number
let asked: string[]
beforeAll(async () => {
  canary = createServer((request, response) => {
    asked.push(request.url ?? '')
    response.end(configMap('canary'))
  })
  await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve))
  const address = canary.address()
  port = address !== null && typeof address === 'object' ? address.port : 0
})
afterAll(() => {
  canary.close()
})

let root: string
beforeEach(() => {
  asked = []
  root = mkdtempSync(join(tmpdir(), 'scan-'))
})
afterEach(() => {
  expect(asked).toEqual([])
  rmSync(root, { recursive: true })
})

const url = () => `http://127.0.0.1:${port}/a.yaml`
const builtin = (kind: string, fields: string) => `apiVersion: builtin\nkind: ${kind}\nmetadata:\n  name: p\n${fields}`
const indented = (text: string) => text.replace(/^/gm, '    ')

/** As the loop does it: build what the scan let pass. */
async function render(files: Readonly<Record<string, string>>, folder = 'k8s'): Promise<string> {
  write(root, files)
  await scanKustomization(root, folder)
  return kustomize === null ? '' : await kustomize.build(root, folder, () => {}, NEVER)
}

describe('a kustomization is refused, before it runs, for', () => {
  const REMOTE = 'WeStage renders only what the commit itself holds'
  const PROGRAM = 'WeStage runs no programs of a pull request'
  const k = (text: string) => ({ 'k8s/kustomization.yaml': text })
  const cases: [what: string, files: () => Record<string, string>, message: string][] = [
    [
      'a URL as a resource',
      () => k(`resources: [${url()}]`),
      `k8s/kustomization.yaml: resources has "http://127.0.0.1:`,
    ],
    [
      'a URL as a resource of a base',
      () => ({ ...k('resources: [../base]'), 'base/kustomization.yml': `resources: ["${url()}"]` }),
      'base/kustomization.yml: resources has "http',
    ],
    ['a URL as a legacy base', () => k(`bases: [${url()}]`), REMOTE],
    ['a URL without slashes', () => k(`resources: ['http:127.0.0.1:${port}/a.yaml']`), REMOTE],
    ['a URL in capitals', () => k(`resources: ['${url().toUpperCase()}']`), REMOTE],
    [
      'a URL with a password, which is not told',
      () => k('resources: ["https://me:secret@localhost/a"]'),
      'resources has "https://…@localhost/a", which is a URL',
    ],
    ['a git URL', () => k('resources: ["https://github.com/a/b//c?ref=v1"]'), REMOTE],
    ['a git address without a scheme', () => k('resources: [github.com/a/b/c?ref=v1]'), 'which is a git address'],
    [
      'a git address that is a folder here too',
      () => ({ ...k('resources: [github.com/a/b]'), 'k8s/github.com/a/b/kustomization.yaml': '' }),
      'which is a git address',
    ],
    ['a git address over ssh', () => k('resources: ["git@github.com:a/b.git"]'), 'which is a git address'],
    ['a git address of another user', () => k('resources: ["org-1@localhost:a/b"]'), 'which is a git address'],
    ['a git address by file://', () => k('resources: ["file:///etc"]'), REMOTE],
    ['a git address by git::', () => k('resources: ["git::https://localhost/a/b"]'), REMOTE],
    ['a git address with a reference', () => k('resources: [localhost/a/b?ref=main]'), REMOTE],
    ['a git address as a component', () => k('components: ["ssh://git@localhost/a/b"]'), 'components has '],
    ['a URL as a CRD', () => k(`crds: [${url()}]`), 'crds has '],
    ['a URL as a transformer configuration', () => k(`configurations: [${url()}]`), 'configurations has '],
    ['a URL as a schema', () => k(`openapi: {path: "${url()}"}`), 'openapi.path has '],
    ['a URL as a patch', () => k(`patches: [{path: "${url()}"}]`), 'patches.path has '],
    ['a URL as a strategic merge patch', () => k(`patchesStrategicMerge: ["${url()}"]`), 'patchesStrategicMerge has '],
    [
      'a URL as a JSON patch',
      () => k(`patchesJson6902: [{target: {kind: A}, path: "${url()}"}]`),
      'patchesJson6902.path has ',
    ],
    ['a URL as a replacement', () => k(`replacements: [{path: "${url()}"}]`), 'replacements.path has '],
    [
      'a URL as a file of a ConfigMap',
      () => k(`configMapGenerator: [{name: a, files: ["${url()}"]}]`),
      'configMapGenerator.files has ',
    ],
    [
      'a URL as a file of a ConfigMap under a key',
      () => k(`configMapGenerator: [{name: a, files: ["key=${url()}"]}]`),
      'has "key=http',
    ],
    [
      'a URL as variables of a ConfigMap',
      () => k(`configMapGenerator: [{name: a, envs: ["${url()}"]}]`),
      'configMapGenerator.envs has ',
    ],
    [
      'a URL as legacy variables of a Secret',
      () => k(`secretGenerator: [{name: a, env: "${url()}"}]`),
      'secretGenerator.env has ',
    ],
    ['a URL as a generator', () => k(`generators: [${url()}]`), 'generators has '],
    [
      'a URL in a builtin transformer',
      () => k(`transformers:\n- |-\n${indented(builtin('PatchTransformer', `path: ${url()}`))}`),
      'transformers.path has ',
    ],
    [
      'a URL in the file of a builtin generator',
      () => ({ ...k('generators: [g.yaml]'), 'k8s/g.yaml': builtin('ConfigMapGenerator', `files: ["a=${url()}"]`) }),
      'k8s/g.yaml: generators.files has ',
    ],
    [
      'a URL in the list of a builtin transformer',
      () => k(`transformers:\n- |-\n${indented(builtin('PatchStrategicMergeTransformer', `paths: ["${url()}"]`))}`),
      'transformers.paths has ',
    ],
    [
      'a URL in the replacements of a builtin transformer',
      () =>
        k(`transformers:\n- |-\n${indented(builtin('ReplacementTransformer', `replacements: [{path: "${url()}"}]`))}`),
      'transformers.replacements.path has ',
    ],
    ['a URL under a key in capitals', () => k(`RESOURCES: [${url()}]`), REMOTE],
    ['a URL under a key with letters that fold', () => k(`reſourceſ: [${url()}]`), REMOTE],
    ['a URL under a key that stands twice', () => k(`resources: [${url()}]\nresources: []`), REMOTE],
    ['a URL under the second of two keys', () => k(`resources: []\nresources: [${url()}]`), REMOTE],
    ['a URL by a merge key', () => k(`<<: {resources: [${url()}]}`), REMOTE],
    ['a URL by an anchor', () => k(`namePrefix: &u ${url()}\nresources: [*u]`), REMOTE],
    ['a URL with escapes', () => k(`resources: ["\\x68ttp://127.0.0.1:${port}/a.yaml"]`), REMOTE],
    [
      'a URL in binary',
      () => k(`resources: [!!binary ${Buffer.from(url()).toString('base64')}]`),
      'line 1: unknown scalar tag',
    ],
    [
      'a URL behind a line end that only YAML 1.1 knows',
      () => k(`# x\u2028resources: [${url()}]`),
      'line 1 has a line separator',
    ],
    ['a URL in a later document', () => k(`resources: []\n---\nresources: [${url()}]`), REMOTE],
    [
      'helm charts',
      () => k('helmCharts: [{name: a, repo: "https://localhost"}]'),
      'k8s/kustomization.yaml: helmCharts runs helm',
    ],
    ['a legacy helm chart', () => k('helmChartInflationGenerator: [{chartName: a}]'), 'runs helm'],
    ['helm settings', () => k('helmGlobals: {chartHome: a}'), 'helmGlobals runs helm'],
    [
      'helm as a builtin generator',
      () => k(`generators:\n- |-\n${indented(builtin('HelmChartInflationGenerator', 'name: a'))}`),
      'which runs helm',
    ],
    [
      'a program as a generator',
      () => ({
        ...k('generators: [g.yaml]'),
        'k8s/g.yaml':
          'apiVersion: x/v1\nkind: Go\nmetadata: {name: a, annotations: {config.kubernetes.io/function: "exec: {path: ./x}"}}',
      }),
      PROGRAM,
    ],
    [
      'a container as an inline transformer',
      () =>
        k(
          'transformers:\n- |-\n  apiVersion: builtin\n  kind: A\n  metadata:\n    annotations:\n      config.kubernetes.io/function: |\n        container: {image: a}',
        ),
      'runs a function',
    ],
    [
      'a plugin as a validator',
      () => ({ ...k('validators: [v.yaml]'), 'k8s/v.yaml': 'apiVersion: x/v1\nkind: Check\nmetadata: {name: a}' }),
      'runs the plugin x/v1 Check',
    ],
    [
      'a plugin within a list',
      () => ({
        ...k('generators: [l.yaml]'),
        'k8s/l.yaml': 'apiVersion: v1\nkind: List\nitems: [{apiVersion: x/v1, kind: Foo, metadata: {name: a}}]',
      }),
      'runs the plugin x/v1 Foo',
    ],
    [
      'a plugin in a second document',
      () => ({
        ...k('generators: [g.yaml]'),
        'k8s/g.yaml': `${builtin('ConfigMapGenerator', 'literals: [a=b]')}\n---\napiVersion: x/v1\nkind: Foo`,
      }),
      'runs the plugin x/v1 Foo',
    ],
    [
      'a folder of plugins',
      () => ({ ...k('transformers: [./plugins]'), 'k8s/plugins/kustomization.yaml': 'resources: []' }),
      'which is a folder',
    ],
    [
      'commands of an old Secret generator',
      () => k('secretGenerator: [{name: a, commands: {x: id}}]'),
      'secretGenerator.commands runs a program',
    ],
    ['an absolute path', () => k('resources: [/etc/passwd]'), 'which is an absolute path'],
    [
      'an absolute file of a ConfigMap',
      () => k('configMapGenerator: [{name: a, files: [x=/etc/passwd]}]'),
      'which is an absolute path',
    ],
    ['a path out of the repo', () => k('resources: [../../other]'), 'has "../../other", which is outside of the repo'],
    [
      'a path out of the repo in a builtin plugin',
      () => k(`transformers:\n- |-\n${indented(builtin('PatchTransformer', 'path: ../../p.yaml'))}`),
      'which is outside of the repo',
    ],
    ['itself as a base', () => k('resources: [.]'), 'which leads back to k8s'],
    [
      'a circle',
      () => ({
        ...k('resources: [../b]'),
        'b/kustomization.yaml': 'resources: [../c]',
        'c/kustomization.yaml': 'resources: [../k8s]',
      }),
      'c/kustomization.yaml: resources has "../k8s", which leads back to k8s',
    ],
    [
      'a folder above itself',
      () => ({ ...k('resources: [..]'), 'kustomization.yaml': '' }),
      'a kustomization can not contain itself',
    ],
    [
      'two kustomization files in a base',
      () => ({ ...k('resources: [../b]'), 'b/kustomization.yaml': '', 'b/Kustomization': '' }),
      'b has kustomization.yaml and Kustomization',
    ],
    ['YAML that can not be read', () => k('resources:\n- a\nfoo: }\n'), 'k8s/kustomization.yaml: line 3: '],
    [
      'YAML of a base that can not be read',
      () => ({ ...k('resources: [b]'), 'k8s/b/kustomization.yaml': 'a: [' }),
      'k8s/b/kustomization.yaml: line 1: ',
    ],
    [
      'YAML that is nested beyond reason',
      () => k(`resources: ${'['.repeat(5000)}`),
      'k8s/kustomization.yaml: line 1: ',
    ],
    [
      'too many kustomizations',
      () =>
        Object.fromEntries([
          ['k8s/kustomization.yaml', `resources: [${Array.from({ length: 501 }, (_, at) => `b${at}`)}]`],
          ...Array.from({ length: 501 }, (_, at) => [`k8s/b${at}/kustomization.yaml`, '']),
        ]),
      'more than 500 kustomizations',
    ],
    [
      'too long a way down',
      () =>
        Object.fromEntries(
          Array.from({ length: 33 }, (_, at) => [
            `${at === 0 ? 'k8s' : `b${at}`}/kustomization.yaml`,
            `resources: [../b${at + 1}]`,
          ]),
        ),
      'is more than 30 kustomizations deep',
    ],
    [
      'doublings that explode',
      () =>
        Object.fromEntries(
          Array.from({ length: 20 }, (_, at) => [
            `${at === 0 ? 'k8s' : `b${at}`}/kustomization.yaml`,
            at === 19 ? '' : `resources: [../b${at + 1}, ../b${at + 1}]`,
          ]),
        ),
      'reaches more than 5000 kustomizations',
    ],
    ['a kustomization of more than 1 MB', () => k(`#${'x'.repeat(1_100_000)}`), 'is larger than 1 MB'],
  ]
  it.each(cases)('%s', async (_, files, message) => {
    await expect(render(files())).rejects.toMatchObject({
      name: 'Terminal',
      whose: 'author',
      message: expect.stringContaining(message),
    })
  })

  it.each([
    ['of a resource', 'resources: [l/a.yaml]', '..'],
    ['of a base', 'resources: [l]', '../../../../../../../../etc'],
    ['of a file', 'configMapGenerator: [{name: a, files: [l]}]', '/etc/passwd'],
    ['of a link', 'resources: [m]', '../..'],
  ])('a link that leaves the repo, %s', async (_, text, target) => {
    write(root, { 'k8s/kustomization.yaml': text })
    symlinkSync(target === '..' ? '../..' : target, join(root, 'k8s/l'))
    symlinkSync('l', join(root, 'k8s/m'))
    await expect(scanKustomization(root, 'k8s')).rejects.toThrow('which passes through a link that leaves the repo')
  })

  it('a URL in UTF-16, which kustomize would read', async () => {
    mkdirSync(join(root, 'k8s'))
    writeFileSync(join(root, 'k8s/kustomization.yaml'), Buffer.from(`\ufeffresources: [${url()}]`, 'utf16le'))
    await expect(scanKustomization(root, 'k8s')).rejects.toThrow('k8s/kustomization.yaml: is not UTF-8')
  })

  it('a kustomization file that is a link out of the repo', async () => {
    mkdirSync(join(root, 'k8s'))
    symlinkSync('/etc/passwd', join(root, 'k8s/kustomization.yaml'))
    await expect(scanKustomization(root, 'k8s')).rejects.toThrow('is not a file of this commit')
  })
})

describe('a kustomization that is made to take long is refused before it does, for', () => {
  const many = (count: number, text: string) => Array(count).fill(text).join(',')
  const yaml = (text: string) => () => write(root, { 'k8s/kustomization.yaml': text })
  const WRITTEN_OUT = 'the kustomizations up to here come to more than 4 MB, with YAML aliases written out'
  it.each<[string, () => void, string]>([
    [
      'aliases that unfold into gigabytes',
      yaml(`x: &a {files: [${many(100_000, 'f')}]}\nconfigMapGenerator: [${many(200_000, '*a')}]`),
      `k8s/kustomization.yaml: ${WRITTEN_OUT}`,
    ],
    [
      'aliases that unfold into nothing that is referred to',
      yaml(`x: &a {${many(20_000, 'a')}}\nconfigMapGenerator: [${many(20_000, '*a')}]`),
      WRITTEN_OUT,
    ],
    ['aliases of a long text', yaml(`x: &a ${'a'.repeat(900_000)}\nresources: [${many(15_000, '*a')}]`), WRITTEN_OUT],
    ['a list that holds itself', yaml('resources: &a [*a]'), WRITTEN_OUT],
    [
      'a large file that is read again and again',
      () =>
        write(root, {
          'k8s/kustomization.yaml': `transformers: [${many(15_000, 'p.yaml')}]`,
          'k8s/p.yaml': `${'# a\n'.repeat(200_000)}${builtin('PrefixSuffixTransformer', 'prefix: x-')}`,
        }),
      `k8s/p.yaml: ${WRITTEN_OUT}`,
    ],
    ['a path without end', yaml(`resources: [${'a/'.repeat(200_000)}]`), 'which is longer than any path'],
    [
      'what almost is a git address',
      yaml(`resources: ["${'?ref='.repeat(150_000)} x"]`),
      'which is longer than any path',
    ],
    [
      'links that lead through many names',
      () => {
        write(root, { 'k8s/kustomization.yaml': `resources: [${many(1000, `${'l/'.repeat(30)}none`)}]`, 'k8s/d/a': '' })
        symlinkSync(`${'d/../'.repeat(400)}.`, join(root, 'k8s/l'))
      },
      'k8s/kustomization.yaml: the paths that are referred to lead through too many names',
    ],
    [
      'the name of a plugin, which is told cut',
      yaml(`transformers:\n- |-\n    apiVersion: ${'v'.repeat(50_000)}\n    kind: A`),
      `which runs the plugin ${'v'.repeat(160)}… A; only`,
    ],
    ['a tag, which is told cut', yaml(`resources: !<tag:${'a'.repeat(50_000)}> []`), 'aaa…'],
  ])('%s', async (_, given, message) => {
    given()
    const refused = await scanKustomization(root, 'k8s').catch((error: unknown) => error)
    expect(refused).toMatchObject({ name: 'Terminal', whose: 'author', message: expect.stringContaining(message) })
    expect(String(refused).length).toBeLessThan(600)
  })
})

it.skipIf(kustomize === null)(`would be noticed by the canary if it were not refused${reason}`, async () => {
  write(root, { 'k8s/kustomization.yaml': `resources: [${url()}]` })
  const command = await commandPathOf('kustomize', SETTINGS.path)
  const tool =
    command === null
      ? ({ command: (await commandPathOf('kubectl', SETTINGS.path)) ?? '', verb: 'kustomize' } as const)
      : ({ command, verb: 'build' } as const)
  expect(await buildFolder(tool, SETTINGS, root, 'k8s', () => {}, NEVER)).toContain('name: canary')
  expect(asked).toEqual(['/a.yaml'])
  asked = []
})

describe('a kustomization passes', () => {
  it.each<[string, Record<string, string>]>([
    [
      'with an overlay, a base and a component',
      {
        'k8s/kustomization.yaml': 'resources: [../base]\ncomponents: [../part]',
        'base/kustomization.yaml': 'resources: [a.yaml]',
        'base/a.yaml': configMap('a'),
        'part/kustomization.yaml': 'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nnamePrefix: x-',
      },
    ],
    [
      'with two ways to one base',
      {
        'k8s/kustomization.yaml': 'resources: [../b, ../c]',
        'b/kustomization.yaml': 'resources: [../base]\nnamePrefix: b-',
        'c/kustomization.yaml': 'resources: [../base]\nnamePrefix: c-',
        'base/kustomization.yaml': 'resources: [a.yaml]',
        'base/a.yaml': configMap('a'),
      },
    ],
    [
      'with builtin plugins, inline and from a file',
      {
        'k8s/kustomization.yaml': `resources: [a.yaml]\ngenerators: [g.yaml]\ntransformers:\n- |-\n${indented(builtin('PrefixSuffixTransformer', 'prefix: x-\nfieldSpecs: [{path: metadata/name}]'))}`,
        'k8s/a.yaml': configMap('a'),
        'k8s/g.yaml': builtin('ConfigMapGenerator', 'literals: ["u=https://localhost"]'),
      },
    ],
    [
      'with inline patches, old and new',
      {
        'k8s/kustomization.yaml': `resources: [a.yaml]\npatches:\n- patch: |-\n${indented(`${configMap('a')}data: {u: "https://localhost/?ref=x"}`)}\npatchesStrategicMerge:\n- |-\n${indented(`${configMap('a')}data: {v: "git@localhost:a/b?ref=1"}`)}\n- '{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {w: "https://localhost"}}'`,
        'k8s/a.yaml': configMap('a'),
      },
    ],
    [
      'with files under keys',
      {
        'k8s/kustomization.yaml':
          'configMapGenerator: [{name: a, files: [key=a.txt, b.txt], literals: ["u=https://localhost"], env: e}]',
        'k8s/a.txt': 'a',
        'k8s/b.txt': 'b',
        'k8s/e': 'A=b',
      },
    ],
    [
      'with addresses where they are no paths',
      {
        'k8s/kustomization.yaml':
          'resources: [a.yaml]\ncommonAnnotations: {u: "https://localhost/a?ref=b"}\nimages: [{name: github.com/a/b, newName: ghcr.io/a/b}]',
        'k8s/a.yaml': configMap('a'),
      },
    ],
    [
      'with a file whose name has an @',
      { 'k8s/kustomization.yaml': 'resources: [me@localhost.yaml]', 'k8s/me@localhost.yaml': configMap('a') },
    ],
    [
      'with empty fields',
      {
        'k8s/kustomization.yaml':
          'resources: [a.yaml]\nbases:\nhelmCharts: []\nhelmGlobals:\npatches: ~\ncomponents: null',
        'k8s/a.yaml': configMap('a'),
      },
    ],
    [
      'with a few YAML aliases',
      {
        'k8s/kustomization.yaml':
          'configMapGenerator:\n- &a {name: a, literals: [a=b]}\n- {<<: *a, name: b}\ncommonLabels: &l {app: a}\ncommonAnnotations: *l',
      },
    ],
    ['with a byte order mark', { 'k8s/kustomization.yaml': '\ufeffresources: [a.yaml]', 'k8s/a.yaml': configMap('a') }],
  ])('%s', async (_, files) => {
    const output = await render(files)
    if (kustomize !== null) expect(output).toContain('kind: ConfigMap')
  })

  it('with links that stay in the repo', async () => {
    mkdirSync(join(root, 'k8s'))
    symlinkSync('../base', join(root, 'k8s/base'))
    symlinkSync('../base/kustomization.yaml', join(root, 'k8s/kustomization.yaml'))
    write(root, { 'base/kustomization.yaml': 'configMapGenerator: [{name: a, literals: [a=b]}]' })
    expect(await scanKustomization(root, 'k8s')).toEqual({ missing: [] })
  })
})

it('lists what is referred to and not there, from the root', async () => {
  write(root, {
    'k8s/overlays/preview/kustomization.yaml':
      'resources: [../../base, ../../../shared, a.yaml, ./here]\ncomponents: [../../parts/x/]\nconfigMapGenerator: [{name: a, files: [k=f/g.txt]}]',
    'k8s/overlays/preview/here/a.yaml': configMap('a'),
    'shared/kustomization.yaml': 'patches: [{path: p.yaml}]',
  })
  expect(await scanKustomization(root, 'k8s/overlays/preview')).toEqual({
    missing: [
      'k8s/base',
      'k8s/overlays/preview/a.yaml',
      'k8s/overlays/preview/f/g.txt',
      'k8s/overlays/preview/here',
      'k8s/parts/x',
      'shared/p.yaml',
    ],
  })
})

it('lists where a link leads that was not unpacked', async () => {
  write(root, { 'k8s/kustomization.yaml': 'resources: [base/sub]' })
  symlinkSync('../shared/base', join(root, 'k8s/base'))
  mkdirSync(join(root, 'linked'))
  symlinkSync('../shared/k.yaml', join(root, 'linked/kustomization.yaml'))
  expect(await scanKustomization(root, 'k8s')).toEqual({ missing: ['shared/base/sub'] })
  expect(await scanKustomization(root, 'linked')).toEqual({ missing: ['shared/k.yaml'] })
})
