import type { Told, Written } from './report.ts'

/** What a Check run remembers for WeStage: an HTML comment at the end of its summary, which GitHub does not show. */
export type Memo = Omit<Told, 'isAskedAgain'>

/** What is remembered where there is no Check run. */
export const NOTHING_TOLD: Memo = { state: 'none', committed: null, heldAt: null, keptUntilMs: null, run: '' }

const MEMO = /<!-- westage (\{[^\n]*\}) -->\s*$/
const STATES: readonly string[] = [
  'none',
  'running',
  'redoing',
  'live',
  'failed',
  'superseded',
  'held',
  'refused',
  'removed',
]

/** The comment to end a summary with. All of it is our own, so that nothing in it can close the comment. */
export function memoText({ state, committed, heldAt, keptUntilMs, run }: Memo): string {
  const held = heldAt === null ? {} : { heldAt }
  const kept = keptUntilMs === null ? {} : { keptUntilMs }
  return `<!-- westage ${JSON.stringify({ state, run, ...committed, ...held, ...kept })} -->`
}

/** The memo at the end of a summary, or null where there is none that can be read (edited, or not ours). */
export function parseMemo(summary: string): Memo | null {
  const json = MEMO.exec(summary)?.[1]
  if (json === undefined) return null
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    return null
  }
  if (!isRecord(value)) return null
  const { state, run, heldAt, keptUntilMs } = value
  if (typeof state !== 'string' || !isState(state)) return null
  return {
    state,
    committed: writtenOf(value),
    heldAt: isRecord(heldAt) && isTree(heldAt.tree) ? { tree: heldAt.tree } : null,
    keptUntilMs: typeof keptUntilMs === 'number' ? keptUntilMs : null,
    run: typeof run === 'string' ? run : '',
  }
}

/** Null too where an older WeStage did not say which tree it wrote: nothing can be told apart from it. */
function writtenOf({ commit, committedAtMs, tree }: Record<string, unknown>): Written | null {
  return typeof commit === 'string' && typeof committedAtMs === 'number' && isTree(tree)
    ? { commit, committedAtMs, tree }
    : null
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
const isTree = (value: unknown): value is string | null => value === null || typeof value === 'string'
const isState = (text: string): text is Memo['state'] => STATES.includes(text)
