/** Who touched which preview folder last, as the branch's first-parent history says. */
import { type Commit, identityPart, type Person, parseCommit } from './commit-object.ts'
import type { ObjectReader } from './git-object.ts'
import type { ObjectStore } from './object-store.ts'
import { FOLDER_MODE, parseTree, type TreeEntry, textOfName } from './tree.ts'

/** A folder's path -> who made the last commit that touched it, for folders that are there and that are not. */
export type Touches = ReadonlyMap<string, 'westage' | 'person'>

export interface TouchesOf {
  readonly commit: string
  readonly tree: string
  readonly touches: Touches
}

/**
 * The touches at `commit`, from those at an earlier reading and the commits since. Where that reading is not among the
 * last `depth` commits (the branch was reset, or moved far), what is remembered of folders that differ is forgotten.
 */
export async function touchesAt(
  store: ObjectStore,
  commit: string,
  before: TouchesOf | null,
  author: Person,
  depth: number,
): Promise<Touches> {
  const found = new Map<string, 'westage' | 'person'>()
  let isConnected = false
  let id = commit
  let current = await commitIn(store, id)
  const { tree } = current
  for (let steps = 0; steps < depth; steps += 1) {
    isConnected = id === before?.commit
    const [parent] = current.parents
    if (isConnected || (parent !== undefined && !(await store.has(parent)))) break
    const next = parent === undefined ? null : await commitIn(store, parent)
    const by = isOurs(current, author) ? 'westage' : 'person'
    for (const path of await changedFolders(store, next?.tree ?? null, current.tree)) {
      if (!found.has(path)) found.set(path, by)
    }
    if (parent === undefined || next === null) break
    id = parent
    current = next
  }
  if (before === null) return found
  const remembered = new Map(before.touches)
  if (!isConnected) for (const path of await changedFolders(store, before.tree, tree)) remembered.delete(path)
  return new Map([...remembered, ...found])
}

/** The commit is ours by its committer and by the trailer that every commit of WeStage has. */
function isOurs({ committer, message }: Commit, author: Person): boolean {
  const isOurName = committer.name === identityPart(author.name) && committer.email === identityPart(author.email)
  return isOurName && /^WeStage-Preview: /m.test(message)
}

export const commitIn = async (reader: ObjectReader, id: string): Promise<Commit> =>
  parseCommit(await reader.read(id, 'commit'))

/** Paths of the preview folders that differ between two trees. */
async function changedFolders(reader: ObjectReader, a: string | null, b: string): Promise<readonly string[]> {
  const foldersIn = async (tree: string | null) =>
    tree === null
      ? new Map<string, string>()
      : new Map(
          parseTree(await reader.read(tree, 'tree'))
            .filter(isFolder)
            .map(({ name, id }) => [name, id]),
        )
  const differing = async (left: string | null, right: string | null) => {
    if (left === right) return []
    const [before, after] = [await foldersIn(left), await foldersIn(right)]
    const names = new Set([...before.keys(), ...after.keys()])
    return [...names]
      .map((name) => ({ name, before: before.get(name) ?? null, after: after.get(name) ?? null }))
      .filter((pair) => pair.before !== pair.after)
  }
  const paths: string[] = []
  const previews = (await differing(a, b)).find(({ name }) => name === 'previews')
  for (const app of await differing(previews?.before ?? null, previews?.after ?? null)) {
    for (const pull of await differing(app.before, app.after)) {
      paths.push(`previews/${textOfName(app.name)}/${textOfName(pull.name)}`)
    }
  }
  return paths
}

const isFolder = ({ mode }: TreeEntry): boolean => mode === FOLDER_MODE
