/** YAML made to take a reader's time, memory or wits, and what WeStage says of it. */

const HEAD = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n'
const repeat = (count: number, part: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => part(at)).join('')
const spaces = (count: number) => ' '.repeat(count)
const MB = 1_000_000

const LAUGHS = `a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n${repeat(30, (at) => {
  const below = `*a${at}, `.repeat(10)
  return `a${at + 1}: &a${at + 1} [${below}]\n`
})}`

export interface Hostile {
  readonly text: () => string
  /** Of what is said: the whole sentence but for where it comes from. */
  readonly said: string
}

const unread = (line: number, reason: string) => `kustomize's output can't be read: line ${line}: ${reason}`
const ANCHOR = 'has an anchor (&); take it out'
const DEEP = 'is nested more than 100 deep'
const NO_TEXT_KEY = 'has a key that is not a string; put it in quotes'
const tagged = (tag: string) => `has the tag ${tag}; take it out, and put text in quotes`
const twice = (key: string) => `has the key "${key}" a second time`

export const hostile: Readonly<Record<string, Hostile>> = {
  'a billion laughs': { text: () => HEAD + LAUGHS, said: unread(4, ANCHOR) },
  'an object that holds itself': { text: () => `${HEAD}a: &a [*a]`, said: unread(4, ANCHOR) },
  'an alias of nothing': {
    text: () => `${HEAD}a: *b`,
    said: unread(4, 'has an alias (*); write out what it stands for'),
  },
  '10,000 lists in each other': {
    text: () => `${HEAD}a: ${'['.repeat(10_000)}${']'.repeat(10_000)}`,
    said: unread(4, DEEP),
  },
  '10,000 lists in each other that do not end': {
    text: () => `${HEAD}a: ${'['.repeat(10_000)}`,
    said: unread(4, DEEP),
  },
  '10,000 objects in each other': { text: () => `${HEAD}a: ${'{a: '.repeat(10_000)}`, said: unread(4, DEEP) },
  '10,000 blocks in each other, which are 50 MB': {
    text: () => HEAD + repeat(10_000, (at) => `${spaces(at)}a:\n`),
    said: "document 1 of kustomize's output is longer than 3 MiB, more than Kubernetes takes of one object",
  },
  '2,000 blocks in each other': {
    text: () => HEAD + repeat(2000, (at) => `${spaces(at)}a:\n`),
    said: unread(103, DEEP),
  },
  '10,000 lists on one line': { text: () => `${HEAD}a:\n  ${'- '.repeat(10_000)}x`, said: unread(5, DEEP) },
  '10,000 keys of keys': { text: () => `${HEAD}a:\n  ${'? '.repeat(10_000)}x`, said: unread(5, DEEP) },
  'tags and anchors in each other': {
    text: () => HEAD + repeat(99, (at) => `${spaces(at)}a: !x &y\n`),
    said: unread(4, 'has an anchor (&); take it out'),
  },
  'a key of a megabyte over a list of 100,000': {
    text: () => `${HEAD}data:\n  ? ${'k'.repeat(MB)}\n  :\n${repeat(100_000, () => '  - a: .svc\n')}`,
    said: unread(5, 'has keys that are longer than 1024 characters in all'),
  },
  'keys that are long together': {
    text: () => HEAD + repeat(20, (at) => `${spaces(at)}${'k'.repeat(100)}:\n`),
    said: unread(14, 'has keys that are longer than 1024 characters in all'),
  },
  '100,000 objects': {
    text: () => repeat(100_000, (at) => `---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: n${at}\n`),
    said: "kustomize's output has more than 5000 objects, which is the most that a preview may have",
  },
  '20,000 objects in a list': {
    text: () =>
      `apiVersion: v1\nkind: List\nitems:\n${repeat(20_000, (at) => `- {apiVersion: v1, kind: X, metadata: {name: n${at}}}\n`)}`,
    said: "kustomize's output has more than 5000 objects, which is the most that a preview may have",
  },
  '5 million empty documents': { text: () => '---\n'.repeat(5 * MB), said: "kustomize's output has no objects" },
  '100 MB in one object': {
    text: () => `${HEAD}data:\n${'  a: "0123456789012345678901234567890123456789"\n'.repeat(2_100_000)}`,
    said: "document 1 of kustomize's output is longer than 3 MiB, more than Kubernetes takes of one object",
  },
  '100 MB in one line': {
    text: () => `${HEAD}a: ${'x'.repeat(100 * MB)}`,
    said: "document 1 of kustomize's output is longer than 3 MiB, more than Kubernetes takes of one object",
  },
  '100 MB in 4,000 objects, the last of which does not end': {
    text: () =>
      `${repeat(4000, (at) => `${HEAD.replace('web', `web${at}`)}data:\n  a: |\n${'    0123456789012345678901234567890\n'.repeat(700)}---\n`)}[`,
    said: unread(4000 * 706 + 2, 'unexpected end of the stream within a flow collection'),
  },
  '14 MB of the smallest things': {
    text: () => `${repeat(5, (at) => `${HEAD.replace('web', `web${at}`)}a:\n${'- a\n'.repeat(700_000)}---\n`)}[`,
    said: unread(5 * 700_005 + 2, 'unexpected end of the stream within a flow collection'),
  },
  '3 MB of brackets and colons': {
    text: () => `${HEAD}a: [${'[a]: b, '.repeat(350_000)}]`,
    said: unread(4, NO_TEXT_KEY),
  },
  '3 MB of quotes that do not end': {
    text: () => `${HEAD}a: [${"'', ".repeat(700_000)}'`,
    said: unread(5, 'deficient indentation'),
  },
  '3 MB of spaces': {
    text: () => `${HEAD}a: x${' '.repeat(3 * MB)}\n  : y`,
    said: unread(5, 'bad indentation of a mapping entry'),
  },
  'a key twice': { text: () => `${HEAD}data: {a: b, "a": c}`, said: unread(4, twice('a')) },
  'a key twice, once with an escape': { text: () => `${HEAD}data:\n  a: b\n  "\\x61": c`, said: unread(6, twice('a')) },
  'a boolean and its text as keys': {
    text: () => `${HEAD}data:\n  yes: a\n  "true": b`,
    said: unread(6, twice('true')),
  },
  'a number in two spellings as keys': { text: () => `${HEAD}data:\n  0x10: a\n  16: b`, said: unread(6, twice('16')) },
  'a merge key': {
    text: () => `${HEAD}data:\n  a: b\n  <<: {a: c}`,
    said: unread(6, 'has a merge key (<<), which readers take in different ways; write the fields out'),
  },
  '200,000 merge keys': {
    text: () => HEAD + '<<: {a: c}\n'.repeat(200_000),
    said: unread(4, 'has a merge key (<<), which readers take in different ways; write the fields out'),
  },
  'a NUL byte': { text: () => `${HEAD}a: "x\0y"`, said: unread(4, 'null byte is not allowed in input') },
  'a byte order mark inside': {
    text: () => `${HEAD}---\n\ufeffa: b`,
    said: unread(5, 'has a byte order mark (U+FEFF) inside the text; take it out'),
  },
  'half a character': { text: () => `${HEAD}a: "\ud800"`, said: unread(4, 'is not valid Unicode') },
  'a line separator': {
    text: () => `${HEAD}a: "x\u2028y"`,
    said: unread(
      4,
      'has U+2028, a line break to some readers and not to others; take it out, or put the text into binaryData',
    ),
  },
  'a carriage return alone': {
    text: () => `${HEAD}a: x\rb: y`,
    said: unread(
      4,
      'has U+000D, a line break to some readers and not to others; take it out, or put the text into binaryData',
    ),
  },
  'a directive': { text: () => `%YAML 1.1\n---\n${HEAD}`, said: unread(1, 'has a directive (%); take it out') },
  'a directive of a later document': {
    text: () => `${HEAD}---\n%TAG ! tag:x,2000:\n---\na: !b c`,
    said: unread(5, 'has a directive (%); take it out'),
  },
  'a document after the end of one': {
    text: () => `${HEAD}...\nkind: Secret`,
    said: unread(4, 'is ..., after which kubectl reads no more; take it out'),
  },
  'a document that begins on the line of ---': {
    text: () => `${HEAD}--- {kind: Secret}`,
    said: unread(4, 'has more than --- where a document begins'),
  },
  'binary text': { text: () => `${HEAD}a: !!binary aGVsbG8=`, said: unread(4, tagged('!!binary')) },
  'a set': { text: () => `${HEAD}a: !!set {b, c}`, said: unread(4, tagged('!!set')) },
  'an ordered map': { text: () => `${HEAD}a: !!omap [b: c]`, said: unread(4, tagged('!!omap')) },
  'a function': {
    text: () => `${HEAD}a: !!js/function "function () { while (true); }"`,
    said: unread(4, tagged('!!js/function')),
  },
  'a tag of its own': { text: () => `${HEAD}a: !<tag:x,2000:y> b`, said: unread(4, tagged('!<tag:x,2000:y>')) },
}
