import { constructFromEvents, type Event, parseEvents, YAMLException } from 'js-yaml'
import type { z } from 'zod'
import { type Fault, faultsOf } from './faults.ts'
import { issueWords } from './issue-words.ts'
import { lineAt, type Place, placesOf } from './places.ts'

/** Something wrong in a settings file, and the line that it is wrong in, from 1. */
interface LocatedFault extends Fault {
  readonly line: number
}

export interface ReadSettings<T> {
  /** null where something is wrong. */
  readonly value: T | null
  /** All that is wrong, in the order of the file. */
  readonly faults: readonly LocatedFault[]
  /** The line of a setting, or of the section that it would be in. */
  readonly lineOf: (path: readonly PropertyKey[]) => number
}

/**
 * A file that people write, as its schema reads it: YAML 1.2, one document; an empty one is an empty section.
 * @param maxAliases how many aliases it may have; -1: any number
 */
export function readSettings<T>(text: string, schema: z.ZodType<T>, maxAliases = -1): ReadSettings<T> {
  const parsed = parse(text, maxAliases)
  if ('fault' in parsed) return { value: null, faults: [parsed.fault], lineOf: () => 1 }
  const { document, root, faults } = parsed
  const lineOf = (path: readonly PropertyKey[]) => lineAt(root, path)
  const read = schema.safeParse(document ?? {}, { error: issueWords })
  const wrong = read.success ? [] : faultsOf(read.error, schema, document ?? {})
  const all = [...faults, ...wrong.map((fault) => ({ ...fault, line: lineOf(fault.path) }))]
  const inOrder = all.toSorted((one, other) => one.line - other.line)
  return { value: read.success && all.length === 0 ? read.data : null, faults: inOrder, lineOf }
}

type Parsed =
  | { readonly fault: LocatedFault }
  | { readonly document: unknown; readonly root: Place; readonly faults: readonly LocatedFault[] }

function parse(text: string, maxAliases: number): Parsed {
  try {
    const events: Event[] = parseEvents(text, {})
    const { roots, twins } = placesOf(text, events)
    const [root = { line: 1, entries: new Map(), items: [] }, second] = roots
    if (second !== undefined) return { fault: { line: second.line, path: [], words: 'has more than one document' } }
    // Keys that are there twice are told with all that is wrong, instead of ending the reading.
    const [document] = constructFromEvents(events, { source: text, maxAliases, json: true })
    const faults = twins.map(({ path, line, firstLine }) => ({
      line,
      path,
      words: `is there twice, first in line ${firstLine}`,
    }))
    return { document, root, faults }
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error
    const { reason, mark } = error
    return {
      fault: {
        line: (mark?.line ?? 0) + 1,
        path: [],
        words: `can't be read as YAML: ${reason.length > 300 ? `${reason.slice(0, 300)}…` : reason}`,
      },
    }
  }
}
