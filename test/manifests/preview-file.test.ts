import fc from 'fast-check'
import { load } from 'js-yaml'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Preview } from '../../src/domain/preview.ts'
import { PreviewSchema, parsePreview, printPreview } from '../../src/manifests/preview-file.ts'
import { previewOf } from './preview-sample.ts'

const textWith = (line: string) => `${printPreview(previewOf())}${line}
`
const anything = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('{{ .x }}', '"', "'", '\n', '#'),
)

describe('preview.yaml', () => {
  it('is read back as it was written', () => {
    expect(parsePreview(printPreview(previewOf()))).toEqual({ preview: previewOf() })
    const hidden = previewOf({
      url: '',
      hosts: [],
      images: {},
      wildcards: [],
      callbacks: [],
      destination: { name: '', server: 'https://[::1]:6443' },
    })
    expect(parsePreview(printPreview(hidden))).toEqual({ preview: hidden })
  })

  it('is read back as it was written whatever a branch, a sha or a number looks like', () => {
    const branch = fc
      .array(fc.constantFrom(...'abcXYZ019éß語/._-+@#=()~'), { minLength: 1, maxLength: 40 })
      .map((chars) => `b${chars.join('')}`)
    const sha = fc.oneof(
      fc
        .array(fc.constantFrom(...'0123456789abcdef'), { minLength: 40, maxLength: 40 })
        .map((digits) => digits.join('')),
      fc.constantFrom('1'.repeat(40), `${'1'.repeat(20)}e${'1'.repeat(19)}`, `0${'7'.repeat(39)}`),
    )
    const slug = fc.constantFrom('1e3', 'yes', 'null', '0x1f', '1-2', 'a', '2001-01-01', 'true', '123')
    fc.assert(
      fc.property(
        branch,
        sha,
        slug,
        fc.nat().map((number) => number + 1),
        (name, commit, label, number) => {
          const preview = previewOf({ slug: label, sha: commit, pull: { ...previewOf().pull, branch: name, number } })
          const text = printPreview(preview)
          expect(parsePreview(text)).toEqual({ preview })
          expect(load(text)).toEqual(preview)
        },
      ),
    )
  })

  it('lets nothing of what an author chooses out of a template or a YAML scalar', () => {
    fc.assert(
      fc.property(anything, anything, anything, (branch, author, image) => {
        const { pull, images } = previewOf()
        const text = printPreview(
          previewOf({ pull: { ...pull, branch, author }, images: { [image]: Object.values(images)[0] ?? '' } }),
        )
        const read = parsePreview(text)
        if ('fault' in read) throw new Error(read.fault)
        for (const value of [read.preview.pull.branch, read.preview.pull.author, ...Object.keys(read.preview.images)]) {
          expect(value).toMatch(/^[^\p{C}\p{Z}{}"'`\\<>|&*!%?,-][^\p{C}\p{Z}{}"'`\\<>|&*!%?,]*$/u)
          expect(load(value)).not.toBeUndefined()
        }
        expect(printPreview(read.preview)).toBe(text)
      }),
      { numRuns: 500 },
    )
  })

  it('keeps a branch’s letters and makes _ of what could end a template', () => {
    const { pull } = previewOf()
    const branch = 'feat/{{`x`}} "größe"'
    const read = parsePreview(printPreview(previewOf({ pull: { ...pull, branch } })))
    expect(read).toMatchObject({ preview: { pull: { branch: 'feat/___x_____größe_' } } })
  })

  it.each<[string, Partial<Preview>]>([
    ['sha', { sha: 'main' }],
    ['page', { page: 'https://westage.test/{{x}}' }],
    ['hosts.0', { hosts: ['*.example.test'] }],
    ['destination.name', { destination: { name: 'a b', server: '' } }],
    ['destination', { destination: { name: 'a', server: 'https://a.test' } }],
    ['destination', { destination: { name: '', server: '' } }],
    ['destination.server', { destination: { name: '', server: 'a.test:6443' } }],
    ['namespace', { namespace: 'Not-A-Label' }],
    ['callbacks.0.path', { callbacks: [{ source: 'a', path: 'no-slash', missed: false }] }],
    ['images.shop', { images: { shop: 'registry.test/shop:latest' } }],
  ])('is not written where %s is not what it may be', (field, changes) => {
    expect(() => printPreview(previewOf(changes))).toThrow(`preview.yaml would not be valid: ${field}:`)
  })

  it.each<[string, string, string]>([
    ['Argo CD’s own key path', textWith('path: /etc'), 'path'],
    ['Argo CD’s own key values', textWith('values: {}'), 'values'],
    ['a duplicate key', textWith('app: other'), 'has the key "app" a second time'],
    ['no YAML', 'a: [', 'line'],
    ['nothing', '', '0 documents'],
    ['two documents', `${printPreview(previewOf())}---\n${printPreview(previewOf())}`, '2 documents'],
    ['a list', '- a\n', 'the file'],
    [
      'an integer that JSON readers round',
      printPreview(previewOf()).replace('id: 42', 'id: 9007199254740993'),
      'repository.id',
    ],
  ])('with %s is a fault, not a crash', (_, text, words) => {
    expect(parsePreview(text)).toEqual({ fault: expect.stringContaining(words) })
  })

  it('has a JSON Schema, which the GitOps repo carries', async () => {
    const schema = `${JSON.stringify(z.toJSONSchema(PreviewSchema, { io: 'input' }), null, 2)}\n`
    await expect(schema).toMatchFileSnapshot('../../gitops-template/preview.schema.json')
    expect(JSON.parse(schema)).toMatchObject({
      type: 'object',
      additionalProperties: false,
      required: expect.arrayContaining(['app', 'slug', 'namespace', 'sha', 'url', 'hosts', 'images', 'page']),
    })
  })
})
