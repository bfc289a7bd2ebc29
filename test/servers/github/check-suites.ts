/** How a Check suite follows from its runs. GitHub: REST, Check suites. */
import type { Repository } from './repository.ts'
import type { CheckRun, CheckSuite, State } from './state.ts'

/** The first of these that a latest run has is the suite's. */
const PRECEDENCE = [
  'failure',
  'startup_failure',
  'timed_out',
  'cancelled',
  'action_required',
  'stale',
  'success',
  'neutral',
  'skipped',
]

/** The latest run of each name. */
export function runsOf(suite: CheckSuite, state: State): CheckRun[] {
  const latest = new Map<string, CheckRun>()
  for (const run of state.checkRuns.values()) if (run.suiteId === suite.id) latest.set(run.name, run)
  return [...latest.values()]
}

export function statusOf(suite: CheckSuite, state: State): string {
  const runs = runsOf(suite, state)
  if (suite.isRerequested || runs.every(({ status }) => status === 'queued')) return 'queued'
  return runs.every(({ status }) => status === 'completed') ? 'completed' : 'in_progress'
}

export function conclusionOf(suite: CheckSuite, state: State): string | null {
  if (statusOf(suite, state) !== 'completed') return null
  const conclusions = runsOf(suite, state).map(({ conclusion }) => conclusion)
  return PRECEDENCE.find((conclusion) => conclusions.includes(conclusion)) ?? null
}

/** The App's suite at a commit; GitHub makes one with the push, or with the first run. */
export function suiteAt(
  state: State,
  repository: Repository,
  appId: number,
  sha: string,
): { suite: CheckSuite; isNew: boolean } {
  for (const suite of state.checkSuites.values())
    if (suite.repositoryId === repository.id && suite.appId === appId && suite.headSha === sha)
      return { suite, isNew: false }
  const atMs = state.now()
  const suite: CheckSuite = {
    id: state.nextId(),
    repositoryId: repository.id,
    appId,
    headSha: sha,
    headBranch: [...repository.branches].find(([, head]) => head === sha)?.[0] ?? null,
    before: repository.commits.get(sha)?.parents[0] ?? null,
    isRerequested: false,
    createdAtMs: atMs,
    updatedAtMs: atMs,
  }
  state.checkSuites.set(suite.id, suite)
  return { suite, isNew: true }
}
