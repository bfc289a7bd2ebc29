/** The branch's history, fetched as far as a question needs it. */
import { type Commit, commitIn } from './commit-object.ts'
import type { Tip } from './drafted-changes.ts'
import type { Remote } from './remote.ts'
import { treeAt } from './splice.ts'

export interface Change extends Commit {
  readonly id: string
}

/** How many commits are fetched: the second time where the first was not enough, and no more. */
const REACHES = [100, 2000]

/**
 * The first-parent history of a commit, newest first, as far as this reaches: commits alone are fetched, so that a
 * thousand of them cost some hundred kilobytes.
 */
export async function* historyOf(remote: Remote, tip: string, signal: AbortSignal): AsyncGenerator<Change> {
  let reached = 0
  let id: string | undefined = tip
  while (id !== undefined) {
    if (!remote.has(id)) {
      const reach = REACHES[reached]
      if (reach === undefined) return
      reached += 1
      await remote.history(tip, reach, signal)
      if (!remote.has(id)) continue
    }
    const commit: Commit = await commitIn(remote.reader(signal), id)
    yield { id, ...commit }
    id = commit.parents[0]
  }
}

/**
 * The commit that made a folder what it is at the tip: the newest of which this can be said after looking at few. Looks
 * at commits 1, 2, 4, 8 … behind the tip until the folder is another there, then halves what is between.
 * @returns null where that is further back than is looked
 */
export async function changeOfFolder(
  remote: Remote,
  { commit, tree }: Tip,
  path: readonly string[],
  signal: AbortSignal,
): Promise<Change | null> {
  const reader = remote.reader(signal)
  const now = await treeAt(reader, tree, path)
  const isSame = async (of: Change) => {
    if (!remote.has(of.tree)) await remote.commit(of.id, commit, signal)
    return (await treeAt(reader, of.tree, path)) === now
  }
  const line: Change[] = []
  let same = 0
  let next = 1
  for await (const each of historyOf(remote, commit, signal)) {
    line.push(each)
    const at = line.length - 1
    if (at < next) continue
    if (await isSame(each)) {
      same = at
      next = at * 2
    } else return await oldestSame(line, same, at, isSame)
  }
  const last = line.at(-1)
  if (last === undefined) return null
  // The history ends here, or what is known of it does.
  if (!(await isSame(last))) return await oldestSame(line, same, line.length - 1, isSame)
  return last.parents.length === 0 && now !== null ? last : null
}

/** @param same an index at which it is so, @param other an older one at which it is not */
async function oldestSame(
  line: readonly Change[],
  same: number,
  other: number,
  isSame: (change: Change) => Promise<boolean>,
): Promise<Change | null> {
  let [newer, older] = [same, other]
  while (older - newer > 1) {
    const middle = Math.floor((newer + older) / 2)
    const change = line[middle]
    if (change !== undefined && (await isSame(change))) newer = middle
    else older = middle
  }
  return line[newer] ?? null
}
