/** The whole demo without a person: live, paid in, updated, failed, recovered, gone. */
import { type Action, act } from './actions.ts'
import { type Fault, faultOfBroken, faultOfGone, faultOfLive, faultOfPaid } from './expectations.ts'
import { narrate } from './narrator.ts'
import { BROKEN_FILE } from './sample-pulls.ts'
import { shownPullNumbered } from './shown-pull.ts'
import type { World } from './start-world.ts'
import type { Terminal } from './terminal.ts'
import { until } from './until.ts'

const PULL = 1
/** Whose preview gets what was paid in the other's, too. */
const OTHER = 2
const STEP_DEADLINE_MS = 60_000

/** @throws {Missed} the first thing that did not come, and why */
export async function runOnce(world: World, terminal: Terminal, signal: AbortSignal): Promise<void> {
  const say = (line: string) => terminal.say(`${terminal.elapsed()}  ${line}`)
  const narrator = await narrate(world, say)
  const step = async (action: Action, what: string, fault: () => Promise<Fault>, number = PULL) => {
    say(`#${number}  ${await act(world, action, number)}`)
    await until(what, STEP_DEADLINE_MS, fault, signal)
    await narrator.look()
    terminal.say(`${terminal.elapsed()}  ✓   ${what}`)
  }
  try {
    await step('label', 'the preview is live and answers with the head', () => faultOfLive(world, PULL))
    await step('label', 'a second preview is live beside it', () => faultOfLive(world, OTHER), OTHER)
    await step('pay', `both previews got Stripe's callback: #${PULL} is paid, #${OTHER} says it is not its own`, () =>
      faultOfPaid(world, PULL, OTHER),
    )
    await step('push', 'the push is live and answers with the new head', () => faultOfLive(world, PULL))
    const good = liveOf(world)
    await step('break', `broken manifests: file and line are told, ${good.sha.slice(0, 7)} is still up`, () =>
      faultOfBroken(world, PULL, BROKEN_FILE, good),
    )
    await step('push', 'the next good commit is live', () => faultOfLive(world, PULL))
    await step('close', 'folder, Application and address are gone, and the pull request says so', () =>
      faultOfGone(world, PULL, good.url),
    )
  } finally {
    await narrator.stop()
  }
}

function liveOf({ github }: World): { sha: string; url: string } {
  const { pull, deployments } = shownPullNumbered(github, PULL)
  const live = deployments.find(({ deployment }) => deployment.sha === pull.headSha)
  return { sha: pull.headSha, url: live?.status.environmentUrl ?? '' }
}
