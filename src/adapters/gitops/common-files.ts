/** Reads the operators' own files, `common/` and `common/<app>/`, out of the objects of one tip. Nothing here writes them. */
import { createHash } from 'node:crypto'
import type { CommonFiles } from '../../ports.ts'
import type { Tip } from './branch-tip.ts'
import type { ObjectReader } from './git-object.ts'
import { treeAt } from './splice.ts'
import { EXECUTABLE_MODE, FILE_MODE, parseTree, textOfName } from './tree.ts'

/** Argo CD and kubectl take manifests from files so called. */
const IS_MANIFEST = /\.ya?ml$/

interface Found {
  readonly path: string
  readonly id: string
}

/** Stands for all that `common/` has for an app: other content has another id, and none at all has ''. */
export async function commonIdOf(reader: ObjectReader, tip: Tip, app: string): Promise<string> {
  const found = await manifestsFor(reader, tip, app)
  if (found.length === 0) return ''
  return createHash('sha1')
    .update(found.map(({ path, id }) => `${path} ${id}\n`).join(''))
    .digest('hex')
}

/** @throws where a file is not UTF-8, naming it */
export async function commonFilesOf(reader: ObjectReader, tip: Tip, app: string): Promise<CommonFiles> {
  const files = new Map<string, string>()
  for (const { path, id } of await manifestsFor(reader, tip, app)) {
    const bytes = await reader.read(id, 'blob')
    const text = bytes.toString('utf8')
    if (!Buffer.from(text, 'utf8').equals(bytes)) throw new Error(`${path} of the GitOps repo is not UTF-8`)
    files.set(path, text)
  }
  return { id: await commonIdOf(reader, tip, app), files }
}

/** The files of both folders themselves, in the order of their paths; folders in them are other apps' or nobody's. */
async function manifestsFor(reader: ObjectReader, tip: Tip, app: string): Promise<readonly Found[]> {
  const found: Found[] = []
  for (const names of [['common'], ['common', app]]) {
    const tree = await treeAt(reader, tip.tree, names)
    const entries = tree === null ? [] : parseTree(await reader.read(tree, 'tree'))
    for (const { mode, name, id } of entries) {
      const path = [...names, textOfName(name)].join('/')
      if ((mode === FILE_MODE || mode === EXECUTABLE_MODE) && IS_MANIFEST.test(path)) found.push({ path, id })
    }
  }
  return found
}
