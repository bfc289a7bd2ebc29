/** Whether a commit of a preview's folder is live, has failed, or is on its way, by one reading of its Application. */
import type { Application } from './application.ts'

/** `isApplied`: objects of this very commit are in the cluster, so that what they do says more than the Application. */
export type Verdict =
  | { readonly kind: 'live' }
  /** `object` is `Kind/name`; `reason` is in Argo CD's words. */
  | { readonly kind: 'failed'; readonly object: string; readonly reason: string; readonly isApplied: boolean }
  /** `waitingFor` completes the sentence "waiting for …". */
  | { readonly kind: 'progressing'; readonly waitingFor: string; readonly isApplied: boolean }

/** What an Application is judged by. */
export interface Expected {
  /** The folder's tree at `sync.revision` is the one that was committed. */
  readonly syncedHere: boolean
  /** The same of `operation.revision`. */
  readonly operatedHere: boolean
  /** When the folder was committed, milliseconds since 1970. */
  readonly committedAtMs: number
}

/** Argo CD: ApplicationCondition types; a type that ends in Error is one, the others warn. */
const FAILING_CONDITIONS: readonly string[] = ['ComparisonError', 'SyncError', 'InvalidSpecError']
/** Argo CD: SyncStatus.resources, `status` of an object and `hookPhase` of a hook. */
const FAILING_RESULTS: readonly string[] = ['SyncFailed', 'Failed', 'Error']
/** Argo CD: for so long at most repo-server takes a branch to be where it was (`--revision-cache-expiration`, 3 min). */
const REVISION_CACHE_MS = 180_000

/**
 * The design's rule. All of `application` must be of one reading. A failure is said only where it is certainly of what
 * was committed; where that is not certain it is 'progressing', and the caller's deadline ends the wait.
 */
export function judge(application: Application | null, expected: Expected): Verdict {
  if (application === null) return waitFor('Argo CD to make its Application')
  if (application.isDeleting) return waitFor('its former Application to be deleted')
  return failureOf(application, expected) ?? missingOf(application, expected) ?? LIVE
}

const LIVE: Verdict = { kind: 'live' }
const waitFor = (waitingFor: string, isApplied = false): Verdict => ({ kind: 'progressing', waitingFor, isApplied })

/**
 * Since when objects were made by syncs of this commit, milliseconds since 1970: what is older may be of another
 * revision. null where nothing was synced since the commit, so that all that runs is of this content.
 */
export function appliedSinceMs({ operation, isOperating }: Application, { committedAtMs }: Expected): number | null {
  const finishedAtMs = operation?.finishedAtMs ?? null
  if (!isOperating && finishedAtMs !== null && finishedAtMs < wholeSecond(committedAtMs)) return null
  // The sync of the commit before may still have made objects after this commit.
  return Math.max(wholeSecond(committedAtMs), (isOperating ? operation?.startedAtMs : null) ?? 0)
}

function failureOf(application: Application, expected: Expected): Verdict | null {
  const { operation, isOperating, health } = application
  const failing = application.conditions.find((condition) => isOfThisCommit(condition, application, expected))
  if (operation !== null && hasFailed(application, expected)) {
    const { object, message, status } = firstFailing(application) ?? NO_OBJECT
    return {
      kind: 'failed',
      object: object || nameOf(application),
      reason: message || operation.message || `The sync ended as ${operation.phase}`,
      isApplied: status === 'Failed' || status === 'Error',
    }
  }
  // A sync is retried while it operates; the condition may be of the attempt before.
  if (failing !== undefined && !(failing.type === 'SyncError' && isOperating)) {
    const reason = `${failing.type}: ${failing.message}`
    return { kind: 'failed', object: nameOf(application), reason, isApplied: false }
  }
  if (health.status === 'Degraded' && isSettled(application, expected)) {
    const ill = application.unhealthy.find(({ status }) => status === 'Degraded') ?? application.unhealthy[0]
    const reason = ill?.message || health.message || 'Degraded, and Argo CD does not say why'
    return { kind: 'failed', object: ill?.object ?? nameOf(application), reason, isApplied: true }
  }
  return null
}

/** What of the design's rule for live does not hold yet; null where all of it does. */
function missingOf(application: Application, expected: Expected): Verdict | null {
  const { operation, isOperating, sync, health, unhealthy } = application
  const fault = application.conditions.find(({ type }) => type.endsWith('Error'))
  if (fault !== undefined) return waitFor(`Argo CD to look again: ${fault.type}: ${fault.message}`)
  if (!expected.syncedHere) return waitFor('Argo CD to see the commit')
  if (isOperating) return waitFor(syncOf(application), expected.operatedHere && operation?.phase === 'Running')
  if (sync.status !== 'Synced') return waitFor(`Argo CD to sync, it is ${sync.status || 'not compared yet'}`)
  if (operation?.phase !== 'Succeeded') return waitFor('a sync that succeeds')
  if (!isComparedSince(application)) return waitFor('Argo CD to look at what its sync did')
  if (health.status === 'Healthy') return null
  const slow = unhealthy[0]
  const what = slow === undefined ? 'its objects' : slow.object
  const why = slow?.message || health.message
  return waitFor(
    `${what} to be healthy, it is ${health.status || 'not known yet'}${why === '' ? '' : `: ${why}`}`,
    true,
  )
}

/** Argo CD: a running operation's message names the hook or object that it waits for, or why it is tried again. */
const syncOf = ({ operation }: Application): string =>
  operation?.phase === 'Running' && operation.message !== ''
    ? `Argo CD to finish its sync: ${operation.message}`
    : 'Argo CD to finish its sync'

/** Synced at this commit, by a sync that succeeded, and compared after it: its health is that of this commit. */
const isSettled = (application: Application, expected: Expected): boolean =>
  expected.syncedHere &&
  application.sync.status === 'Synced' &&
  !application.isOperating &&
  application.operation?.phase === 'Succeeded' &&
  isComparedSince(application)

const isComparedSince = ({ operation, reconciledAtMs }: Application): boolean =>
  reconciledAtMs !== null &&
  operation !== null &&
  operation.finishedAtMs !== null &&
  operation.finishedAtMs <= reconciledAtMs

/**
 * The last sync failed at what was committed. The same content may have failed before, under an older commit: then it
 * counts only once Argo CD has compared again and started no new sync (it sets `operation` before it writes the status).
 */
function hasFailed({ operation, isOperating, reconciledAtMs }: Application, expected: Expected): boolean {
  if (operation === null || isOperating || !expected.operatedHere) return false
  if (operation.phase !== 'Failed' && operation.phase !== 'Error') return false
  return isSince(operation.finishedAtMs, expected) || (expected.syncedHere && isSince(reconciledAtMs, expected))
}

/**
 * Argo CD leaves `sync.revision` empty where it can't compare, and a condition keeps its time while it says the same.
 * So it is of this commit where the revision says so, where it is newer, or where it was still there at a comparison
 * that can't have taken the branch for an older one.
 */
function isOfThisCommit(
  condition: Application['conditions'][number],
  { reconciledAtMs, isOperating, operation }: Application,
  expected: Expected,
): boolean {
  if (!FAILING_CONDITIONS.includes(condition.type)) return false
  if (condition.type === 'SyncError' && operation !== null && !isOperating && !expected.operatedHere) return false
  if (isSince(condition.sinceMs, expected)) return true
  const { committedAtMs } = expected
  return (
    isSince(reconciledAtMs, expected) &&
    (expected.syncedHere || (reconciledAtMs ?? 0) >= committedAtMs + REVISION_CACHE_MS)
  )
}

/** Kubernetes: metav1.Time has whole seconds, so that what came later in the same second looks earlier. */
const isSince = (atMs: number | null, { committedAtMs }: Expected): boolean =>
  atMs !== null && atMs >= wholeSecond(committedAtMs)

const wholeSecond = (ms: number): number => Math.floor(ms / 1000) * 1000

const firstFailing = ({ operation }: Application) =>
  operation?.results.find(({ status }) => FAILING_RESULTS.includes(status))

const NO_OBJECT = { object: '', status: '', message: '' }

const nameOf = ({ name }: Application): string => `Application/${name}`
