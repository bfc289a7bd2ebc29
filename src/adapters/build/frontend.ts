/** Which program reads a Dockerfile: buildkitd's own, or an image that its `# syntax=` names. */
import { z } from 'zod'
import { Terminal } from '../../domain/errors.ts'
import type { Source } from './source.ts'

/** Docker Hub's image of the frontend that every buildkitd has inside, by all of its names; `-labs` has more in it. */
const BUILT_IN =
  /^(?:(?:docker\.io|index\.docker\.io|registry-1\.docker\.io)\/)?docker\/dockerfile(?::(?![^@]*labs)[^@]*)?(?:@.*)?$/

/**
 * 'built in' also where docker/dockerfile is named, which would be pulled: what buildkitd has inside is that frontend,
 * of its own version.
 * @param allowed images that operators let read Dockerfiles; `*` at the end stands for any
 * @throws {Terminal} (author) another one is named
 */
export function frontendOf({ dockerfile: { name, text } }: Source, allowed: readonly string[]): 'built in' | 'named' {
  const named = syntaxOf(text)
  if (named === null) return 'built in'
  if (allowed.some((one) => isMatch(one, named.image))) return 'named'
  if (BUILT_IN.test(named.image)) return 'built in'
  throw new Terminal(
    `${name}:${named.line}: syntax=${named.image}: this instance builds with BuildKit's own frontend, docker/dockerfile, and with no other`,
  )
}

/** Docker, "Dockerfile reference", syntax: what of Docker's own an engine is let follow, whatever its version. */
const DOCKERS_OWN = /^(?:docker\.io\/)?docker\/dockerfile(?:-upstream)?(?:[:@]\S*)?$/

/** Engines differ in what may stand above it. */
const ANY_SYNTAX = /^[^\w\n]*syntax[^\w\n]+(\S+)/gim

/**
 * Whether it is to be read by a frontend of somebody else, which may do with the context what it likes. A comment that
 * only looks as if it said so counts as one.
 */
export function namesOtherFrontend(dockerfile: string): boolean {
  const named = [...dockerfile.matchAll(ANY_SYNTAX)].map(([, image = '']) => image)
  return [syntaxOf(dockerfile)?.image, ...named].some((image) => image !== undefined && !DOCKERS_OWN.test(image))
}

const isMatch = (pattern: string, image: string): boolean =>
  pattern.endsWith('*') ? image.startsWith(pattern.slice(0, -1)) : image === pattern

interface Syntax {
  readonly image: string
  readonly line: number
}

/** BuildKit, frontend/dockerfile/parser/directives.go, DetectSyntax: in comments of `#` or `//`, or as JSON. */
function syntaxOf(text: string): Syntax | null {
  const bare = text.replace(/^\uFEFF/, '')
  const hasShebang = bare.startsWith('#!')
  const lines = bare.split('\n').slice(hasShebang ? 1 : 0)
  const first = hasShebang ? 2 : 1
  return directiveIn(lines, '#', first) ?? directiveIn(lines, '//', first) ?? syntaxInJson(lines.join('\n'), first)
}

/** Directives stand above all else; the first line that is none ends them. */
function directiveIn(lines: readonly string[], comment: string, first: number): Syntax | null {
  for (const [at, line] of lines.entries()) {
    if (!line.startsWith(comment)) return null
    const [, key = '', value = ''] = /^\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*$/.exec(line.slice(comment.length)) ?? []
    if (key.toLowerCase() === 'syntax') return { image: value.split(' ')[0] ?? '', line: first + at }
    if (!['escape', 'check'].includes(key.toLowerCase())) return null
  }
  return null
}

const JsonSchema = z
  .string()
  .transform((text, context) => {
    try {
      return JSON.parse(text)
    } catch {
      context.addIssue('is no JSON')
      return z.NEVER
    }
  })
  .pipe(z.object({ syntax: z.string() }))

function syntaxInJson(text: string, line: number): Syntax | null {
  const read = JsonSchema.safeParse(text)
  return read.success ? { image: read.data.syntax, line } : null
}
