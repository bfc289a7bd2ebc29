/** Patterns for paths of a repo, compared without regular expressions: authors write them, and none may take long. */

/**
 * Whether a pattern names the path or a folder that it is in. In a name `*` stands for any signs and `?` for one; a name
 * `**` stands for any number of folders, none too; `.` is the whole repo.
 */
export function isWithinPattern(pattern: string, path: string): boolean {
  if (pattern === '.') return true
  // What is below a folder that matches, matches: as if every pattern ended in any number of names.
  return isMatch([...namesOf(pattern), ANY], namesOf(path), (name) => name === ANY, isNameMatch)
}

const ANY = '**'
const namesOf = (path: string): readonly string[] => path.split('/').filter((name) => name !== '' && name !== '.')

const isNameMatch = (pattern: string, name: string): boolean =>
  isMatch(
    [...pattern],
    [...name],
    (sign) => sign === '*',
    (wanted, sign) => wanted === '?' || wanted === sign,
  )

/**
 * Of two stars only the last one ever has to take more, so that nothing is tried twice: at most pattern times text.
 * @param isStar whether a part of the pattern stands for any number of parts of the text
 */
function isMatch(
  pattern: readonly string[],
  text: readonly string[],
  isStar: (part: string) => boolean,
  isOne: (part: string, of: string) => boolean,
): boolean {
  let [at, inText] = [0, 0]
  let star: { readonly at: number; inText: number } | null = null
  while (inText < text.length) {
    const [part, of] = [pattern[at], text[inText] ?? '']
    if (part !== undefined && isStar(part)) {
      star = { at, inText }
      at++
    } else if (part !== undefined && isOne(part, of)) {
      at++
      inText++
    } else if (star !== null) {
      star.inText++
      at = star.at + 1
      inText = star.inText
    } else return false
  }
  return pattern.slice(at).every(isStar)
}
