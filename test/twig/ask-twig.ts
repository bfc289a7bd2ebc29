/** Asks twig for changes of folders that a model knows, and says in the model's words what came of them. */
import type { Branch } from '../../src/twig/branch.ts'
import type { FolderChange } from '../../src/twig/drafted-changes.ts'
import { Refused, Stale } from '../../src/twig/errors.ts'
import { never } from './branches.ts'
import { filesOf, type TwigDeed } from './deeds.ts'
import { treesAt } from './model-by-git.ts'
import { inFolder, latin1, type Model, type ModelChange, type Outcome } from './repo-model.ts'

interface Answer {
  readonly outcome: Outcome
  readonly commit: string
  /** The folder's tree, null where it is not there. */
  readonly tree: string | null
}

export interface Asked {
  readonly change: ModelChange
  /** The folder's tree before. */
  readonly tree: string | null
  readonly answer: Answer
}

/**
 * Commits all of a deed's changes at the same moment.
 * @param dir the repo on the disk
 * @param model what it holds
 */
export async function askTwig(
  writers: readonly [Branch, Branch],
  dir: string,
  { folders, isLookedAtFirst }: TwigDeed,
  model: Model,
): Promise<readonly Asked[]> {
  const names = folders.map(({ path }) => latin1(path.join('/')))
  const places = names.map((name) => `main:${name}`)
  // Without the look, a writer has not heard of what others pushed.
  const trees = isLookedAtFirst ? await treesByTwig(writers, folders) : await treesAt(dir, places)
  return await Promise.all(
    folders.map(async ({ path, content, isUpToDate, writer }, nth) => {
      const [folder = '', tree = null] = [names[nth], trees[nth]]
      const files = filesOf(content, inFolder(model, folder), folder)
      const onto = isUpToDate ? tree : anotherThan(tree)
      const answer = await answerOf(writers[writer], { path, files, onto, message: `${path.join('/')}\n` })
      return { change: { folder, files, isUpToDate }, tree, answer }
    }),
  )
}

const anotherThan = (tree: string | null): string | null => (tree === null ? '1'.repeat(40) : null)

async function treesByTwig(writers: readonly [Branch, Branch], folders: TwigDeed['folders']) {
  const tips = await Promise.all(writers.map((writer) => writer.fresh(never)))
  return await Promise.all(
    folders.map(({ writer, path }) => writers[writer].treeAt(tips[writer]?.tree ?? '', path, never)),
  )
}

async function answerOf(branch: Branch, change: FolderChange): Promise<Answer> {
  try {
    const { commit, tree, changed } = await branch.commit(change, never)
    return { outcome: changed ? 'committed' : 'unchanged', commit, tree }
  } catch (error) {
    const nothing = { commit: '', tree: null }
    if (error instanceof Stale) return { outcome: 'stale', ...nothing }
    if (error instanceof Refused && error.why === 'file on the path') return { outcome: 'refused', ...nothing }
    throw error
  }
}
