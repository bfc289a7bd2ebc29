import { describe, expect, it } from 'vitest'
import { parseManifests } from '../../src/manifests/parse.ts'

const configMap = (rest: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n${rest}`

describe('kustomize’s output', () => {
  it('is read object by object, in its order, without empty documents', () => {
    const yaml = `---\n${configMap('data: {a: "1"}')}\n---\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: key}\n`
    expect(parseManifests(yaml)).toEqual([
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'web' }, data: { a: '1' } },
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'key' } },
    ])
  })

  it('may hold lists, which are taken apart', () => {
    const item = (name: string) => `{apiVersion: v1, kind: ConfigMap, metadata: {name: ${name}}}`
    const inner = `{apiVersion: v1, kind: ConfigMapList, items: [${item('b')}, ${item('c')}]}`
    const yaml = `apiVersion: v1\nkind: List\nitems: [${item('a')}, ${inner}]\n`
    expect(parseManifests(yaml).map(({ metadata }) => metadata.name)).toEqual(['a', 'b', 'c'])
  })

  it('may hold one name in two kinds, groups or namespaces', () => {
    const one = (apiVersion: string, kind: string, namespace: string) =>
      JSON.stringify({ apiVersion, kind, metadata: { name: 'web', namespace } })
    const yaml = [
      one('v1', 'Service', 'a'),
      one('v1', 'Service', 'b'),
      one('serving.knative.dev/v1', 'Service', 'a'),
      one('v1', 'ConfigMap', 'a'),
    ].join('\n---\n')
    expect(parseManifests(yaml)).toHaveLength(4)
  })

  it.each<[string, string, string]>([
    ['no object', '', "kustomize's output has no objects"],
    ['a list', '[1]', "document 1 of kustomize's output is a list, not an object"],
    ['text', `${configMap('')}\n---\nhello`, "document 2 of kustomize's output is text"],
    ['a wide blank', '\u3000', "document 1 of kustomize's output is text"],
    ['an indented separator', ` ---\n${configMap('')}`, 'line 1: has blanks before ---'],
    ['no kind', 'apiVersion: v1\nmetadata: {name: a}', 'has no kind'],
    ['a kind that is a path', 'apiVersion: v1\nkind: ../x\nmetadata: {name: a}', '"../x" is not a kind'],
    ['no apiVersion', 'kind: ConfigMap\nmetadata: {name: web}', 'ConfigMap/web has no apiVersion'],
    ['an apiVersion of too many parts', 'apiVersion: a/b/c\nkind: X\nmetadata: {name: web}', 'is not an apiVersion'],
    ['no name', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {}', 'has no metadata.name'],
    ['a name that is a number', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: 1}', 'has no metadata.name'],
    ['a name that climbs', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ..}', '".." can\'t be the name'],
    [
      'labels that are a list',
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web, labels: [a]}',
      'metadata.labels',
    ],
    ['an object twice', `${configMap('')}\n---\n${configMap('')}`, "kustomize's output has ConfigMap/web twice"],
    ['a duplicate key', configMap('data: {a: b, a: c}'), 'line 4: has the key "a" a second time'],
    ['an anchor', configMap('a: &a [1]\nb: *a'), 'line 4: has an anchor (&)'],
    ['an alias', configMap('b: *a'), 'line 4: has an alias (*)'],
    ['an unknown tag', configMap('a: !secret x'), 'tag'],
    ['a key with an exponent', configMap('data: {1e7: x}'), 'a key that is not a string'],
    ['a key that is null', configMap('data: {~: x}'), 'a key that is not a string'],
    ['a key that is a list', configMap('data: {[a]: x}'), 'a key that is not a string'],
    ['a key that is a fraction', configMap('data: {1.10: x}'), 'a key that is not a string'],
    ['infinity', configMap('a: .inf'), 'ConfigMap/web: a: Infinity is not a number'],
    ['half a character', configMap('a: "\\ud800"'), 'is not valid Unicode'],
    ['no YAML', configMap('a: [1'), "can't be read: line"],
    [
      'nesting without end',
      configMap(`a: ${'['.repeat(200)}${']'.repeat(200)}`),
      'line 4: is nested more than 100 deep',
    ],
  ])('with %s is the author’s to mend', (_, yaml, words) => {
    expect(() => parseManifests(yaml)).toThrow(
      expect.objectContaining({ name: 'Terminal', whose: 'author', message: expect.stringContaining(words) }),
    )
  })

  it('keeps integers of 64 bits exact, and holds larger ones as Kubernetes does, as a fraction', () => {
    const [manifest] = parseManifests(
      configMap('x: [9007199254740993, 1e17, -9223372036854775808, 9223372036854775808, 1e300]'),
    )
    expect(manifest?.x).toEqual([9007199254740993n, 10n ** 17n, -(2n ** 63n), 2 ** 63, 1e300])
  })

  it('keeps keys that mean something to JavaScript', () => {
    const [manifest] = parseManifests(configMap('data: {__proto__: a, constructor: b}'))
    expect(Object.entries(manifest?.data ?? {})).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ])
  })
})
