/** Kubernetes Jobs that this instance has work done in: made, followed, and gone again with all that is theirs. */
import { randomBytes } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { Terminal } from '../../domain/errors.ts'
import { unlessAborted } from '../../twig/abort-signals.ts'
import { pause } from '../pause.ts'
import { type Ended, type FollowedJob, followJob, type JobEnd } from './follow-job.ts'
import { goingJobs } from './going-jobs.ts'
import { type JobOrder, workLabelOf } from './job-objects.ts'
import { type JobsOptions, jobRequests } from './job-requests.ts'
import { isRefusal } from './until-answered.ts'

export type { JobEnd } from './follow-job.ts'
export type { JobOrder } from './job-objects.ts'
export type { JobsOptions } from './job-requests.ts'

export interface Jobs {
  /**
   * Has a Job made, tells its log as it comes, and settles once it and all that is its own is removed. Where it is lost
   * (evicted, its node gone) it is made again, a few times, once nothing of the one before is left. While the API server
   * is away it goes on with the same Job. An abort asks for the Job's removal at once. None is made while one of the same
   * work is there that is not wanted any more, of this process or of a former one.
   * @param order is asked for each Job that is made; the pod finds its Secret by the name given
   * @throws {Terminal} (operator) the cluster refuses the Job @throws the reason of `signal`
   * @throws {Error} one of the same work does not go: its node may be away
   */
  run(
    order: (names: { readonly secret: string }) => JobOrder,
    onLine: (line: string) => void,
    signal: AbortSignal,
  ): Promise<JobEnd>
  /**
   * Removes what former processes of this instance left. Called before the first Job is made: those wait until it is known
   * what there is. @returns once it is gone, or not waited for any longer @throws {Terminal} (operator) the cluster refuses
   */
  sweep(signal: AbortSignal): Promise<void>
  /** Lets removals that are under way be asked for, and ends what still waits for an API server that is away. */
  close(): Promise<void>
}

const ATTEMPTS = 3
/** Nobody waits longer for a Job to be gone; its removal was asked for, or is until the service ends. */
const GONE_MS = 60_000
const SWEPT_MS = 30_000
/** At the service's end; the next start removes what is left. */
const CLOSE_MS = 5_000

/** Opens it; nothing is asked of the cluster yet. */
export function openJobs({ config, namespace, owner, log }: JobsOptions): Jobs {
  const closing = new AbortController()
  // One for each removal that is under way.
  setMaxListeners(0, closing.signal)
  const removals = new Set<Promise<unknown>>()
  const going = goingJobs()
  /** Settles once it is known which Jobs former processes left. */
  let formerKnown: Promise<void> = Promise.resolve()
  const requests = jobRequests({ config, namespace, owner, log }, closing.signal)

  /** One Job from its making to its removal. */
  async function once(
    id: string,
    order: JobOrder,
    onLine: (line: string) => void,
    signal: AbortSignal,
  ): Promise<{ readonly end: Ended; readonly isGone: boolean }> {
    const name = `westage-${order.kind}-${id}`
    const work = workLabelOf(order)
    await othersGone(work, onLine, signal)
    const followed = { job: null as FollowedJob | null }
    const follow = () => followJob(config, { namespace, name }, order, onLine, log)
    const whole = async () => {
      await requests.start(name, secretNameOf(id), order, signal)
      followed.job = follow()
      return await followed.job.ended(signal)
    }
    try {
      const end = await whole().catch((error: unknown) => {
        throw refusedJob(error)
      })
      const isGone = await removed(name, work, followed.job ?? follow())
      return { end, isGone }
    } catch (error) {
      await removed(name, work, followed.job ?? follow())
      throw error
    }
  }

  /** @throws {Error} one does not go in time @throws the signal's reason */
  async function othersGone(work: string, onLine: (line: string) => void, signal: AbortSignal): Promise<void> {
    await unlessAborted(formerKnown, signal)
    const other = going.oneOf(work)
    if (other === null) return
    onLine(`waiting for the Job ${other} of the same work to be gone`)
    const waiting = new AbortController()
    const either = AbortSignal.any([signal, waiting.signal])
    const late = setTimeout(() => waiting.abort(new Error(`the Job ${other} of the same work is not gone`)), GONE_MS)
    await going.noneOf(work, either).finally(() => clearTimeout(late))
  }

  /** Never rejects. @returns whether it is known that nothing of it is left */
  async function removed(name: string, work: string, followed: FollowedJob): Promise<boolean> {
    const removal = goneOnceRemoved(name, followed, closing.signal)
      .then(
        () => true,
        (error: unknown) => {
          log(`the Job ${name} is left: ${error instanceof Error ? error.message : error}`)
          return false
        },
      )
      .finally(() => {
        followed.close()
        removals.delete(removal)
      })
    removals.add(removal)
    going.add(work, name, removal)
    const waiting = new AbortController()
    const isGone = await Promise.race([removal, pause(GONE_MS, waiting.signal).then(() => false)])
    waiting.abort()
    if (!isGone) log(`the Job ${name} is not gone after ${GONE_MS / 1000} s; it is not waited for any longer`)
    return isGone
  }

  return {
    async run(order, onLine, signal) {
      for (let attempt = 1; ; attempt++) {
        const id = randomBytes(8).toString('hex')
        const { end, isGone } = await once(id, order({ secret: secretNameOf(id) }), onLine, signal)
        signal.throwIfAborted()
        if (end.kind !== 'lost') return end
        const { why } = end
        if (!end.isPassing || !isGone || attempt === ATTEMPTS) return { kind: 'lost', why }
        onLine(`the Job was lost and is made again: ${why}`)
      }
    },
    async sweep(signal) {
      const listing = requests.former(signal).then((jobs) =>
        jobs.map(({ name, work }) => {
          const gone = sweepOne(name, AbortSignal.any([signal, closing.signal]))
          going.add(work, name, gone)
          return { name, gone }
        }),
      )
      formerKnown = listing.then(
        () => {},
        () => {},
      )
      try {
        const former = await listing
        if (former.length > 0) log(`removing ${former.length} Jobs of a former process`)
        await Promise.all(former.map(({ name, gone }) => sweptInTime(name, gone)))
      } catch (error) {
        throw refusedJob(error)
      }
    },
    async close() {
      const waiting = new AbortController()
      await Promise.race([Promise.all(removals), pause(CLOSE_MS, waiting.signal)])
      waiting.abort()
      closing.abort(new Error('the service ends'))
      await Promise.all(removals)
    },
  }

  /** It is removed for as long as that takes. */
  async function sweptInTime(name: string, gone: Promise<void>): Promise<void> {
    const waiting = new AbortController()
    const late = pause(SWEPT_MS, waiting.signal).then(() => true)
    const isLate = await Promise.race([gone.then(() => false), late]).finally(() => waiting.abort())
    if (isLate) log(`the Job ${name} of a former process is not gone yet`)
  }

  /** @throws the signal's reason */
  async function sweepOne(name: string, signal: AbortSignal): Promise<void> {
    const nothing = { pod: { containers: [] }, deadlineMs: SWEPT_MS }
    const followed = followJob(config, { namespace, name }, nothing, () => {}, log)
    try {
      await goneOnceRemoved(name, followed, signal)
    } finally {
      followed.close()
    }
  }

  async function goneOnceRemoved(name: string, followed: FollowedJob, signal: AbortSignal): Promise<void> {
    if (await requests.remove(name, signal)) await followed.gone(signal)
  }
}

const secretNameOf = (id: string): string => `westage-job-${id}`

/** The cluster's refusals are the operator's to mend, but for a quota, which others leave room in again. */
function refusedJob(error: unknown): unknown {
  if (!isRefusal(error)) return error
  if (/exceeded quota/.test(error.message))
    return new Error(`there is no room for a Job: ${error.message}`, { cause: error })
  return new Terminal(`the cluster refuses a Job: ${error.message}`, { whose: 'operator', cause: error })
}
