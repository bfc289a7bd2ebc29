import type { z } from 'zod'
import { keysAt } from './keys-at.ts'
import { nearestOf } from './nearest.ts'

/** What is wrong with a setting. */
export interface Fault {
  readonly path: readonly PropertyKey[]
  readonly words: string
}

type Issue = z.core.$ZodIssue

/** What a schema says is wrong with `document`, with the nearest right key where there is no such setting. */
export const faultsOf = (error: z.ZodError, schema: z.ZodType, document: unknown): readonly Fault[] =>
  error.issues
    .flatMap((issue) => faultsIn(issue, [], schema))
    // A schema's own words for a wrong value would puzzle where there is none.
    .map((fault) => (isThere(document, fault.path) ? fault : { ...fault, words: 'is missing' }))

const isThere = (document: unknown, path: readonly PropertyKey[]): boolean => {
  const [step, ...rest] = path
  if (step === undefined) return document !== undefined
  if (typeof document !== 'object' || document === null || !Object.hasOwn(document, step)) return false
  return isThere(Object.getOwnPropertyDescriptor(document, step)?.value, rest)
}

function faultsIn(issue: Issue, above: readonly PropertyKey[], schema: z.ZodType): readonly Fault[] {
  const path = [...above, ...issue.path]
  switch (issue.code) {
    case 'unrecognized_keys': {
      const keys = keysAt(schema, path)
      return issue.keys.map((key) => ({ path: [...path, key], words: unknownWords(path, nearestOf(key, keys)) }))
    }
    case 'invalid_key':
      return [{ path, words: issue.issues[0]?.message ?? issue.message }]
    case 'invalid_union': {
      const meant = issue.errors.find((issues) => issues.length > 0 && issues.every(isInside))
      return meant?.flatMap((each) => faultsIn(each, path, schema)) ?? [{ path, words: issue.message }]
    }
    default:
      return [{ path, words: issue.message }]
  }
}

/** Whether what is wrong is something inside of a value that is of the right kind. */
const isInside = ({ path, code }: Issue): boolean => path.length > 0 || code === 'unrecognized_keys'

const unknownWords = (path: readonly PropertyKey[], nearest: string | null): string =>
  `is not a setting${nearest === null ? '' : `; did you mean ${pathText([...path, nearest])}?`}`

/** A fault as people read it: `westage.yaml:12: hosts.port: has to be a whole number, and is text`. */
export const faultLine = (file: string, line: number, { path, words }: Fault): string =>
  path.length === 0 ? `${file}:${line}: ${words}` : `${file}:${line}: ${pathText(path)}: ${words}`

/** `apps[0].folder`, `namespace.quota["requests.cpu"]`: nothing of it breaks a line. */
function pathText(path: readonly PropertyKey[]): string {
  const steps = path.map((step) => {
    if (typeof step === 'number') return `[${step}]`
    const key = cut(String(step))
    return /^[A-Za-z_][A-Za-z0-9_-]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`
  })
  return steps.join('').replace(/^\./, '')
}

const cut = (key: string): string =>
  (key.length > 60 ? `${key.slice(0, 60)}…` : key).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?')
