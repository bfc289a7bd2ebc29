import type { z } from 'zod'
import { nearestOf } from './nearest.ts'

/** In words what is wrong with a value that its schema has no words for itself. */
export function issueWords(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return typeWords(String(issue.expected), issue.input)
    case 'invalid_value':
      return choiceWords(issue.values.map(String), issue.input)
    case 'too_small':
      return `${issue.minimum}` === '1' && issue.origin === 'string'
        ? 'is empty'
        : `has to be ${issue.inclusive === true ? 'at least' : 'more than'} ${issue.minimum}${unitOf(issue.origin)}`
    case 'too_big':
      return `has to be ${issue.inclusive === true ? 'at most' : 'less than'} ${issue.maximum}${unitOf(issue.origin)}`
    default:
      return undefined
  }
}

const EXPECTED: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a section',
  record: 'a section',
}

function typeWords(expected: string, input: unknown): string {
  const wanted = EXPECTED[expected] ?? expected
  const isQuotable = expected === 'string' && (typeof input === 'number' || typeof input === 'boolean')
  return `has to be ${wanted}, and is ${kindOf(input)}${isQuotable ? ': put it in quotes' : ''}`
}

function kindOf(value: unknown): string {
  if (value === null) return 'empty'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'boolean') return 'true or false'
  if (typeof value === 'number') return Number.isInteger(value) ? 'a number' : 'a fraction'
  return typeof value === 'string' ? 'text' : 'a section'
}

/** More are not said one by one. */
const CHOICES_TOLD_MAX = 9

function choiceWords(choices: readonly string[], input: unknown): string {
  const nearest = typeof input === 'string' ? nearestOf(input, choices) : null
  const meant = nearest === null ? '' : `; did you mean ${nearest}?`
  if (choices.length > CHOICES_TOLD_MAX) return `is none of the ${choices.length} that there are${meant}`
  return `is ${choices.length === 2 ? `neither ${choices.join(' nor ')}` : `none of ${choices.join(', ')}`}${meant}`
}

const unitOf = (origin: string): string =>
  origin === 'string' ? ' characters long' : origin === 'array' ? ' in number' : ''
