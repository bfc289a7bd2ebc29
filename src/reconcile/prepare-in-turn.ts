/** Prepare when it is a repo's turn. */
import type { DeployPorts } from './deploy.ts'
import type { Prepared, PrepareRequest } from './prepare.ts'
import type { RunStep } from './steps.ts'
import { together } from './together.ts'

interface Turns {
  /** Whether the next work runs at once. */
  isFree(): boolean
  /** @param line works of one line run first come, first served; lines take turns */
  take<T>(line: string, work: () => Promise<T>, signal: AbortSignal): Promise<T>
}

interface Worker {
  prepare(request: PrepareRequest, step: RunStep, signal: AbortSignal): Promise<Prepared>
}

/** The pull request is told that it is queued, and that it is prepared, while the work goes on: one after the other. */
export function prepareInTurn(turns: Turns, worker: Worker): DeployPorts['prepare'] {
  return async (request, step, say, signal) => {
    const queued = turns.isFree() ? Promise.resolve() : say('queued')
    const inTurn = async (stop: AbortSignal) => {
      const [, prepared] = await together<[unknown, Prepared]>(stop, [
        () => queued.then(() => say('preparing')),
        (halt) => worker.prepare(request, step, halt),
      ])
      return prepared
    }
    const repo = String(request.target.repository.id)
    const [, prepared] = await together<[unknown, Prepared]>(signal, [
      () => queued,
      (stop) => turns.take(repo, () => inTurn(stop), stop),
    ])
    return prepared
  }
}
