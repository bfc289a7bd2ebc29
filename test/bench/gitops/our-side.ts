/** WeStage's side: twig. */
import { setMaxListeners } from 'node:events'
import { keepHeapSmall } from '../../../src/small-heap.ts'
import { openBranch } from '../../../src/twig/branch.ts'
import type { FolderChange } from '../../../src/twig/drafted-changes.ts'
import { isFolder } from '../../../src/twig/tree.ts'
import { messageOf, pathOf, type Revision, textsOf } from './preview-texts.ts'
import { answerAsks, type Side } from './side.ts'

/** The root, `previews/`, the apps, the previews. */
const LEVELS = 4

async function openOurs(url: string): Promise<Side> {
  const never = new AbortController().signal
  setMaxListeners(0, never)
  const branch = openBranch({
    url,
    branch: 'main',
    author: { name: 'WeStage', email: 'westage@example.com' },
    credentials: null,
    pushes: { perMinute: 1_000_000, burst: 1_000_000 },
    log: () => {},
  })
  /** Folder -> its tree, of the changes to come. */
  const onto = new Map<string, string | null>()
  let known: ReadonlySet<string> = new Set()
  let unread: readonly string[] = []

  const changeOf = (revision: Revision): FolderChange => {
    const path = pathOf(revision.preview)
    return {
      path: path.split('/'),
      files: textsOf(revision),
      onto: onto.get(path) ?? null,
      message: messageOf(revision),
    }
  }

  return {
    async look(changes) {
      const tip = await branch.fresh(never)
      for (const { preview } of changes) {
        const tree = await branch.treeAt(tip.tree, pathOf(preview).split('/'), never)
        if (tree !== null) await branch.files(tree, never)
        onto.set(pathOf(preview), tree)
      }
    },
    async commit(changes) {
      await Promise.all(changes.map((change) => branch.commit(changeOf(change), never)))
    },
    async list() {
      const tip = await branch.fresh(never)
      const previews = (await branch.treeAt(tip.tree, ['previews'], never)) ?? ''
      const trees: string[] = []
      for (const app of (await branch.entries(previews, never)).filter(isFolder)) {
        for (const pull of (await branch.entries(app.id, never)).filter(isFolder)) trees.push(pull.id)
      }
      unread = trees.filter((tree) => !known.has(tree))
      if (unread.length > 0) await branch.levels(tip, LEVELS, never)
      known = new Set(trees)
    },
    async read() {
      if (unread.length === 0) return
      const files = await branch.named(unread, 'preview.yaml', never)
      let read = 0
      await branch.blobs(
        [...files.values()].map(({ id }) => id),
        () => {
          read += 1
        },
        never,
      )
      if (read !== unread.length) throw new Error(`${read} preview.yaml of ${unread.length} came`)
      unread = []
    },
    close: async () => branch.close(),
  }
}

keepHeapSmall() // as `westage serve` does
await answerAsks(openOurs)
