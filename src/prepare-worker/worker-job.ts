/** One Job as a worker: made, heard over its conversation, and gone again. */
import { setTimeout as pause } from 'node:timers/promises'
import type { JobEnd, JobOrder, Jobs } from '../adapters/kubernetes-jobs/jobs.ts'
import { Terminal } from '../domain/errors.ts'
import type { PrepareRequest } from '../reconcile/prepare.ts'
import type { Conversation, Conversations, Wire } from './conversations.ts'
import { isHeapFull, memoryWords, timeWords } from './limit-words.ts'
import { lineReaderOf } from './line-reader.ts'
import { type Worker, WorkerBroken } from './worker.ts'

export interface JobLimits {
  /** Of its container. */
  readonly maxMemoryMb: number
  /** Of the work, from when the worker asked for it, as a worker's. */
  readonly timeoutMs: number
  /** Until then: waiting for a node and for the image counts. */
  readonly startMs: number
  /** Of the Job, with all that its work waits for: by then the cluster ends it, should the service be gone. */
  readonly lifeMs: number
}

export interface WorkerJobOptions {
  readonly jobs: Pick<Jobs, 'run'>
  readonly conversations: Pick<Conversations, 'open'>
  /** The pod, by the name of the Secret that holds the token of its work. */
  readonly podOf: (secret: string) => JobOrder['pod']
  readonly limits: JobLimits
}

/** The key of that Secret. */
export const TOKEN_KEY = 'token'

/** How long the cluster may take to say why a worker has ended that stopped talking. */
const WHY_MS = 10_000
const TAIL_LINES = 20

type Ended = { readonly end: JobEnd } | { readonly error: unknown }

/**
 * @returns a worker that waits for work
 * @throws {Terminal} (operator) the cluster refuses the Job
 * @throws {WorkerBroken} none asked for its work in time
 * @throws the signal's reason, once nothing is left
 */
export async function startWorkerJob(
  { jobs, conversations, podOf, limits }: WorkerJobOptions,
  { app, target }: PrepareRequest,
  signal: AbortSignal,
): Promise<Worker> {
  const { repository, pull, sha } = target
  const about = { app: app.name, repository: repository.name, pull: pull.number, sha }
  const stop = new AbortController()
  const tail: string[] = []
  const current: { conversation: Conversation | null; isJoined: boolean } = { conversation: null, isJoined: false }
  let join = (_: Wire) => {}
  const joined = new Promise<Wire>((resolve) => {
    join = resolve
  })
  // A Job that was lost before anybody heard of its worker is made again, with a token of its own.
  const order = ({ secret }: { readonly secret: string }): JobOrder => {
    if (current.isJoined) throw new WorkerBroken('the worker was lost in the midst of its work')
    current.conversation?.close()
    const conversation = conversations.open()
    current.conversation = conversation
    void conversation.joined.then((wire) => {
      current.isJoined = true
      join(wire)
    })
    const own = { [TOKEN_KEY]: conversation.token }
    const work = `${repository.id} ${pull.number} ${app.name} ${sha}`
    return { kind: 'prepare', work, about, pod: podOf(secret), secret: own, deadlineMs: limits.lifeMs }
  }
  const onLine = (line: string) => {
    tail.push(line)
    if (tail.length > TAIL_LINES) tail.shift()
  }
  const ended: Promise<Ended> = jobs.run(order, onLine, AbortSignal.any([signal, stop.signal])).then(
    (end) => ({ end }),
    (error: unknown) => ({ error }),
  )
  const end = async () => {
    current.conversation?.close()
    stop.abort(new Error('the work is over'))
    await ended
  }
  const tooLate = new WorkerBroken(`no worker asked for its work within ${limits.startMs / 1000} s`)
  const starting = setTimeout(() => stop.abort(tooLate), limits.startMs)
  const first = await Promise.race([joined, ended])
  clearTimeout(starting)
  if (!('input' in first)) {
    await end()
    throw 'error' in first ? first.error : reasonOf(first.end, tail, limits)
  }
  return {
    input: first.input,
    lines: lineReaderOf(first.output),
    timeoutMs: limits.timeoutMs,
    // Its other limits are kept by the cluster.
    watch: () => () => {},
    async endedEarly() {
      const waiting = new AbortController()
      const known = await Promise.race([ended, pause(WHY_MS, null, { signal: waiting.signal })])
      waiting.abort()
      await end()
      if (known === null) return new WorkerBroken(['nothing was heard of the worker any more', ...tail].join('\n'))
      if ('end' in known) return reasonOf(known.end, tail, limits)
      return known.error instanceof Error ? known.error : new WorkerBroken(String(known.error))
    },
    end,
  }
}

/** Kubernetes: "Pod Lifecycle", reasons of a container's end; 128 + SIGABRT is how V8 ends where its heap is full. */
function reasonOf(end: JobEnd, tail: readonly string[], { maxMemoryMb, timeoutMs }: JobLimits): Error {
  if (end.kind === 'lost') return new WorkerBroken(`the worker was lost: ${end.why}`)
  if (end.kind === 'late') return new Terminal(timeWords(timeoutMs))
  if (end.kind === 'done') return new WorkerBroken(['the worker ended in the midst of its work', ...tail].join('\n'))
  if (/^OOMKilled\b/.test(end.message) || tail.some(isHeapFull)) return new Terminal(memoryWords(maxMemoryMb))
  const how = `the worker ended with exit code ${end.exitCode} in the midst of its work`
  return new WorkerBroken([how, ...(end.message === '' ? [] : [end.message]), ...tail].join('\n'))
}
