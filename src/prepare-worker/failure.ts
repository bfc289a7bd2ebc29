/** What a step of prepare failed with, on its way from the worker to the service. */
import { z } from 'zod'
import { NotReady, Terminal } from '../domain/errors.ts'

const text = (max: number) => z.string().max(max)
/** More than a policy that refuses all of a preview has to say. */
const DETAILS_MAX = 10_000
const STACK_MAX = 4000

/** What the service does for the worker, and knows itself how it failed. */
const OURS = ['archive', 'build'] as const
export type Ours = (typeof OURS)[number]

export const FailureSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('terminal'),
    message: z.string(),
    whose: z.enum(['author', 'operator']),
    details: z.array(z.string()).max(DETAILS_MAX),
    cause: z.string().nullable(),
  }),
  z.object({ kind: z.literal('not ready'), message: z.string(), afterMs: z.number().nonnegative() }),
  z.object({ kind: z.literal('ours'), what: z.enum(OURS) }),
  z.object({ kind: z.literal('other'), name: text(100), message: z.string(), stack: text(STACK_MAX) }),
])
export type Failure = z.output<typeof FailureSchema>

/** Thrown in the worker where it is the service that failed. */
export class FailedThere extends Error {
  override readonly name = 'FailedThere'
  constructor(readonly what: Ours) {
    super(`the service failed: ${what}`)
  }
}

/** An error of no type that decides anything, as the worker told it. */
class WorkerError extends Error {
  override readonly name: string
  constructor(name: string, message: string, stack: string) {
    super(message)
    this.name = name
    this.stack = stack
  }
}

/** What an error is to whoever has only its words. */
export function failureOf(error: unknown): Failure {
  if (error instanceof FailedThere) return { kind: 'ours', what: error.what }
  if (error instanceof NotReady) return { kind: 'not ready', message: error.message, afterMs: error.afterMs }
  if (error instanceof Terminal) {
    const { message, whose, details, cause } = error
    const because = cause instanceof Error ? cause.message : cause === undefined ? null : String(cause)
    return { kind: 'terminal', message, whose, details: details.slice(0, DETAILS_MAX), cause: because }
  }
  if (!(error instanceof Error)) return { kind: 'other', name: 'Error', message: String(error), stack: '' }
  const { name, message, stack = '' } = error
  return { kind: 'other', name: name.slice(0, 100), message, stack: stack.slice(0, STACK_MAX) }
}

/** The error that it was: what decides about it (type, whose, details, time) is the same. */
export function errorOf(failure: Exclude<Failure, { kind: 'ours' }>): Error {
  if (failure.kind === 'not ready') return new NotReady(failure.message, failure.afterMs)
  if (failure.kind === 'other') return new WorkerError(failure.name, failure.message, failure.stack)
  const { message, whose, details, cause } = failure
  return new Terminal(message, { whose, details, ...(cause !== null && { cause: new Error(cause) }) })
}
