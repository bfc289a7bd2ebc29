import { Terminal } from '../../src/domain/errors.ts'
import { keyText, type PreviewKey } from '../../src/domain/key.ts'
import { NOTHING_TOLD, parseMemo } from '../../src/domain/memo.ts'
import type { Ended, Pull } from '../../src/domain/pull.ts'
import type { Report, Told } from '../../src/domain/report.ts'
import type { Clock, Pulls } from '../../src/ports.ts'

interface PullState {
  head: string
  branch: string
  isOpen: boolean
  isMerged: boolean
  isLabelled: boolean
  isFork: boolean
  labelledAtMs: number
  updatedAtMs: number
}

interface CheckState {
  check: Report['check']
  completedAtMs: number | null
  isRerunRequested: boolean
}

/** One repo's pull requests with their Check runs and Deployments, as GitHub keeps them. */
export interface GitHubInMemory extends Pulls {
  open(number: number, head: string, branch?: string): void
  push(number: number, head: string): void
  label(number: number): void
  unlabel(number: number): void
  close(number: number): void
  reopen(number: number): void
  requestRerun(number: number): void
  fork(number: number): void
  /** Every request from now on fails with this, or none with null. */
  fail(error: Error | null): void
  /** The next request of that kind fails. */
  failNext(kind: 'report' | 'settle', error: Error): void
  /** The text of a SHA's Check run. */
  textOf(number: number, sha: string): string
  /** The summary of a SHA's Check run. */
  summaryOf(number: number, sha: string): string
  /** How often a pull request was read by itself. */
  reads(): number
  /** What people see: state of each SHA's Check run and Deployment. */
  shown(): Record<string, { check: string; deployment: string }>
  /** The title of a SHA's Check run. */
  titleOf(number: number, sha: string): string
  /** How many writes there were: nothing may be reported twice. */
  writes(): number
}

export function gitHubInMemory(clock: Clock, repository = { id: 1, name: 'acme/shop' }, app = 'shop'): GitHubInMemory {
  const pulls = new Map<number, PullState>()
  const checks = new Map<string, CheckState>()
  const deployments = new Map<string, { environment: string; sha: string; state: string }>()
  let writes = 0
  let failure: Error | null = null
  let reads = 0
  const nextFailures = new Map<string, Error>()
  const failIfAsked = (kind: 'report' | 'settle') => {
    const error = nextFailures.get(kind)
    nextFailures.delete(kind)
    if (error !== undefined) throw error
  }

  const stateOf = (number: number): PullState => {
    const pull = pulls.get(number)
    if (pull === undefined) throw new Error(`no pull ${number}`)
    return pull
  }
  const touch = (number: number, change: Partial<PullState>) =>
    pulls.set(number, { ...stateOf(number), ...change, updatedAtMs: clock.now() })
  const answer = async (signal: AbortSignal) => {
    await Promise.resolve()
    signal.throwIfAborted()
    if (failure !== null) throw failure
  }
  const endedOf = ({ isOpen, isMerged, isLabelled }: PullState): Ended | null =>
    !isOpen ? (isMerged ? 'merged' : 'closed') : isLabelled ? null : 'unlabelled'
  const idOf = (key: string, sha: string) => `${key}@${sha}`

  function writeCheck(key: string, sha: string, check: Report['check']): void {
    if (check.status === 'completed' && check.conclusion === null) throw new Terminal('completed needs a conclusion')
    const before = checks.get(idOf(key, sha))
    if (before !== undefined && !before.isRerunRequested && JSON.stringify(before.check) === JSON.stringify(check))
      return
    writes++
    const completedAtMs = check.status === 'completed' ? clock.now() : null
    checks.set(idOf(key, sha), { check, completedAtMs, isRerunRequested: false })
  }
  function writeDeployment(environment: string, sha: string, state: string): void {
    const id = `${environment}@${sha}`
    if (deployments.get(id)?.state === state) return
    writes++
    deployments.set(id, { environment, sha, state })
  }

  return {
    open: (number, head, branch = `branch-${number}`) =>
      pulls.set(number, {
        head,
        branch,
        isOpen: true,
        isMerged: false,
        isLabelled: false,
        isFork: false,
        labelledAtMs: 0,
        updatedAtMs: clock.now(),
      }),
    push: (number, head) => touch(number, { head }),
    label: (number) => touch(number, stateOf(number).isLabelled ? {} : { isLabelled: true, labelledAtMs: clock.now() }),
    unlabel: (number) => touch(number, { isLabelled: false }),
    close: (number) => touch(number, { isOpen: false }),
    reopen: (number) => touch(number, { isOpen: true }),
    fork: (number) => touch(number, { isFork: true }),
    requestRerun(number) {
      const { head } = stateOf(number)
      const id = idOf(keyText({ repositoryId: repository.id, pull: number, app }), head)
      const state = checks.get(id)
      if (state?.completedAtMs != null) checks.set(id, { ...state, isRerunRequested: true })
    },
    fail(error) {
      failure = error
    },
    failNext: (kind, error) => void nextFailures.set(kind, error),
    reads: () => reads,
    writes: () => writes,
    titleOf: (number, sha) =>
      checks.get(idOf(keyText({ repositoryId: repository.id, pull: number, app }), sha))?.check.title ?? '',
    summaryOf: (number, sha) =>
      checks.get(idOf(keyText({ repositoryId: repository.id, pull: number, app }), sha))?.check.summary ?? '',
    textOf: (number, sha) =>
      checks.get(idOf(keyText({ repositoryId: repository.id, pull: number, app }), sha))?.check.text ?? '',
    shown() {
      const shown: Record<string, { check: string; deployment: string }> = {}
      for (const [id, { check }] of checks) {
        const [key = '', sha = ''] = id.split('@')
        const pull = key.split('/')[1] ?? ''
        shown[`#${pull} ${sha}`] = {
          check: check.status === 'completed' ? (parseMemo(check.summary)?.state ?? '?') : 'running',
          deployment: deployments.get(`westage/${app}/pr-${pull}@${sha}`)?.state ?? 'none',
        }
      }
      return shown
    },

    async read(key: PreviewKey, signal): Promise<Pull> {
      reads++
      await answer(signal)
      const state = pulls.get(key.pull)
      const base = {
        repository,
        number: key.pull,
        url: `https://github.test/acme/shop/pull/${key.pull}`,
        author: 'dev-1',
      }
      if (key.repositoryId !== repository.id || state === undefined) {
        return { ...base, branch: '', head: '', isFork: false, ended: 'gone' }
      }
      return { ...base, branch: state.branch, head: state.head, isFork: state.isFork, ended: endedOf(state) }
    },
    async told(key, pull, environment, signal): Promise<Told> {
      await answer(signal)
      const found = checks.get(idOf(keyText(key), pull.head))
      const memo = found === undefined ? null : parseMemo(found.check.summary)
      const isActive = [...deployments.values()].some(
        (one) => one.environment === environment && one.state !== 'inactive',
      )
      const state = memo?.state ?? 'none'
      const told = { ...(memo ?? NOTHING_TOLD), isAskedAgain: false }
      if (pull.ended !== null) {
        return isActive && (state === 'none' || state === 'removed') ? { ...told, state: 'running' } : told
      }
      const isStuck = state === 'failed' || state === 'held'
      if (found?.completedAtMs == null || (!isStuck && state !== 'live')) return told
      const isLabelledAgain = isStuck && stateOf(key.pull).labelledAtMs > found.completedAtMs
      return { ...told, isAskedAgain: found.isRerunRequested || isLabelledAgain }
    },
    async report(pull, report, signal) {
      await answer(signal)
      failIfAsked('report')
      const { deployment, check } = report
      if (deployment !== null && deployment.description.length > 140) throw new Terminal('description is too long')
      const deploy = () => deployment !== null && writeDeployment(deployment.environment, pull.head, deployment.state)
      const isEnd = deployment?.state === 'inactive'
      if (!isEnd) deploy()
      await answer(signal)
      writeCheck(report.key, pull.head, check)
      await answer(signal)
      if (isEnd) deploy()
    },
    async settle(pull, closing, which, signal) {
      await answer(signal)
      failIfAsked('settle')
      const environment = closing.deployment?.environment ?? ''
      for (const [id, { check }] of checks) {
        const [key = '', sha = ''] = id.split('@')
        if (key === closing.key && sha !== pull.head && check.status !== 'completed') {
          writeCheck(key, sha, closing.check)
          await answer(signal)
          writeDeployment(environment, sha, 'inactive')
        }
      }
      for (const one of deployments.values()) {
        const isUnderWay = one.state === 'queued' || one.state === 'in_progress'
        const isMeant = one.sha !== pull.head && (which === 'deployments' || isUnderWay)
        if (one.environment === environment && isMeant) writeDeployment(environment, one.sha, 'inactive')
      }
    },
    async list(sinceMs, signal) {
      await answer(signal)
      return {
        pulls: [...pulls]
          .filter(([, { isOpen, updatedAtMs }]) => isOpen || updatedAtMs >= sinceMs)
          .map(([number, { head, isOpen, isLabelled, updatedAtMs }]) => ({
            repository,
            number,
            head,
            isOpen,
            isLabelled,
            updatedAtMs,
          })),
        unread: [],
        cost: { requests: 1, notModified: 0, remaining: 5000 },
      }
    },
  }
}
