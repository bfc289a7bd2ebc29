/** What was put into a repo of the bench, and whether it is what stands there. */
import { rm } from 'node:fs/promises'
import { fsck, git } from '../../servers/git-cli.ts'
import { importOf } from './import-stream.ts'
import type { Revision } from './preview-texts.ts'

export interface Ledger {
  /** So many previews that are there, each at its next revision. */
  updates(count: number): readonly Revision[]
  /** So many previews that are not there yet. */
  additions(count: number): readonly Revision[]
  /**
   * @param base a repo as it was before all this; it is left as it is
   * @param scratch a folder that is not there
   * @throws where git finds a fault in the repo, or its files are not what the base and these changes make
   */
  check(dir: string, base: string, scratch: string): Promise<void>
}

/** Previews take turns far from each other. */
const STRIDE = 3571

/** @param revisions of each preview at first */
export function openLedger(revisions: readonly number[]): Ledger {
  const changed = new Map<number, Revision>()
  const there = revisions.length
  let [turn, added] = [0, 0]
  const noted = (preview: number, before: number): Revision => {
    const change = { preview, revision: before + 1 }
    changed.set(preview, change)
    return change
  }
  return {
    updates: (count) =>
      Array.from({ length: count }, () => {
        turn += 1
        const preview = (turn * STRIDE) % there
        return noted(preview, changed.get(preview)?.revision ?? revisions[preview] ?? 0)
      }),
    additions: (count) =>
      Array.from({ length: count }, () => {
        added += 1
        return noted(there + added - 1, -1)
      }),
    async check(dir, base, scratch) {
      await fsck(dir)
      await git(['clone', '--quiet', '--bare', base, scratch], { cwd: base })
      await git(['fast-import', '--quiet', '--done'], { cwd: scratch, input: importOf([...changed.values()]) })
      const treeOf = (repo: string) => git(['rev-parse', 'main^{tree}'], { cwd: repo })
      const [found, wanted] = [await treeOf(dir), await treeOf(scratch)]
      await rm(scratch, { recursive: true })
      if (found !== wanted) throw new Error(`${dir} has the tree ${found} at its tip, not ${wanted}`)
    },
  }
}
