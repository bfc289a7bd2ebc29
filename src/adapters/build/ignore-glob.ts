/**
 * One path with wildcards of a .dockerignore. Who wrote it may be a stranger: whether a path matches costs no more than
 * their lengths multiplied, whatever stands there.
 */

interface Glob {
  /** The same, as docker and buildah read it alike. */
  readonly text: string
  readonly matches: (path: string) => boolean
}

/** From where a path matches so far (offsets, rising), to where it does after one more part of the glob. */
type Part = (path: string, from: readonly number[]) => readonly number[]

/**
 * An escaped sign; a class; two stars, with the slash after them; a star; any sign but a slash; what stands for itself.
 * Not here, since builders do not agree on them: escapes of letters, names in classes, and `^ ] { | }` not escaped.
 */
const SIGNS =
  /\\([^A-Za-z0-9_/\u0080-\u{10ffff}])|(\[\^?(?:[A-Za-z0-9_]-[A-Za-z0-9_]|[A-Za-z0-9_.])+\])|(\*\*\/?)|(\*)|(\?)|([^\\[\]^*?{|}]+)/guy
/** Control signs, and what stands for bytes that are no text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNREADABLE = /[\0-\x1f\x7f\ufeff\ufffd]/
/** What means something to no builder, wherever it stands. */
const PLAIN = /[A-Za-z0-9_./ \u0080-\u{10ffff}-]/u

/** @returns null where builders refuse it, or may read it in another way than is read here */
export function globOf(pattern: string): Glob | null {
  if (pattern === '' || UNREADABLE.test(pattern)) return null
  const parts: Part[] = []
  let [text, literal, end, startsWith] = ['', '', 0, '']
  const add = (part: Part, as: string) => {
    if (parts.length === 0) startsWith = literal
    if (literal !== '') parts.push(literalPart(literal))
    parts.push(part)
    ;[literal, text] = ['', text + as]
  }
  for (const { 0: sign, 1: escaped, 2: ofClass, 3: stars, 4: star, 5: any, 6: plain, index } of pattern.matchAll(
    SIGNS,
  )) {
    end = index + sign.length
    if (stars !== undefined && end === pattern.length) add(restPart, '**')
    // moby/patternmatcher: `**end` alone is about every path that ends so, as if another star stood there.
    else if (stars === '**' && index === 0 && !/[\\[*?]/.test(pattern.slice(2))) add(restPart, '**/*')
    else if (stars !== undefined) add(foldersPart, '**/')
    else if (star !== undefined) add(starPart, '*')
    else if (any !== undefined) add(onePart(/[^/]/uy), '?')
    else if (ofClass !== undefined) {
      const expression = classExpression(ofClass)
      if (expression === null) return null
      add(onePart(expression), ofClass)
    } else {
      const itself = escaped ?? plain ?? ''
      literal += itself
      text += [...itself].map((character) => (PLAIN.test(character) ? character : `\\${character}`)).join('')
    }
  }
  if (end !== pattern.length) return null
  if (parts.length === 0) return { text, matches: (path) => path === literal }
  const endsWith = literal
  parts.push(literalPart(endsWith))
  const matches = (path: string) =>
    path.startsWith(startsWith) &&
    path.endsWith(endsWith) &&
    parts.reduce<readonly number[]>((from, part) => part(path, from), [0]).includes(path.length)
  return { text, matches }
}

const literalPart =
  (literal: string): Part =>
  (path, from) =>
    from.flatMap((at) => (path.startsWith(literal, at) ? [at + literal.length] : []))

const onePart =
  (expression: RegExp): Part =>
  (path, from) =>
    from.flatMap((at) => {
      expression.lastIndex = at
      return expression.test(path) ? [expression.lastIndex] : []
    })

/** `*`: as far as the next slash. */
const starPart: Part = (path, from) => reached(path, from, (at) => path[at] !== '/')

/** Two stars at the end: whatever comes. */
const restPart: Part = (path, from) => reached(path, from, () => true)

/** Two stars and a slash: nothing, or any folders. */
const foldersPart: Part = (path, from) => {
  const [first, ...others] = from
  if (first === undefined) return []
  const starts = new Set([first, ...others])
  for (let slash = path.indexOf('/', first); slash >= 0; slash = path.indexOf('/', slash + 1)) starts.add(slash + 1)
  return [...starts].toSorted((a, b) => a - b)
}

/** Each offset, and those behind it that are got to over signs that may be passed. */
function reached(path: string, from: readonly number[], mayPass: (at: number) => boolean): readonly number[] {
  const offsets: number[] = []
  for (const start of from) {
    if (start <= (offsets.at(-1) ?? -1)) continue
    offsets.push(start)
    for (let at = start; at < path.length && mayPass(at); at++) offsets.push(at + 1)
  }
  return offsets
}

/** @returns null for a range that goes backwards */
function classExpression(text: string): RegExp | null {
  try {
    return new RegExp(text, 'uy')
  } catch {
    return null
  }
}
