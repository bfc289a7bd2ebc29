/** One Job that was made, from its first pod to its end. */
import type { KubeConfig } from '@kubernetes/client-node'
import { Terminal } from '../../domain/errors.ts'
import { followCollection } from '../kubernetes/follow-collection.ts'
import { pause } from '../pause.ts'
import { followLog } from './follow-log.ts'
import { JOB_LABEL, type JobOrder } from './job-objects.ts'
import { type Latest, latest } from './latest.ts'
import {
  isPastDeadline,
  type JobView,
  jobIn,
  type PodView,
  podIn,
  standingOf,
  stateOf,
  whyNotStarted,
} from './pod-state.ts'
import { lastingRefusal } from './until-answered.ts'

export type JobEnd =
  /** What the containers left as their termination messages, by name. */
  | { readonly kind: 'done'; readonly messages: Readonly<Record<string, string>> }
  /** A container's own end; `message` is its termination message or what Kubernetes says of it, '' where nothing is. */
  | { readonly kind: 'failed'; readonly exitCode: number; readonly container: string; readonly message: string }
  /** It ran, and was not done by its deadline. */
  | { readonly kind: 'late' }
  /** Evicted, its node gone, its image not to be had: not what ran in it. */
  | { readonly kind: 'lost'; readonly why: string }

/** `isPassing`: another pod may fare better. */
export type Ended = Exclude<JobEnd, { kind: 'lost' }> | (JobEnd & { kind: 'lost'; readonly isPassing: boolean })

/** How things stand as far as the API server told. */
interface Seen {
  readonly job: JobView | null
  readonly isJobGone: boolean
  readonly pod: PodView | null
  readonly isPodGone: boolean
  /** The API server refuses to say. */
  readonly refusal: Error | null
  /** By this process's own clock, where nobody told. */
  readonly isPastDeadline: boolean
  /** Stuck for as long as is waited for somebody to mend it. */
  readonly isStuckForGood: boolean
}

const RELIST_MS = 600_000
/** Between the Job's deadline and the word of it. */
const WORD_OF_DEADLINE_MS = 15_000
/** By so much the Job's controller may be early, whose clock has whole seconds. */
const CLOCKS_APART_MS = 2_000
/** An image that is not there yet may be pushed, a registry that is down may come back. */
const STUCK_MS = 60_000
/** For the rest of the log of what has ended. */
const REST_OF_LOG_MS = 20_000

export interface FollowedJob {
  /** How it ended; the log is told by then. @throws {Terminal} (operator) it may not be watched @throws the signal's reason */
  ended(signal: AbortSignal): Promise<Ended>
  /** Resolves once the Job and its pods are gone. @throws the signal's reason */
  gone(signal: AbortSignal): Promise<void>
  /** Ends the watches. */
  close(): void
}

/** Follows a Job and its pod by two watches. @param note what is told to operators */
export function followJob(
  config: KubeConfig,
  job: { readonly namespace: string; readonly name: string },
  { pod, deadlineMs }: Pick<JobOrder, 'pod' | 'deadlineMs'>,
  onLine: (line: string) => void,
  note: (line: string) => void,
): FollowedJob {
  const { namespace, name } = job
  const closing = new AbortController()
  const seen: Latest<Seen> = latest<Seen>({
    ...{ job: null, isJobGone: false, pod: null, isPodGone: false },
    ...{ refusal: null, isPastDeadline: false, isStuckForGood: false },
  })
  const see = (news: Partial<Seen>) => seen.set({ ...seen.get(), ...news })
  const follow = (path: string, came: (json: unknown) => void, went: () => void) => {
    let isAway = false
    const isLasting = lastingRefusal()
    void followCollection(
      config,
      { path, labelSelector: `${JOB_LABEL}=${name}`, relistMs: RELIST_MS },
      {
        replace: (items) => (items.length === 0 ? went() : items.forEach(came)),
        put: came,
        remove: went,
        up: () => {
          isAway = false
          isLasting(null)
        },
        down: (error, retryMs) => {
          if (isLasting(error) && error.code !== 410) see({ refusal: error })
          else if (!isAway && retryMs > 1_000) {
            isAway = true
            note(`the Kubernetes API does not answer; the Job ${name} goes on: ${wordsOf(error)}`)
          }
        },
      },
      closing.signal,
    )
  }
  const inNamespace = `namespaces/${encodeURIComponent(namespace)}`
  follow(
    `/apis/batch/v1/${inNamespace}/jobs`,
    (json) => see({ job: jobIn(json) }),
    () => see({ isJobGone: true }),
  )
  follow(
    `/api/v1/${inNamespace}/pods`,
    (json) => see({ pod: podIn(json), isPodGone: false }),
    // A list without it says that it went only where it was there.
    () => see({ isPodGone: seen.get().pod !== null }),
  )
  void pause(deadlineMs + WORD_OF_DEADLINE_MS, closing.signal).then(() => see({ isPastDeadline: true }))
  void seen
    .until(({ pod: is }) => (is !== null && isStuck(is) ? true : null), closing.signal)
    .then(() => pause(STUCK_MS, closing.signal))
    .then(() => see({ isStuckForGood: true }))
    .catch(() => {})

  const endsAtMs = performance.now() + deadlineMs - CLOCKS_APART_MS
  return {
    async ended(signal) {
      const logs = tellLogs(config, namespace, pod, seen, onLine, AbortSignal.any([closing.signal, signal]))
      const end = await seen.until((now) => endOf(now, performance.now() >= endsAtMs), signal)
      await Promise.race([logs, pause(REST_OF_LOG_MS, signal)])
      return end
    },
    async gone(signal) {
      await seen.until(({ isJobGone, refusal }) => {
        if (refusal !== null) throw refusal
        return isJobGone ? true : null
      }, signal)
    },
    close: () => closing.abort(new Error('the Job is not followed any more')),
  }
}

function endOf(seen: Seen, isTimeUp: boolean): Ended | null {
  const { job, isJobGone, pod, isPodGone, refusal } = seen
  if (refusal !== null)
    throw new Terminal(`a Job can't be followed: ${refusal.message}`, { whose: 'operator', cause: refusal })
  const state = pod === null ? null : stateOf(pod)
  if (state?.kind === 'done' || state?.kind === 'failed' || state?.kind === 'late') return state
  const isOverTime = isTimeUp && (isPodGone || state?.kind === 'lost')
  if (seen.isPastDeadline || isOverTime || (job !== null && isPastDeadline(job))) {
    const why = pod === null ? 'no pod was made' : whyNotStarted(pod)
    return why === null ? { kind: 'late' } : { kind: 'lost', why: `it did not start in time: ${why}`, isPassing: false }
  }
  if (state?.kind === 'lost') return { ...state, isPassing: true }
  if (isJobGone) return { kind: 'lost', why: 'the Job was deleted', isPassing: true }
  if (isPodGone) return { kind: 'lost', why: 'its pod was deleted', isPassing: true }
  if (state?.kind === 'waiting' && state.isStuck && seen.isStuckForGood)
    return { kind: 'lost', why: state.why, isPassing: false }
  return null
}

const isStuck = (pod: PodView): boolean => {
  const state = stateOf(pod)
  return state.kind === 'waiting' && state.isStuck
}

/** Of init containers one after the other, as they run; of the others all at once. Never rejects. */
async function tellLogs(
  config: KubeConfig,
  namespace: string,
  spec: JobOrder['pod'],
  seen: Latest<Seen>,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const tell = async (container: string) => {
    const started = ({ pod, isPodGone, isJobGone }: Seen) => {
      if (pod !== null && standingOf(pod, container) !== null) return pod.metadata.name
      return isPodGone || isJobGone || (pod !== null && isOver(pod)) ? '' : null
    }
    const ended = ({ pod, isPodGone, isJobGone }: Seen) =>
      isPodGone || isJobGone || (pod !== null && (isOver(pod) || standingOf(pod, container) === 'ended')) ? true : null
    const pod = await seen.until(started, signal)
    if (pod === '') return
    const end = seen.until(ended, signal).then(
      () => {},
      () => {},
    )
    await followLog(config, { namespace, pod, container }, onLine, end, signal)
  }
  try {
    for (const { name } of spec.initContainers ?? []) await tell(name)
    await Promise.all(spec.containers.map(({ name }) => tell(name)))
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

const isOver = (pod: PodView): boolean => !['waiting', 'running'].includes(stateOf(pod).kind)

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
