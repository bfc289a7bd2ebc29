/**
 * Traefik: Rules and priority. Matchers such as Host(`a`, `b`), joined by && and ||, turned around by !, in parentheses;
 * texts in back quotes or double quotes. Names of matchers count in any case, as Traefik takes them.
 */
import { Terminal } from '../../domain/errors.ts'

interface Argument {
  readonly value: string
  readonly start: number
  readonly end: number
}

/** A part of a rule and where it stands in the text. */
export type Rule = { readonly start: number; readonly end: number } & (
  | { readonly kind: 'matcher'; readonly name: string; readonly args: readonly Argument[] }
  | { readonly kind: 'and'; readonly parts: readonly Rule[] }
  | { readonly kind: 'or'; readonly parts: readonly Rule[] }
  | { readonly kind: 'not'; readonly part: Rule }
  | { readonly kind: 'group'; readonly part: Rule }
)

const TOKEN = /\s*(?:(&&|\|\||[!(),])|([A-Za-z]+)|`([^`]*)`|"((?:[^"\\\n]|\\["\\])*)")/y
/** A rule is read by functions that call themselves: nobody writes one as deep as this. */
const DEPTH_MAX = 100

interface Token {
  readonly text: string
  readonly kind: 'sign' | 'name' | 'text' | 'end'
  readonly start: number
  readonly end: number
}

/** A rule read. @throws {Terminal} what is no rule, saying where */
export function parseRule(text: string, where: string): Rule {
  const tokens = tokensOf(text, where)
  let at = 0
  const peek = (): Token => tokens[at] ?? { text: 'the end', kind: 'end', start: text.length, end: text.length }
  const isSign = (sign: string) => peek().kind === 'sign' && peek().text === sign
  const take = (): Token => {
    const token = peek()
    at++
    return token
  }
  const expect = (sign: string): Token => {
    if (isSign(sign)) return take()
    throw unreadable(text, peek().start, where)
  }
  const chain = (kind: 'and' | 'or', sign: string, next: (depth: number) => Rule, depth: number): Rule => {
    const first = next(depth)
    const parts = [first]
    while (isSign(sign)) {
      take()
      parts.push(next(depth))
    }
    return parts.length === 1 ? first : { kind, parts, start: first.start, end: parts.at(-1)?.end ?? first.end }
  }
  const either = (depth: number): Rule => chain('or', '||', both, depth)
  const both = (depth: number): Rule => chain('and', '&&', single, depth)
  const single = (depth: number): Rule => {
    if (depth > DEPTH_MAX) throw new Terminal(`${where}: the rule is nested too deeply`)
    const { start, kind, text: name } = peek()
    if (isSign('!')) {
      take()
      const part = single(depth + 1)
      return { kind: 'not', part, start, end: part.end }
    }
    if (isSign('(')) {
      take()
      const part = either(depth + 1)
      return { kind: 'group', part, start, end: expect(')').end }
    }
    if (kind !== 'name') throw unreadable(text, start, where)
    take()
    expect('(')
    const args: Argument[] = []
    while (peek().kind === 'text') {
      const { text: value, start: from, end } = take()
      args.push({ value, start: from, end })
      if (!isSign(',')) break
      take()
    }
    return { kind: 'matcher', name, args, start, end: expect(')').end }
  }
  const rule = either(0)
  if (peek().kind !== 'end') throw unreadable(text, peek().start, where)
  return rule
}

/** Every matcher of a rule, and whether an odd number of ! stands before it. */
export function matchersOf(
  rule: Rule,
  isTurned = false,
): readonly (Extract<Rule, { kind: 'matcher' }> & { isTurned: boolean })[] {
  if (rule.kind === 'matcher') return [{ ...rule, isTurned }]
  if (rule.kind === 'not') return matchersOf(rule.part, !isTurned)
  if (rule.kind === 'group') return matchersOf(rule.part, isTurned)
  return rule.parts.flatMap((part) => matchersOf(part, isTurned))
}

/** Whether a rule holds for nothing but hosts that it names, whichever of its alternatives it is. */
export function namesItsHosts(rule: Rule): boolean {
  if (rule.kind === 'and') return rule.parts.some(namesItsHosts)
  if (rule.kind === 'or') return rule.parts.every(namesItsHosts)
  if (rule.kind === 'group') return namesItsHosts(rule.part)
  return rule.kind === 'matcher' && /^host/i.test(rule.name) && rule.args.length > 0
}

/**
 * The text of a rule with some of its matchers changed; all else stays letter by letter. A matcher that goes (null)
 * takes along what it is joined to by &&; what it was an alternative to stays.
 * @returns null where nothing is left
 */
export function rewriteRule(
  text: string,
  rule: Rule,
  change: (matcher: Extract<Rule, { kind: 'matcher' }>) => string | null,
): string | null {
  if (rule.kind === 'matcher') return change(rule)
  if (rule.kind === 'not' || rule.kind === 'group') {
    const inner = rewriteRule(text, rule.part, change)
    return inner === null ? null : text.slice(rule.start, rule.part.start) + inner + text.slice(rule.part.end, rule.end)
  }
  const made = rule.parts.map((part) => rewriteRule(text, part, change))
  if (rule.kind === 'and' ? made.includes(null) : made.every((part) => part === null)) return null
  let whole = ''
  for (const [nth, part] of made.entries()) {
    if (part === null) continue
    const [before, here] = [rule.parts[nth - 1], rule.parts[nth]]
    whole +=
      whole === '' || before === undefined || here === undefined ? part : text.slice(before.end, here.start) + part
  }
  return whole
}

function tokensOf(text: string, where: string): readonly Token[] {
  const tokens: Token[] = []
  let at = 0
  while (at < text.trimEnd().length) {
    TOKEN.lastIndex = at
    const found = TOKEN.exec(text)
    if (found === null) throw unreadable(text, at, where)
    const [whole, sign, name, raw, quoted] = found
    const end = at + whole.length
    const start = at + whole.length - whole.trimStart().length
    if (sign !== undefined) tokens.push({ text: sign, kind: 'sign', start, end })
    else if (name !== undefined) tokens.push({ text: name, kind: 'name', start, end })
    else tokens.push({ text: raw ?? (quoted ?? '').replace(/\\(["\\])/g, '$1'), kind: 'text', start, end })
    at = end
  }
  return tokens
}

const unreadable = (text: string, at: number, where: string): Terminal =>
  new Terminal(`${where}: the rule can't be read at ${JSON.stringify(text.slice(at, at + 40) || 'its end')}`)
