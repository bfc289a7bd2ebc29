/** What tools and people wrote, made fit to stand in a pull request. */

/** A sentence from a tool or a person, as inert text of one line: no markup, no mention of anybody, no end of comment. */
export const inline = (text: string): string =>
  oneLine(text)
    .replace(/[\\`*_{}[\]<>#|~]/g, (character) => `\\${character}`)
    .replace(/@(?=\w)/g, '@\u200b')

export const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ').trim()

/** Never between the halves of one character. */
export const cut = (text: string, max: number): string =>
  text.length <= max ? text : `${text.slice(0, max - 1).replace(/[\uD800-\uDBFF]$/, '')}…`

/** A commit's id as people read it. */
export const short = (sha: string): string => sha.slice(0, 7)
