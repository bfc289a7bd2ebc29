import fc from 'fast-check'
import { load, YAML11_SCHEMA } from 'js-yaml'
import { describe, expect, it } from 'vitest'
import { isList, isObject, type Json, listOf } from '../../src/manifests/json.ts'
import { printYaml } from '../../src/manifests/print-yaml.ts'
import { jsonOf, readYaml } from '../../src/manifests/yaml.ts'
import { kustomizedText, readByKubectl, skipReason } from './kubectl.ts'

/** Plain scalars that YAML's versions and readers do not agree about. */
const SCALARS = `yes y n N no on Off true TRUE 0o17 0O17 017 089 0X1F 0x1f 0b11 0B11 -0b11 +0b11 1e3 1E3 1_000 1_0.5
1_0e3 0x_1F .5 .5_1 ._5 +.5 -.5 5. . 2001-01-01 2001-01-01T00:00:00Z 190:20:30 1:20 ~ Null nULL = 0x1p4 .1e1 1e400 12e03
+12 0o8 0b12 _1 1_ 0_7 0_8 -0x1F -017 +017 0.1 Infinity inf nan -0 -0.0 0x 0b 0o 0 00 0x1ffffffffffffffffffff 1.5e3 1.e3
12345678.9 6e5_ 1:30 << 1e17 1e19 1e21 9223372036854775807 -9223372036854775808 9223372036854775808
18446744073709551615 18446744073709551616 1152921504606846976.0 9007199254740993 0xffffffffffffffff 007 08:30 1,000 9007199254740991 -9007199254740991 4.35 1e-7 0.30000000000000004 null NULL None`.split(
  /\s+/,
)

const configMap = (field: string, name = 'a') => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${field}`
const read = (yaml: string) => readYaml(yaml).map((document) => jsonOf(document))
const xOf = (document: Json | undefined) => (isObject(document) ? document.x : undefined)

describe(`YAML is read as kubectl reads it${skipReason}`, () => {
  it.skipIf(skipReason)('takes each ambiguous scalar for what kubectl takes it for', () => {
    const yaml = configMap(`x:\n${SCALARS.map((text) => `- ${text}\n`).join('')}`)
    const ours = listOf(xOf(read(yaml)[0]))
    const kubectls = listOf(xOf(readByKubectl(yaml)[0]))
    expect(SCALARS.map((text, at) => [text, ours[at]])).toEqual(SCALARS.map((text, at) => [text, kubectls[at]]))
  })

  it.skipIf(skipReason)('takes kustomize’s output for what kubectl takes it for', () => {
    const yaml = kustomizedText(configMap(`x:\n${SCALARS.map((text) => `- ${text}\n`).join('')}`))
    expect(xOf(read(yaml)[0])).toEqual(xOf(readByKubectl(yaml)[0]))
  })

  it.skipIf(skipReason)('takes scalars of any look for what kubectl takes them for', () => {
    const looks = fc.array(fc.constantFrom(...'0123456789+-._eExXoObBaAfFnyYNtTrRuUlLsS~:='), {
      minLength: 1,
      maxLength: 7,
    })
    const isPlain = (text: string) => !/^-$|^[-:=~]*$|^(-|:)|:$|---|^\.\.\.$/.test(text)
    const texts = fc.sample(looks.map((chars) => chars.join('')).filter(isPlain), { numRuns: 3000, seed: 1 })
    const kept = texts.filter((text) => !/^[-+]?\.(inf|nan)$/i.test(text))
    const yaml = configMap(`x:\n${kept.map((text) => `- ${text}\n`).join('')}`)
    const kubectls = listOf(xOf(readByKubectl(yaml)[0]))
    const ours = listOf(xOf(read(yaml)[0]))
    expect(kept.map((text, at) => [text, ours[at]])).toEqual(kept.map((text, at) => [text, kubectls[at]]))
  })

  it.skipIf(skipReason)(
    'keeps the empty lines at the end of a text, also before a separator and without a last line break',
    () => {
      const yaml = `${configMap('x: |+\n  a\n\n\n')}---\n${configMap('x: |\n  a', 'b')}`
      expect(read(yaml).map(xOf)).toEqual(['a\n\n\n', 'a\n'])
      expect(readByKubectl(yaml).map(xOf)).toEqual(['a\n\n\n', 'a\n'])
    },
  )

  it.skipIf(skipReason)('makes the same keys as kubectl', () => {
    const yaml = configMap(
      'x: {yes: a, 012: b, 0x10: c, false: d, "n": e, 9007199254740993: f, 2001-01-01: g, "": h}\n',
    )
    expect(xOf(read(yaml)[0])).toEqual(xOf(readByKubectl(yaml)[0]))
  })
})

/** Any character of a plane of Unicode. */
const characterOf = (plane: number) =>
  fc
    .integer({ min: 0, max: 0xffff })
    .map((code) => plane * 0x10000 + code)
    .filter((code) => code < 0xd800 || code > 0xdfff)
    .map((code) => String.fromCodePoint(code))

/** Texts that have broken YAML readers, and any others. */
const text = fc.oneof(
  fc.constantFrom(
    ...SCALARS,
    '',
    ' ',
    '<<',
    '- a',
    '? a',
    'a: b',
    'a #b',
    '#a',
    '*a',
    '&a',
    '!a',
    '%a',
    '@a',
    '`a',
    '|',
    '>',
  ),
  fc.constantFrom(
    'a\n',
    '\na',
    '\n',
    '\n\n',
    ' a\nb',
    'a \nb',
    'a\n b',
    '\ta',
    'a\t\nb',
    'a\r\nb',
    'a\rb',
    'a\n\n\nb\n\n',
    '---',
    '...',
    'a\n---\nb',
    '\n  a\n b',
    ' \n \n',
    '\ta\nb',
    '\n\ta\n',
    'a\n \n\tb\n \n',
    'a\n\n\n',
    'a\u0085b\nc',
    'a\u2028b\nc\u2029',
    'a\u00a0\nb',
    '"a"\n\'b\'\n',
    `${'k'.repeat(200)}`,
  ),
  fc.constantFrom(
    '\u0085',
    'a\u2028b',
    '\ufeffa',
    '\u0000',
    '\u007f',
    '\u00a0',
    '\ufffe',
    '\u{1f600}',
    '"',
    "'",
    '\\',
    '{{x}}',
    '[a',
    '{a',
    'a,b',
  ),
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
  fc
    .array(
      fc.integer({ min: 0, max: 16 }).chain((plane) => characterOf(plane)),
      { maxLength: 8 },
    )
    .map((all) => all.join('')),
  fc
    .array(fc.constantFrom('a', ' ', '\n', '\t', '#', ':', '-', '"', "'", '\\', 'é', '\r', '|', '>'), { maxLength: 20 })
    .map((chars) => chars.join('')),
)
const key = fc.oneof(text, fc.constantFrom('__proto__', 'constructor', 'toString'))
const number = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc
    .bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
    .map((value) => jsonOf(Number.isSafeInteger(Number(value)) ? Number(value) : value)),
  fc.double({ noDefaultInfinity: true, noNaN: true }).map((value) => jsonOf(value)),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 66n }).map((value) => jsonOf(Number(value))),
)
const { json } = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    text,
    number,
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('json'), { maxLength: 4 }),
    fc.array(fc.tuple(key, tie('json')), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
  ),
}))

/** As readers hold it that have no integers past 2^53. */
function rounded(value: Json): Json {
  if (typeof value === 'bigint') return Number(value)
  if (isList(value)) return value.map(rounded)
  return isObject(value)
    ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, rounded(inner)]))
    : value
}

describe('what is printed', () => {
  it('is read back the same, by this reader and by YAML 1.1 and 1.2', () => {
    fc.assert(
      fc.property(json, (value) => {
        const printed = printYaml({ x: value })
        expect(read(printed)).toEqual([{ x: value }])
        expect(load(printed)).toEqual({ x: rounded(value) })
        expect(load(printed, { schema: YAML11_SCHEMA })).toEqual({ x: rounded(value) })
        expect(printed).not.toMatch(/^\s*[&*]/m)
      }),
      { numRuns: 500 },
    )
  })

  it.skipIf(skipReason)(`is read back the same by kubectl${skipReason}`, () => {
    const values = fc.sample(json, { numRuns: 1000, seed: 7 })
    const yaml = values
      .map((x, at) => printYaml({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `n${at}` }, x }))
      .join('---\n')
    expect(readByKubectl(yaml).map(xOf)).toEqual(values)
  })

  it('marks a key that is longer than a reader looks ahead', () => {
    expect(printYaml({ [`${'k'.repeat(2000)}`]: 1 })).toMatch(/^\? k{2000}\n: 1\n$/)
  })

  it('keeps the order of keys', () => {
    expect(printYaml({ b: 1, a: { d: 'x', c: [] } })).toBe('b: 1\na:\n  d: x\n  c: []\n')
  })

  it('prints what occurs twice twice, without an anchor', () => {
    const shared = { a: [1] }
    expect(printYaml([shared, shared])).toBe('- a:\n    - 1\n- a:\n    - 1\n')
  })
})
