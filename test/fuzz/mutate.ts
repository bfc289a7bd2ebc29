import type { Random } from './random.ts'

type Words = readonly [string, ...string[]]
const words = (text: string): Words => {
  const [first = '', ...others] = text.trim().split(/\s+/)
  return [first, ...others]
}

/** Scalars that YAML's versions and readers do not agree about. */
const SCALARS: Words =
  words(`yes y n N no on Off true TRUE ~ null Null NULL = << 0 -0 +0 00 07 08 017 0o17 0O17 0x1F 0X1f
-0x1F 0b1 0B11 -0b11 0b12 1e3 1E3 1e400 6e5_ 1_000 1_0.5 _1 1_ .5 .5_1 ._5 +.5 5. . .. +. -. 1.e+3 .inf -.INF +.Inf .nan .NaN
2001-01-01 2001-1-1 2001-01-01T00:00:00Z 1:30 190:20:30 1:20.5 9007199254740993 -9007199254740993 9223372036854775807
9223372036854775808 -9223372036854775808 -9223372036854775809 18446744073709551615 18446744073709551616 1e17 1e19 1e21
0x7fffffffffffffff 0xffffffffffffffff 0x1ffffffffffffffff 1152921504606846976.0 4.35 1e-7 0x1p4 1,000 1.10 -1.5 12e03 - ? :
-a ?a :a a:b a: a# #a &a *a !a %a @a \`a 'a "a |a >a [a {a ]a }a ,a '' "" [] {} {a:b} a,b --- ... ---a`)

/** Pieces of YAML's own grammar, and characters that readers treat in their own ways. */
const PIECES: Words = [
  ...words(
    '- ? : # & * ! | > % @ ` \' " [ ] { } , | |- |+ |2 |2- >- >+ > <<: !!str !!int !!float !!binary !foo &a *a -- --- ...',
  ),
  ...[
    ': ',
    ' #',
    '- ',
    '? ',
    ' : ',
    ', ',
    '\n',
    '\n\n',
    '\n ',
    '\n  ',
    '\n    ',
    '\t',
    '\n\t',
    '  ',
    ' ',
    '\r',
    '\r\n',
    '\0',
  ],
  ...[
    '\u0085',
    '\u2028',
    '\u2029',
    '\u00a0',
    '\u3000',
    '\ufeff',
    '\ufffd',
    '\ufffe',
    '\x07',
    '\x1b',
    '\x7f',
    '\x9f',
    'é',
    '\u{1f600}',
  ],
  ...[
    '\\',
    '\\n',
    '\\x41',
    '\\u0041',
    '\\U0001F600',
    '\\ud800',
    '\\ud83d\\ude00',
    '\\\n',
    '\\ ',
    '\\/',
    '\\e',
    '\\0',
    '\\N',
    '\\L',
    '""',
    "''",
  ],
  ...[
    '\n---\n',
    '\n--- #x\n',
    '\n---',
    '\n...\n',
    '\n%YAML 1.1\n---\n',
    '\n- ',
    '\n? ',
    '\n: ',
    '\n#\n',
    'a: b',
    '\nk: v\n',
    '\n<<: {a: b}\n',
  ],
  ...[
    '\n  - x\n',
    ' |\n    x\n',
    ' >\n    x\n   y\n',
    ' |2\n   x\n',
    ' "a\n  b"',
    " 'a\n\n  b'",
    '{a: b}',
    '[a, b]',
    '{a, b: }',
    '[a: b]',
    '{? a : b}',
  ],
]

type Mutation = (text: string, random: Random, other: string) => string

const cut = (text: string, at: number, length: number, put: string) => text.slice(0, at) + put + text.slice(at + length)

const onLines =
  (change: (lines: string[], at: number, random: Random) => void): Mutation =>
  (text, random) => {
    const lines = text.split('\n')
    change(lines, random.below(lines.length), random)
    return lines.join('\n')
  }

const replaceScalar: Mutation = (text, random) => {
  const scalars = [...text.matchAll(/(?<=: |- )\S.*$|^ *[^\s:#]+(?=:)/gm)]
  const found = scalars[random.below(scalars.length)]
  return found === undefined ? text : cut(text, found.index, found[0].length, random.oneOf(SCALARS))
}

const quoteScalar: Mutation = (text, random) => {
  const scalars = [...text.matchAll(/(?<=: |- )\S.*$/gm)]
  const found = scalars[random.below(scalars.length)]
  const quote = random.oneOf(["'", '"', '|\n      ', '>\n      ', '[', '{'])
  const end = { "'": "'", '"': '"', '[': ']', '{': '}' }[quote] ?? ''
  return found === undefined ? text : cut(text, found.index, found[0].length, `${quote}${found[0]}${end}`)
}

const MUTATIONS: readonly [Mutation, ...Mutation[]] = [
  replaceScalar,
  replaceScalar,
  quoteScalar,
  (text, random) => cut(text, random.below(text.length + 1), 0, random.oneOf(PIECES)),
  (text, random) => cut(text, random.below(text.length + 1), 0, random.oneOf(PIECES)),
  (text, random) => cut(text, random.below(text.length + 1), random.below(3) + 1, random.oneOf(PIECES)),
  (text, random) => cut(text, random.below(text.length + 1), random.below(12) + 1, ''),
  (text, random) => cut(text, random.below(text.length + 1), 0, String.fromCharCode(random.below(256))),
  (text, random, other) =>
    cut(text, random.below(text.length + 1), 0, other.slice(random.below(other.length)).slice(0, 60)),
  onLines((lines, at) => lines.splice(at, 0, lines[at] ?? '')),
  onLines((lines, at) => lines.splice(at, 1)),
  onLines((lines, at, random) => lines.splice(random.below(lines.length), 0, ...lines.splice(at, 1))),
  onLines((lines, at, random) => {
    lines[at] = `${random.oneOf([' ', '  ', '    ', '\t', '- ', ' - '])}${lines[at]}`
  }),
  onLines((lines, at, random) => {
    lines[at] = (lines[at] ?? '').slice(random.below(3) + 1)
  }),
  onLines((lines, at, random) => {
    lines[at] = `${lines[at]}${random.oneOf([' ', '\t', ' #x', '#x', ':', ': ', ' |', ' >-', ' "', " '", ',', '\r'])}`
  }),
]

/** The text, changed in one place, seldom in up to five; `other` is text to take pieces of. */
export function mutate(text: string, other: string, random: Random): string {
  let mutated = text
  const changes = random.below(3) > 0 ? 1 : 2 + random.below(4)
  for (let left = changes; left > 0; left--) mutated = random.oneOf(MUTATIONS)(mutated, random, other)
  return mutated
}
