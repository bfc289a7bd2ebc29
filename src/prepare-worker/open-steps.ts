/** The steps of a work as the worker tells them, made steps of the run. */
import type { Step } from '../domain/step.ts'
import type { Log } from '../ports.ts'
import type { RunStep } from '../reconcile/steps.ts'

interface OpenStep {
  readonly log: Log
  readonly succeed: (note: string) => void
  readonly fail: (error: unknown) => void
  readonly stopped: AbortController
  /** What the run's step came to: null where it went well. */
  readonly outcome: Promise<{ readonly error: unknown } | null>
}

export interface OpenSteps {
  begin(id: number, step: Step): Promise<void>
  log(id: number, line: string): void
  end(id: number, note: string): Promise<void>
  /** @param isStopped whether because something else failed meanwhile */
  fail(id: number, error: unknown, isStopped: boolean): Promise<void>
  /** What the run's step made of a failure, which may be another error; undefined where it did not fail. */
  failureIn(id: number): { readonly error: unknown } | undefined
  /** Ends all that are under way with this error. */
  failAll(error: unknown): Promise<void>
}

/** @throws {Error} each: the worker speaks of a step that is not under way, or begins one again */
export function openSteps(step: RunStep): OpenSteps {
  const open = new Map<number, OpenStep>()
  const begun = new Set<Step>()
  const failed = new Map<number, { readonly error: unknown }>()
  const openStepOf = (id: number): OpenStep => {
    const found = open.get(id)
    if (found === undefined) throw new Error('the worker spoke of a step that is not under way')
    return found
  }
  const close = async (id: number, { outcome }: OpenStep) => {
    open.delete(id)
    const failure = await outcome
    if (failure !== null) failed.set(id, failure)
  }
  return {
    async begin(id, name) {
      if (open.has(id) || failed.has(id) || begun.has(name)) throw new Error('the worker began a step too many')
      begun.add(name)
      open.set(id, await opened(name, step))
    },
    log: (id, line) => openStepOf(id).log(line),
    async end(id, note) {
      const ending = openStepOf(id)
      ending.succeed(note)
      await close(id, ending)
    },
    async fail(id, error, isStopped) {
      const ending = openStepOf(id)
      if (isStopped) ending.stopped.abort(error)
      ending.fail(error)
      await close(id, ending)
    },
    failureIn: (id) => failed.get(id),
    async failAll(error) {
      for (const [id, ending] of open) {
        ending.fail(error)
        await close(id, ending)
      }
    },
  }
}

/** @returns once the run's step has begun */
async function opened(name: Step, step: RunStep): Promise<OpenStep> {
  const stopped = new AbortController()
  let begun = (_: Pick<OpenStep, 'log' | 'succeed' | 'fail'>) => {}
  const work = new Promise<Pick<OpenStep, 'log' | 'succeed' | 'fail'>>((resolve) => {
    begun = resolve
  })
  const outcome = step(
    name,
    (log) => new Promise<string>((succeed, fail) => begun({ log, succeed, fail })),
    (note) => note,
    stopped.signal,
  ).then(
    () => null,
    (error: unknown) => ({ error }),
  )
  return { ...(await work), stopped, outcome }
}
