/** One way through for one key: observe, plan, act, report; and the only catch. */
import { isAnother, isHoldTold } from '../domain/by-hand.ts'
import { backSentence, heldSentence } from '../domain/by-hand-words.ts'
import { NotReady, Terminal } from '../domain/errors.ts'
import { keyText, type PreviewKey } from '../domain/key.ts'
import { type Action, isAwaited, isRedone, type Observed, plan } from '../domain/plan.ts'
import type { Preview } from '../domain/preview.ts'
import type { PreviewView } from '../domain/preview-view.ts'
import type { Pull, RemovalReason } from '../domain/pull.ts'
import type { Told } from '../domain/report.ts'
import type { Status } from '../domain/status.ts'
import type { Applications, PreviewBranch, Runs } from '../ports.ts'
import { type Board, viewOf } from './board.ts'
import { type DeployPorts, deploy } from './deploy.ts'
import { remove, retire } from './end.ts'
import { type HoldPorts, hold } from './hold.ts'
import { keep } from './keep.ts'
import { again, backoffMs, DONE, LAST_RETRY_MS, type Next } from './next.ts'
import { glimpse, observe } from './observe.ts'
import { reportFor } from './report.ts'
import { reservations } from './reservations.ts'
import type { Alive } from './resync.ts'
import { openRuns } from './runs-of.ts'
import type { Settings } from './settings.ts'
import { currentStepOf, isPreparing } from './steps.ts'
import { takeUp } from './take-up.ts'
import { TAIL_LINES, type WatchPorts, watch } from './watch.ts'

export interface ReconcilePorts extends DeployPorts, WatchPorts, HoldPorts {
  readonly applications: Applications
  readonly runs: Runs
  /** The operators' log. */
  readonly log: (level: 'debug' | 'info' | 'warn' | 'error', message: string, fields: Record<string, unknown>) => void
}

export interface Reconciler {
  /**
   * @param failures how often in a row this key has failed before
   * @param outside runs what has to wait for its turn elsewhere, preparing and the push, while something else goes on
   */
  reconcile(
    key: PreviewKey,
    failures: number,
    signal: AbortSignal,
    outside: <T>(wait: () => Promise<T>) => Promise<T>,
  ): Promise<Next>
  /** Whether the run that is under way is for a head that is not the pull request's any more, or for nothing at all. */
  isOutdated(key: PreviewKey, signal: AbortSignal): Promise<boolean>
  /** The keys that had a right to a preview when they were observed last, and what they were seen to be. */
  alive(): readonly Alive[]
  /** Whether a person brought it back after its pull request had ended, and it is not time yet to remove it. */
  isKept(key: PreviewKey): boolean
}

/** How soon after a commit the Application is looked at, where its watch does not say sooner. */
const AFTER_COMMIT_MS = 1_000
const AFTER_REMOVAL_MS = 500

export function reconciler(ports: ReconcilePorts, settings: Settings, board: Board): Reconciler {
  const reserved = reservations()
  const runs = openRuns(ports.runs, ports.clock)
  const alive = new Map<string, Alive>()
  /** The heads beside which nothing is left that other revisions show. */
  const settledBeside = new Map<string, string>()
  /** What someone must change, as the operators' log said it last of each key: said once, not with every webhook. */
  const saidOf = new Map<string, string>()
  /** What the runs that are under way began with. */
  const begunWith = new Map<string, Pull>()
  /** Why folders were removed whose pull requests have not been told so yet: what is there again, a person put there. */
  const removed = new Map<string, RemovalReason>()
  /** What people brought back although its pull request has ended. */
  const kept = new Set<string>()

  async function act(
    action: Action,
    key: PreviewKey,
    seen: Observed,
    own: Pick<DeployPorts, 'branch' | 'prepare'>,
    signal: AbortSignal,
  ): Promise<Next> {
    const { pull, told, folder } = seen
    const committedAtMs = told.committed?.committedAtMs ?? null
    const show = (
      state: PreviewView['state'],
      // A look that finds a failure as it was does not know why it was.
      reason = state === 'failed' ? board.reasonOf(key) : '',
      preview: Preview | null = folder.preview,
      at = committedAtMs,
    ) => board.put(viewOf(key, pull, preview, folder, state, reason, at))
    const tell = async (status: Status) => {
      await ports.pulls.report(pull, reportFor(status, key, pull, folder.preview, null, settings), signal)
      show(status.kind)
      return DONE
    }
    switch (action.kind) {
      case 'deploy': {
        show('preparing')
        settledBeside.delete(keyText(key))
        const { status, preview } = await deploy(key, seen, { ...ports, ...own }, settings, reserved, runs, signal)
        show(status.kind, '', preview, ports.clock.now())
        return again(AFTER_COMMIT_MS)
      }
      case 'watch': {
        if (folder.preview === null) throw new NotReady('the folder went while it was looked at', 0)
        show(told.state === 'failed' ? 'failed' : 'syncing')
        const run = await runs.resume(key, pull, told.run)
        if (told.state === 'held') run.showChanges([])
        const begun = { ...seen, told: watchedAs(seen) }
        const status = await watch(key, begun, folder.preview, run, ports, settings, null, signal)
        if (status !== 'nothing') show(status.kind, status.kind === 'failed' ? status.reason : '')
        if (status !== 'nothing' && status.kind === 'live') settledBeside.set(keyText(key), pull.head)
        await runs.finish(key)
        return DONE
      }
      case 'keep': {
        // What is waited for wakes it.
        if (told.state !== 'live') show(told.state === 'failed' ? 'failed' : 'syncing')
        const { untilMs, told: now } = await keep(
          key,
          seen,
          action.because,
          action.untilMs,
          runs,
          ports,
          settings,
          signal,
        )
        removed.delete(keyText(key))
        alive.delete(keyText(key))
        kept.add(keyText(key))
        const reason = now === null ? board.reasonOf(key) : backSentence(now.back)
        show(now?.status.kind ?? stateOf(told), reason)
        await runs.finish(key)
        return again(untilMs - ports.clock.now())
      }
      case 'remove':
        show('removed')
        await remove(key, seen, action.because, { ...ports, ...own }, settings, signal)
        removed.set(keyText(key), action.because)
        return again(AFTER_REMOVAL_MS)
      case 'retire':
        await retire(key, seen, action.because, ports, settings, signal)
        await forget(key)
        return DONE
      case 'hold': {
        const isTold = isHoldTold(told, folder)
        if (isTold) show('held', board.reasonOf(key))
        else {
          const run = await runs.resume(key, pull, told.run)
          const status = await hold(key, seen, run, ports, settings, signal)
          show('held', heldSentence(status))
        }
        await runs.finish(key)
        const afterMs = await takeUp(key, seen, !isTold, ports, signal)
        return Number.isFinite(afterMs) ? again(afterMs) : DONE
      }
      case 'skip':
        await settleOthers(key, seen, signal)
        board.drop(key)
        await runs.finish(key)
        return DONE
      case 'refuse':
        if (seen.leftOut !== null) await settleOthers(key, seen, signal)
        return tell({ kind: 'refused', reason: action.reason })
      case 'nothing':
        if (pull.ended !== null) await forget(key)
        else {
          await settleOthers(key, seen, signal)
          show(stateOf(told))
        }
        return DONE
      default:
        return action satisfies never
    }
  }

  /** A pull request may be back at a head that it had before: what was begun in between is nobody's any more. */
  async function settleOthers(key: PreviewKey, { pull, told }: Observed, signal: AbortSignal): Promise<void> {
    if (settledBeside.get(keyText(key)) === pull.head) return
    const closing = reportFor({ kind: 'superseded', by: pull.head }, key, pull, null, null, settings)
    await ports.pulls.settle(pull, closing, told.state === 'live' ? 'deployments' : 'checks', signal)
    settledBeside.set(keyText(key), pull.head)
  }

  async function forget(key: PreviewKey): Promise<void> {
    saidOf.delete(keyText(key))
    reserved.release(key)
    alive.delete(keyText(key))
    removed.delete(keyText(key))
    settledBeside.delete(keyText(key))
    ports.nudges.over(key)
    board.drop(key)
    await runs.finish(key)
  }

  /** Says what went wrong, and decides when to come back. */
  async function failed(
    error: unknown,
    key: PreviewKey,
    observed: Observed | null,
    failures: number,
    signal: AbortSignal,
  ): Promise<Next> {
    const fields = { preview: keyText(key), ...(observed === null ? {} : { head: observed.pull.head }) }
    signal.throwIfAborted()
    const run = runs.current(key)
    if (error instanceof NotReady) {
      const reason = ports.tellable(error.message)
      if (run !== null && run.tail(1)[0] !== reason) run.write(reason)
      if (observed !== null && run !== null && isPreparing(run) && isAwaited(observed)) {
        const { pull, folder, told } = observed
        const status: Status = { kind: 'waiting', reason, isRedone: isRedone(told) }
        await ports.pulls.report(pull, reportFor(status, key, pull, folder.preview, run, settings), signal)
        board.put(viewOf(key, pull, folder.preview, folder, 'waiting', reason, null))
      }
      if (Number.isFinite(error.afterMs)) return again(error.afterMs)
      await runs.finish(key)
      const untilMs = observed === null || observed.pull.ended === null ? null : observed.told.keptUntilMs
      return untilMs === null ? DONE : again(Math.max(0, untilMs - ports.clock.now()))
    }
    const retryMs = backoffMs(failures + 1)
    const reason = ports.tellable(reasonOf(error))
    const isSaid = error instanceof Terminal && saidOf.get(keyText(key)) === reason
    if (!isSaid) ports.log(levelOf(error), reason, { ...fields, error })
    saidOf.set(keyText(key), reason)
    const seen = observed ?? (await glimpse(key, ports, settings, signal))
    if (run !== null) for (const line of [reason, ...(error instanceof Terminal ? error.details : [])]) run.write(line)
    if (seen !== null && isAwaited(seen)) {
      const { told } = seen
      const step = run === null ? null : currentStepOf(run)
      const status: Status =
        error instanceof Terminal
          ? {
              kind: 'failed',
              step: step ?? 'fetch',
              reason,
              whose: error.whose,
              // All that a policy refuses is told at once.
              tail: run?.tail(Math.max(TAIL_LINES, error.details.length + 1)) ?? [],
              committed: null,
              lastGood: lastGoodOf(seen),
            }
          : {
              kind: 'retrying',
              step,
              reason,
              afterMs: retryMs,
              isRedone: isRedone(told),
              committed: isRedone(told) ? null : told.committed,
            }
      await ports.pulls.report(seen.pull, reportFor(status, key, seen.pull, seen.folder.preview, run, settings), signal)
      const at = told.committed?.committedAtMs ?? null
      board.put(viewOf(key, seen.pull, seen.folder.preview, seen.folder, status.kind, reason, at))
    }
    if (!(error instanceof Terminal)) return { kind: 'retry', afterMs: retryMs }
    await runs.finish(key)
    // Nobody was told, so nobody can ask for it again.
    return seen !== null && isAwaited(seen) ? DONE : again(LAST_RETRY_MS)
  }

  /** GitHub itself is what fails: there is nobody to tell, and the key comes back. */
  function untoldNext(untold: unknown, error: unknown, key: PreviewKey, failures: number, signal: AbortSignal): Next {
    const fields = { preview: keyText(key) }
    if (signal.aborted) {
      ports.log('info', `run ended early: ${reasonOf(signal.reason)}`, fields)
      return DONE
    }
    if (untold instanceof NotReady) return again(untold.afterMs)
    if (reasonOf(untold) !== reasonOf(error)) {
      ports.log('error', `could not report: ${reasonOf(untold)}`, { ...fields, error: untold })
    }
    // A webhook tells when a permission was given; this is for one that was lost.
    return untold instanceof Terminal ? again(LAST_RETRY_MS) : { kind: 'retry', afterMs: backoffMs(failures + 1) }
  }

  return {
    async reconcile(key, failures, signal, outside) {
      let seen: Observed | null = null
      try {
        seen = await observe(key, ports, settings, reserved, removed.get(keyText(key)) ?? null, signal)
        begunWith.set(keyText(key), seen.pull)
        kept.delete(keyText(key))
        if (seen.pull.ended === null) {
          removed.delete(keyText(key))
          alive.set(keyText(key), { key, head: seen.pull.head, tree: seen.folder.tree })
        }
        const commit: PreviewBranch['commit'] = (change, stop) => outside(() => ports.branch.commit(change, stop))
        const prepare: DeployPorts['prepare'] = (...request) => outside(() => ports.prepare(...request))
        const own = { branch: { ...ports.branch, commit }, prepare }
        const next = await act(plan(seen), key, seen, own, signal)
        saidOf.delete(keyText(key))
        return next
      } catch (error) {
        try {
          return await failed(error, key, seen, failures, signal)
        } catch (untold) {
          return untoldNext(untold, error, key, failures, signal)
        }
      } finally {
        begunWith.delete(keyText(key))
      }
    },
    async isOutdated(key, signal) {
      const pull = await ports.pulls.read(key, signal)
      const begun = begunWith.get(keyText(key))
      // What is only observing yet may have read the pull request before it moved: to begin again costs little.
      return begun === undefined || pull.head !== begun.head || pull.ended !== begun.ended
    },
    alive: () => [...alive.values()],
    isKept: (key) => kept.has(keyText(key)),
  }
}

/** A hold that is over, and what was brought back and is wanted again, are watched like what was committed just now. */
function watchedAs({ told, folder, atMs }: Observed): Told {
  if (isAnother(told, folder)) return { ...told, state: 'running', committed: null }
  if (told.state !== 'held' && told.keptUntilMs === null) return told
  const committed = told.committed === null ? null : { ...told.committed, committedAtMs: atMs }
  return { ...told, state: 'running', committed, keptUntilMs: null }
}

/** The revision that stays up when a newer one fails. */
function lastGoodOf({ folder, application, pull }: Observed): { sha: string; url: string } | null {
  const { preview } = folder
  if (preview === null || preview.sha === pull.head || application?.health.status !== 'Healthy') return null
  return { sha: preview.sha, url: preview.url }
}

const stateOf = ({ state }: Told): PreviewView['state'] =>
  state === 'none' ? 'unknown' : state === 'running' || state === 'redoing' ? 'preparing' : state

/** The author's mistakes are nothing that operators need to hear of. */
const levelOf = (error: unknown): 'info' | 'error' =>
  error instanceof Terminal && error.whose === 'author' ? 'info' : 'error'

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
