/** The trees that a branch had, as far back as a time. */
import { type Commit, commitIn } from './commit-object.ts'
import type { Tip } from './drafted-changes.ts'
import type { Remote } from './remote.ts'

/** How many commits are fetched, alone, until the time is reached; then no more. */
const REACHES = [200, 2000, 20_000]

/**
 * Hands every tree down to `levels` (the root the first) that was at the tip of the branch since `sinceMs`, what was
 * there at that moment among them, to `visit`: a few requests for the commits, and one for their trees.
 * @returns false, and visits nothing, where that is further back than is looked
 */
export async function treesSince(
  remote: Remote,
  tip: Tip,
  sinceMs: number,
  levels: number,
  visit: (content: Buffer) => void,
  signal: AbortSignal,
): Promise<boolean> {
  const commits = await commitsSince(remote, tip.commit, sinceMs, signal)
  if (commits === null) return false
  await remote.past(tip.commit, commits, levels, visit, signal)
  return true
}

/** How many commits there are since then and with the last one before, null where there are more than is looked at. */
async function commitsSince(remote: Remote, tip: string, sinceMs: number, signal: AbortSignal): Promise<number | null> {
  let id: string | undefined = tip
  let count = 0
  for (const reach of REACHES) {
    await remote.history(tip, reach, signal)
    while (id !== undefined && remote.has(id)) {
      const commit: Commit = await commitIn(remote.reader(signal), id)
      count += 1
      if (commit.atMs < sinceMs) return count
      id = commit.parents[0]
    }
    if (id === undefined) return count
  }
  return null
}
