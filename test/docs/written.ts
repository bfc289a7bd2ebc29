/** What is written in this repo's Markdown: its tables, links and code, as marked reads them. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { lexer, type Token, type Tokens, walkTokens } from 'marked'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const NOT_OURS = new Set(['node_modules', 'dist', 'data', '.git'])

/** Every Markdown file below the root, by its path from there. */
export const markdownFiles: readonly string[] = filesBelow(ROOT).filter((path) => path.endsWith('.md'))

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (NOT_OURS.has(entry.name)) return []
    const path = join(folder, entry.name)
    return entry.isDirectory() ? filesBelow(path) : [relative(ROOT, path)]
  })
}

export const textOf = (file: string): string => readFileSync(join(ROOT, file), 'utf8')

function tokensOf(file: string): Token[] {
  const found: Token[] = []
  // It gives what the callback gives, so that one that waits can be waited for; this one does not.
  void walkTokens(lexer(textOf(file)), (token) => {
    found.push(token)
  })
  return found
}

const isTable = (token: Token): token is Tokens.Table => token.type === 'table'
const isCode = (token: Token): token is Tokens.Code => token.type === 'code'
const isLink = (token: Token): token is Tokens.Link | Tokens.Image => token.type === 'link' || token.type === 'image'
const isHeading = (token: Token): token is Tokens.Heading => token.type === 'heading'

/** The rows of the one table of a file whose header is this, each cell without the marks of code around it. */
export function rowsOf(file: string, ...header: readonly string[]): readonly (readonly string[])[] {
  const tables = tokensOf(file).filter(isTable)
  const [table, ...more] = tables.filter((each) => each.header.map(({ text }) => text).join() === header.join())
  if (table === undefined || more.length > 0) throw new Error(`${file} has no single table of ${header.join(', ')}`)
  return table.rows.map((row) => row.map(({ text }) => text.replace(/^`([^`]*)`$/, '$1')))
}

/** The code blocks of a language. */
export const codeIn = (file: string, language: string): readonly string[] =>
  tokensOf(file)
    .filter(isCode)
    .filter(({ lang }) => lang === language)
    .map(({ text }) => text)

/** Where a file leads to: links, and images in Markdown and in HTML. */
export function linksIn(file: string): readonly string[] {
  const tokens = tokensOf(file)
  const html = tokens.filter(({ type }) => type === 'html').map(({ raw }) => raw)
  const images = html.flatMap((raw) => [...raw.matchAll(/\bsrc="([^"]*)"/g)].map(([, src = '']) => src))
  return [...tokens.filter(isLink).map(({ href }) => href), ...images]
}

/** The anchors that GitHub gives a file's headings: small letters, no punctuation, dashes for spaces. */
export const anchorsIn = (file: string): readonly string[] =>
  tokensOf(file)
    .filter(isHeading)
    .map(({ text }) =>
      text
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-'),
    )
