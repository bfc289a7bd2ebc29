import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { readSettings } from '../../src/settings/read-settings.ts'

const Schema = z.strictObject({
  name: z.string().default('none'),
  sections: z.array(z.strictObject({ port: z.int().max(9), mode: z.enum(['on', 'off']).default('on') })).default([]),
  map: z.record(z.string(), z.int()).default({}),
  either: z.union([z.enum(['keep']), z.strictObject({ secret: z.string() })]).default('keep'),
})
const faultsOf = (text: string) =>
  readSettings(text, Schema).faults.map(({ line, path, words }) => `${line} ${path.join('.')}: ${words}`)

describe('a settings file', () => {
  it('is read as its schema has it, an empty one with all defaults', () => {
    expect(readSettings('', Schema).value).toEqual({ name: 'none', sections: [], map: {}, either: 'keep' })
    expect(readSettings('name: a\nmap: { x: 1 }\n', Schema).value).toMatchObject({ name: 'a', map: { x: 1 } })
  })

  it.each([
    ['a block', 'name: a\n\nsections:\n  # words\n  - port: 1\n  - mode: on\n    port: ten\n', '7 sections.1.port'],
    ['a flow', 'name: a\nsections: [\n  { port: 1 },\n  { mode: on,\n    port: ten }\n ]\n', '5 sections.1.port'],
    ['a flow of one line', 'name: a\nsections: [{ port: ten }]\n', '2 sections.0.port'],
    ['quoted keys', '"name": a\n"sections":\n  - "port": ten\n', '3 sections.0.port'],
    ['Windows’ line ends', 'name: a\r\n\r\nsections:\r\n  - port: ten\r\n', '4 sections.0.port'],
    ['a block of text above', 'name: |\n  a\n  b\nsections:\n  - port: ten\n', '5 sections.0.port'],
    ['a document’s start', '# words\n---\nsections:\n  - port: ten\n', '4 sections.0.port'],
    ['JSON', '{\n"sections": [\n{"port": "ten"}]}', '3 sections.0.port'],
    ['an alias: where it points to', 'sections:\n  - &a\n    port: ten\n  - *a\n', '3 sections.1.port'],
  ])('says the line of a fault in %s', (_, text, where) => {
    expect(faultsOf(text)).toContain(`${where}: has to be a number, and is text`)
  })

  it('says of what is missing the line of what it should be in', () => {
    expect(faultsOf('name: a\nsections:\n  - port: 1\n\n  - mode: on\n')).toEqual(['5 sections.1.port: is missing'])
  })

  it('says the nearest of the keys that are known there, and of the values', () => {
    expect(
      faultsOf('sections:\n  - prot: 1\n    port: 2\n  - port: 1\n    mode: onn\neithre: keep\neither:\n  sekret: a\n'),
    ).toEqual([
      '2 sections.0.prot: is not a setting; did you mean sections[0].port?',
      '5 sections.1.mode: is neither on nor off; did you mean on?',
      '6 eithre: is not a setting; did you mean either?',
      '7 either.secret: is missing',
      '8 either.sekret: is not a setting; did you mean either.secret?',
    ])
    expect(faultsOf('nothingnear: 1\n')).toEqual(['1 nothingnear: is not a setting'])
  })

  it.each([
    ['name: 1', 'name: has to be text, and is a number: put it in quotes'],
    ['name: true', 'name: has to be text, and is true or false: put it in quotes'],
    ['name: [a]', 'name: has to be text, and is a list'],
    ['name: {}', 'name: has to be text, and is a section'],
    ['name:', 'name: has to be text, and is empty'],
    ['sections: {}', 'sections: has to be a list, and is a section'],
    ['map: { a: 1.5 }', 'map.a: has to be a whole number, and is a fraction'],
    ['sections: [{ port: 10 }]', 'sections.0.port: has to be at most 9'],
  ])('says of %s what it has to be', (text, fault) => {
    expect(faultsOf(text)).toEqual([`1 ${fault}`])
  })

  it('says all faults in the order of the file, keys that are there twice with them', () => {
    expect(faultsOf('nmae: a\nmap:\n  a: 1\n  b: x\n  a: 2\nname: 1\n')).toEqual([
      '1 nmae: is not a setting; did you mean name?',
      '4 map.b: has to be a number, and is text',
      '5 map.a: is there twice, first in line 3',
      '6 name: has to be text, and is a number: put it in quotes',
    ])
  })

  it('says where it is not YAML', () => {
    expect(faultsOf('name: a\nmap: { a: 1\nsections: []\n')).toEqual([
      expect.stringMatching(/^\d : can't be read as YAML: /),
    ])
    expect(faultsOf('name: a\n  map: b\n')).toEqual([expect.stringMatching(/^2 : can't be read as YAML: /)])
  })

  it('is read, or refused with a line that it has, whatever it holds', () => {
    const piece = fc.constantFrom(
      'name',
      'map',
      ': ',
      '\n',
      '  ',
      '- ',
      '{',
      '}',
      '[',
      ']',
      '&a ',
      '*a',
      '"',
      '? ',
      '1',
      '#',
      '|',
      '---\n',
      '\t',
      '<<',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const text = pieces.join('')
        const { value, faults } = readSettings(text, Schema)
        expect(value === null).toBe(faults.length > 0)
        const lines = text.split('\n').length
        for (const { line } of faults) expect(line >= 1 && line <= lines).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })
})
