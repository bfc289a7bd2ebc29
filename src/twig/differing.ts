/** What differs between two trees. */
import type { ObjectReader } from './git-object.ts'
import { isFolder, parseTree, textOfName } from './tree.ts'

/** Names of what differs between two trees, down to `depth` names; where a folder is on one side only, all that it has. */
export async function differing(
  reader: ObjectReader,
  before: string | null,
  after: string | null,
  depth: number,
): Promise<readonly (readonly string[])[]> {
  const entriesOf = async (tree: string | null) =>
    new Map(tree === null ? [] : parseTree(await reader.read(tree, 'tree')).map((entry) => [entry.name, entry]))
  const [old, now] = [await entriesOf(before), await entriesOf(after)]
  const paths: (readonly string[])[] = []
  for (const name of new Set([...old.keys(), ...now.keys()])) {
    const [was, is] = [old.get(name), now.get(name)]
    if (was?.id === is?.id && was?.mode === is?.mode) continue
    const folders = [was, is].map((entry) => (entry !== undefined && isFolder(entry) ? entry.id : null))
    const [from = null, to = null] = folders
    const isDeep = depth > 1 && (from !== null || to !== null)
    const inside = isDeep ? await differing(reader, from, to, depth - 1) : []
    if (!isDeep || [was, is].some((entry) => entry !== undefined && !isFolder(entry))) paths.push([textOfName(name)])
    for (const path of inside) paths.push([textOfName(name), ...path])
  }
  return paths
}
