/**
 * The patterns of a .dockerignore. Docker, "Build context", ".dockerignore files"; moby/patternmatcher where that page says
 * nothing.
 */
import { globOf } from './ignore-glob.ts'

export interface IgnorePattern {
  /** `!`: what an earlier pattern left out is in after all. */
  readonly isException: boolean
  /** A line of an ignore file that docker and buildah read alike. */
  readonly line: string
  /** Whether it names this path below the context. */
  readonly names: (path: string) => boolean
}

/** Go, bufio.Scanner: no line is longer. */
const LINE_MAX_CHARACTERS = 64 * 1024

/** Go, unicode.IsSpace. */
const SPACE = '[\\t\\n\\v\\f\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+'
const AROUND = new RegExp(`^${SPACE}|${SPACE}$`, 'g')

/** @returns null where a line is one that builders refuse, or may read in another way than is read here */
export function parseIgnoreFile(text: string): readonly IgnorePattern[] | null {
  const patterns: IgnorePattern[] = []
  for (const line of text.replace(/^\ufeff/, '').split('\n')) {
    if (line.length >= LINE_MAX_CHARACTERS) return null
    const trimmed = line.replace(AROUND, '')
    if (line.startsWith('#') || trimmed === '') continue
    const isException = trimmed.startsWith('!')
    const path = cleaned(isException ? trimmed.slice(1).replace(AROUND, '') : trimmed)
    // These name no file of a context; as an exception, the first is refused.
    if (path === '.' || (path === '/' && !isException)) continue
    const pattern = path.replace(/^\//, '')
    // docker reads what came of it once more, `!` included, and takes these for something else than they say.
    const isOther = isException ? pattern.startsWith('..') : pattern.startsWith('!')
    const glob = isOther || pattern.replace(AROUND, '') !== pattern ? null : globOf(pattern)
    if (glob === null) return null
    patterns.push({ isException, line: `${isException ? '!' : ''}${glob.text}`, names: glob.matches })
  }
  return patterns
}

/** Go, filepath.Clean; but '' stays, which no pattern may be. */
function cleaned(path: string): string {
  const root = path.startsWith('/') ? '/' : ''
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.length > 0 && parts.at(-1) !== '..') parts.pop()
    else if (root === '') parts.push(part)
  }
  return path === '' ? '' : root + parts.join('/') || '.'
}
