/** Asking for a Check again. GitHub: REST, "Rerequest a check run", "Rerequest a check suite". */

import type { Account, Repository } from './repository.ts'
import type { CheckRun, CheckSuite } from './state.ts'
import { Payloads } from './webhook-payloads.ts'
import type { World } from './world.ts'

/** The suite is queued again, without a conclusion; the run itself stays as it is until its App changes it. */
export function rerequest(world: World, repository: Repository, run: CheckRun, sender: Account): void {
  const suite = resetSuite(world, run.suiteId)
  const { state, addresses, webhooks } = world
  webhooks.emit('check_run', new Payloads(state, addresses).checkRun('rerequested', repository, run, suite, sender))
}

export function rerequestSuite(world: World, repository: Repository, suiteId: number, sender: Account): void {
  const suite = resetSuite(world, suiteId)
  const { state, addresses, webhooks } = world
  webhooks.emit('check_suite', new Payloads(state, addresses).checkSuite('rerequested', repository, suite, sender))
}

function resetSuite({ state }: World, id: number): CheckSuite {
  const suite = state.checkSuites.get(id)
  if (suite === undefined) throw new Error(`no check suite ${id}`)
  suite.isRerequested = true
  suite.updatedAtMs = state.now()
  return suite
}
