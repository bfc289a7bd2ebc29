/** What the fuzzer starts from. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const CORPUS = join(import.meta.dirname, '../../../shared/corpus')
const MAX_LENGTH = 1200

/** Awkward YAML, there without the corpus. */
const AWKWARD: readonly [string, ...string[]] = [
  'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\ndata:\n  a: "1"\n  b: |\n    x\n     y\n\n    z\n  c: >-\n    x\n    y\n',
  'a: b\nc:\n- d\n- e: f\n  g: h\n-\n  - i\n  - j\n',
  'a: [b, {c: d}, [e: f], {g, h}, {"i":j}, {k: [l,m]}, []]\n',
  '{a: [b, c], d: {e: f}}\n',
  'a: {b: c, d: [e, f], "g": \'h\', i: , j}\n',
  "a: \"x\\ny\\\n  z \\x41 \\u00e9\"\nb: 'it''s\n\n  here'\nc: plain\n  goes on\n  # not a comment\n",
  '? a\n: b\n? [c]\n: d\n? |\n  e\n: - f\n',
  '- - - a\n  - b\n- c\n',
  'a: |+\n  x\n\n\nb: |-\n  x\n\nc: |2\n    x\n   y\nd: >+\n\n  x\n\n   y\n  z\n\ne: |\n\n\n  x\n',
  '1: a\ntrue: b\n~: c\n"2": d\n0x10: e\n1.5: f\nyes: g\n<<: {h: i}\n',
  '---\na: b\n---\n# nothing\n---\nc: d\n...\n',
  '{"a": [1, 2.5, true, null, "x\\u0041\\n"], "b": {"c": -1e3}}\n',
  'a: &x b\nc: *x\nd: !!str 1\ne: !foo f\n',
  'x: -1\ny: - 1\nz: a - b\nu: http://h:80/p?q=#r\nv: a #b\nw: @c\n',
  'data:\n  "multi\\nline": v\n  \'quo"te\': w\n  key with spaces : x\n  ? "long"\n  : y\n',
]

/** How often an awkward one stands in the list: they are a fifth of it, where the corpus is there. */
const WEIGHT = 15

/** Documents of the corpus, where it is there, and awkward ones. */
export function documents(): readonly [string, ...string[]] {
  const [first, ...others] = AWKWARD
  return [first, ...others, ...Array.from({ length: WEIGHT }, () => AWKWARD).flat(), ...corpusDocuments()]
}

function corpusDocuments(): readonly string[] {
  return corpusFiles()
    .flatMap((path) => readFileSync(path, 'utf8').split(/^---.*\n/m))
    .filter((text) => text.trim() !== '' && text.length <= MAX_LENGTH)
}

function corpusFiles(): readonly string[] {
  try {
    return readdirSync(CORPUS, { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.(ya?ml|json)$/.test(path))
      .sort()
      .map((path) => join(CORPUS, path))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}
