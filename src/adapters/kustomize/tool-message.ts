import { posix } from 'node:path'

const STDERR_MAX_CHARACTERS = 100_000
const SENTENCE_MAX_CHARACTERS = 600
const DETAIL_LINES = 20
const LINE_MAX_CHARACTERS = 500

/**
 * What kustomize said when it failed, as one sentence that starts with the file or folder, and as its last lines.
 * kustomize tells the whole way to a fault, each step twice; the last step and where it was are kept, in its own words.
 * @param folder the one that was built, relative to the root
 * @param hidden absolute paths that mean nothing to the reader: the root first
 */
export function toolMessageOf(
  stderr: string,
  folder: string,
  hidden: readonly string[],
): { readonly sentence: string; readonly details: readonly string[] } {
  const text = hidden.reduce((shown, path) => relativeTo(path, shown), stderr.slice(-STDERR_MAX_CHARACTERS))
  const details = text
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .slice(-DETAIL_LINES)
    .map((line) => cut(line, LINE_MAX_CHARACTERS))
  const error = errorIn(text)
  const sentence = error === '' ? 'kustomize failed without a word' : shortened(error, folder === '' ? '.' : folder)
  return { sentence: cut(sentence.replace(/\s+/g, ' ').trim(), SENTENCE_MAX_CHARACTERS), details }
}

/** Takes an absolute path out of a text: what is below it becomes relative, itself becomes `.`. */
const relativeTo = (path: string, text: string): string => text.replaceAll(`${path}/`, '').replaceAll(path, '.')

/** `Error: …` (kustomize), `error: …` (older kubectl), `… "command failed" err="…"` or `err=<` and a block (klog). */
function errorIn(stderr: string): string {
  const [, quoted] = /"command failed" err="((?:[^"\\]|\\.)*)"/.exec(stderr) ?? []
  if (quoted !== undefined) return quoted.replace(/\\(["\\nt])/g, (_, letter: string) => UNQUOTED[letter] ?? letter)
  const [, block] = /"command failed" err=<\n([\s\S]*?)\n >/.exec(stderr) ?? []
  if (block !== undefined) return block.replace(/^\t/gm, '')
  const [, plain] = /^[Ee]rror: ([\s\S]*)/m.exec(stderr) ?? []
  return plain ?? stderr.replace(/^# Warning:.*$/gm, '').trim()
}
const UNQUOTED: Readonly<Record<string, string>> = { n: '\n', t: '\t' }

/** @param at where the fault is known to be so far */
function shortened(error: string, at: string): string {
  for (const [pattern, then] of STEPS) {
    const match = pattern.exec(error)
    if (match === null) continue
    const next = then(
      match.slice(1).map((group) => group ?? ''),
      at,
    )
    return shortened(next.error, next.at)
  }
  const told = error.replace(ABSENT, "'$1' does not exist")
  return told.startsWith(`${at}: `) ? told : `${at}: ${told}`
}

const ABSENT = /evalsymlink failure on '([^']*)' : lstat [^:]*: no such file or directory/g

type Step = (groups: readonly string[], at: string) => { readonly error: string; readonly at: string }

/** Where a fault with a file is: the file, from the root; where it is not there, the kustomization that names it. */
const below = (at: string, path = '', error = ''): string =>
  /^[\w./-]+$/.test(path) && !error.startsWith('evalsymlink failure') ? posix.join(at, path) : at

/** The sentences by which kustomize leads to a fault: api/internal/target, kusttarget.go. */
const STEPS: readonly (readonly [RegExp, Step])[] = [
  [/^accumulating (?:resources|components): ([\s\S]*)$/, ([error = ''], at) => ({ error, at })],
  [
    /^accumulation err='[\s\S]*?': recursed (?:accumulation of|merging from) path '([^']*)': ([\s\S]*)$/,
    ([path = '', error = '']) => ({ error, at: path }),
  ],
  [
    /^accumulateDirectory: "?recursed accumulation of path '([^']*)': ([\s\S]*?)"?$/,
    ([path = '', error = '']) => ({ error, at: path }),
  ],
  [/^accumulateDirectory: "([\s\S]*)"$/, ([error = ''], at) => ({ error: error.replaceAll('\\"', '"'), at })],
  [
    /^accumulation err='(?:accumulating|merging) resources from '([^']*)': ([\s\S]*)': must build at directory: [\s\S]*$/,
    ([path, error = ''], at) => ({ error, at: below(at, path, error) }),
  ],
  [/^accumulation err='[\s\S]*?': (cycle detected[\s\S]*)$/, ([error = ''], at) => ({ error, at })],
  [
    /^accumulation err='[\s\S]*': couldn't make target for path '([^']*)': ([\s\S]*)$/,
    ([path = '', error = '']) => ({ error, at: path }),
  ],
  [
    /^(?:accumulating|merging) resources from '([^']*)': ([\s\S]*)$/,
    ([path, error = ''], at) => ({ error, at: below(at, path, error) }),
  ],
  [
    /^trouble configuring builtin (\w+) with config: `[\s\S]*?`: ([\s\S]*)$/,
    ([name, error], at) => ({ error: `${name}: ${error}`, at }),
  ],
]

const cut = (text: string, max: number): string => (text.length > max ? `${text.slice(0, max)}…` : text)
