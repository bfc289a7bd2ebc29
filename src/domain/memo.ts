import type { Told } from './report.ts'

/** What a Check run remembers for WeStage: an HTML comment at the end of its summary, which GitHub does not show. */
export type Memo = Omit<Told, 'isAskedAgain'>

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

/** The comment to end a summary with. `run` is our own id, so that nothing in it can close the comment. */
export function memoText({ state, committed, run }: Memo): string {
  return `<!-- westage ${JSON.stringify({ state, run, ...committed })} -->`
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
  if (typeof value !== 'object' || value === null) return null
  const { state, run, commit, committedAtMs } = value as Record<string, unknown>
  if (typeof state !== 'string' || !isState(state)) return null
  return {
    state,
    run: typeof run === 'string' ? run : '',
    committed: typeof commit === 'string' && typeof committedAtMs === 'number' ? { commit, committedAtMs } : null,
  }
}

const isState = (text: string): text is Memo['state'] => STATES.includes(text)
