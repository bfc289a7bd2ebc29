import type { BroughtBack } from '../domain/by-hand.ts'
import { NotReady, type Whose } from '../domain/errors.ts'
import { judge } from '../domain/health.ts'
import type { PreviewKey } from '../domain/key.ts'
import type { Observed } from '../domain/plan.ts'
import { type Preview, urlsOf } from '../domain/preview.ts'
import type { Status } from '../domain/status.ts'
import type { Step } from '../domain/step.ts'
import type { Clock, Hosts, PreviewBranch, Pulls, RunLog } from '../ports.ts'
import { type EvidencePorts, evidenceOf, unsteadiness } from './evidence.ts'
import type { Nudges } from './nudges.ts'
import { placeOf } from './place.ts'
import { reportFor } from './report.ts'
import type { Settings } from './settings.ts'
import { beginStep, stepOf } from './steps.ts'

export interface WatchPorts extends EvidencePorts {
  readonly pulls: Pulls
  readonly branch: PreviewBranch
  readonly hosts: Hosts
  readonly nudges: Nudges
  /** What somebody else said, made fit for people: one bounded line, without secrets. */
  readonly tellable: (text: string) => string
}

/**
 * The watch tells of changes; this is for what it can't tell: the deadline, and hosts. The longer it has taken, the
 * longer it is left alone: each look asks GitHub too.
 */
const SYNC_POLL = { shareOfWait: 1 / 4, minMs: 5_000, maxMs: 30_000 }
const HOSTS_POLL = { shareOfWait: 1 / 8, minMs: 1_000, maxMs: 15_000 }
/** How much of the log a failure brings along. */
export const TAIL_LINES = 20

/**
 * One look at a revision that is in the folder.
 * @param back where it is there although the pull request has ended
 * @returns that it is live, or failed, after the pull request was told so; or 'nothing' where it was told before
 * @throws {NotReady} neither yet
 */
export async function watch(
  key: PreviewKey,
  { pull, told, folder, application }: Observed,
  preview: Preview,
  run: RunLog,
  { pulls, branch, hosts, resources, clock, nudges, tellable }: WatchPorts,
  settings: Settings,
  back: BroughtBack | null,
  signal: AbortSignal,
): Promise<Status | 'nothing'> {
  const { committedAtMs } = told.committed ?? { committedAtMs: clock.now() }
  const written = { commit: told.committed?.commit ?? folder.commit, committedAtMs, tree: folder.tree }
  const tell = async (status: Status) => {
    await pulls.report(pull, reportFor(status, key, pull, preview, run, settings), signal)
    return status
  }
  const settleOlder = () =>
    pulls.settle(
      pull,
      reportFor({ kind: 'superseded', by: pull.head }, key, pull, null, null, settings),
      'deployments',
      signal,
    )
  const fail = async (step: Step, said: string, whose: Whose = 'author'): Promise<Status | 'nothing'> => {
    if (told.state === 'failed') return 'nothing'
    const reason = tellable(said)
    run.write(said)
    endStep(run, step, clock, 'failed', '')
    const tail = run.tail(TAIL_LINES)
    return tell({
      kind: 'failed',
      step,
      reason,
      whose,
      tail,
      committed: written,
      back,
      lastGood: null,
    })
  }
  const wait = async (status: Status, reason: string, afterMs: number): Promise<never> => {
    // Told that it failed, and not live since: only a change of the Application is worth another look.
    if (told.state === 'failed') throw new NotReady(reason, Number.POSITIVE_INFINITY)
    await tell(status)
    throw new NotReady(reason, afterMs)
  }
  const waitedMs = clock.now() - committedAtMs
  const isLate = waitedMs >= settings.deadlineMs
  const pollMs = ({ shareOfWait, minMs, maxMs }: typeof SYNC_POLL) =>
    Math.min(Math.max(minMs, Math.min(waitedMs * shareOfWait, maxMs)), settings.deadlineMs - waitedMs)
  const begin = (step: Step) => {
    // What was told to have failed has its steps told, too.
    if (told.state !== 'failed') beginStep(run, step, clock)
  }

  begin('sync')
  const place = await placeOf(application, folder, branch, signal)
  const expected = { ...place, committedAtMs }
  const verdict = judge(application, expected)
  const isSeen = place.syncedHere && application?.isDeleting === false
  if (isSeen) nudges.over(key)
  const evidence =
    application === null || told.state === 'failed'
      ? null
      : await evidenceOf(application, verdict, expected, isLate, run, { resources, clock }, settings, signal)
  if (verdict.kind === 'failed') return fail('sync', evidence?.sentence ?? `${verdict.object}: ${verdict.reason}`)
  if (verdict.kind === 'progressing') {
    if (evidence?.isCertain === true) return fail('sync', evidence.sentence)
    if (isLate)
      return fail(
        'sync',
        `Not live ${minutes(settings.deadlineMs)} after the commit: waiting for ${verdict.waitingFor}.${evidence === null ? '' : ` ${evidence.sentence}`}`,
        // That Argo CD does not even take up the folder is nothing that a pull request can do.
        application === null ? 'operator' : 'author',
      )
    const isAsked = !isSeen && told.state !== 'failed'
    const nudgeInMs = isAsked ? nudges.unseen(key, folder.path, application) : Number.POSITIVE_INFINITY
    return wait(
      { kind: 'syncing', ...written, waitingFor: 'Argo CD', back },
      `waiting for ${verdict.waitingFor}`,
      Math.min(pollMs(SYNC_POLL), nudgeInMs),
    )
  }
  const unsteady = application === null ? null : await unsteadiness(application, { resources, clock }, signal)
  if (unsteady !== null) {
    if (told.state !== 'failed') await tell({ kind: 'syncing', ...written, waitingFor: 'Argo CD', back })
    // The Application changes no more where the pod does stay up.
    throw new NotReady(`waiting for ${unsteady.waitingFor}`, unsteady.remainingMs)
  }
  endStep(run, 'sync', clock, 'done', application?.name ?? '')

  begin('resolve')
  const urls = urlsOf(preview)
  const faults = (await Promise.all(urls.map((url) => hosts.fault(url, signal)))).filter((fault) => fault !== null)
  if (faults[0] !== undefined) {
    if (isLate)
      return fail('resolve', `Not answering ${minutes(settings.deadlineMs)} after the commit: ${faults.join('; ')}`)
    return wait({ kind: 'syncing', ...written, waitingFor: 'its hosts to answer', back }, faults[0], pollMs(HOSTS_POLL))
  }
  endStep(run, 'resolve', clock, 'done', urls.length === 0 ? 'no hosts' : urls.join(', '))
  await settleOlder()
  return tell({ kind: 'live', ...written, back })
}

function endStep(run: RunLog, step: Step, clock: Clock, outcome: 'done' | 'failed', note: string): void {
  if (stepOf(run, step)?.outcome === 'running') run.end(step, clock.now(), outcome, note)
}

const minutes = (ms: number): string => (ms % 60_000 === 0 ? `${ms / 60_000} min` : `${Math.round(ms / 1000)} s`)
