/** The pull requests of a round, and what becomes of them. */
import { setTimeout as delay } from 'node:timers/promises'
import type { GitHub } from '../servers/github/github.ts'
import { REPOSITORY } from './doubles.ts'

const ROUND_MAX_MS = 300_000
const QUIET_MS = 250

let opened = 0

/** New pull requests without a label, each of a branch of its own. @returns their numbers */
export function openPulls(
  github: GitHub,
  count: number,
  contentOf: (branch: string) => Record<string, string>,
): readonly number[] {
  return Array.from({ length: count }, () => {
    opened += 1
    const branch = `feat/${opened}`
    return github.openPull(REPOSITORY, { branch, title: branch, files: contentOf(branch) })
  })
}

/** When the Check runs of these pull requests were completed, all of them with success. */
export async function allReported(github: GitHub, pulls: readonly number[], tail: () => string) {
  const deadlineMs = Date.now() + ROUND_MAX_MS
  const reported = new Map<number, number>()
  for (;;) {
    for (const pull of pulls.filter((each) => !reported.has(each))) {
      const run = github.checkRuns(REPOSITORY, github.headOf(REPOSITORY, pull)).at(-1)
      if (run?.completedAtMs == null) continue
      if (run.conclusion !== 'success') throw new Error(`#${pull}: ${run.output.title}\n${run.output.text}`)
      reported.set(pull, run.completedAtMs)
    }
    if (reported.size === pulls.length) return reported
    if (Date.now() > deadlineMs) throw new Error(`#${pulls.find((each) => !reported.has(each))}: ${tail()}`)
    await delay(20)
  }
}

/** Waits until nobody asks GitHub for anything any more. */
export async function quiet(github: GitHub): Promise<void> {
  await github.delivered()
  for (let seen = -1; seen !== github.requests.length; ) {
    seen = github.requests.length
    await delay(QUIET_MS)
  }
}
