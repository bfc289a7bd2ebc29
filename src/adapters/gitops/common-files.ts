/** Reads the operators' own files, `common/` and `common/<app>/`, at one tip. Nothing here writes them. */
import { createHash } from 'node:crypto'
import type { CommonFiles } from '../../ports.ts'
import type { Branch } from '../../twig/branch.ts'
import type { Tip } from '../../twig/drafted-changes.ts'
import { isFile, textOfName } from '../../twig/tree.ts'

/** Argo CD and kubectl take manifests from files so called. */
const IS_MANIFEST = /\.ya?ml$/

interface Found {
  readonly path: string
  readonly id: string
}

/** Stands for all that `common/` has for an app: other content has another id, and none at all has ''. */
export async function commonIdOf(branch: Branch, tip: Tip, app: string, signal: AbortSignal): Promise<string> {
  return idOf(await manifestsFor(branch, tip, app, signal))
}

function idOf(found: readonly Found[]): string {
  if (found.length === 0) return ''
  return createHash('sha1')
    .update(found.map(({ path, id }) => `${path} ${id}\n`).join(''))
    .digest('hex')
}

/** @throws where a file is not UTF-8, naming it */
export async function commonFilesOf(branch: Branch, tip: Tip, app: string, signal: AbortSignal): Promise<CommonFiles> {
  const found = await manifestsFor(branch, tip, app, signal)
  const contents = new Map<string, Buffer>()
  const ids = found.map(({ id }) => id)
  await branch.blobs(ids, (id, content) => contents.set(id, Buffer.from(content)), signal)
  const files = new Map<string, string>()
  for (const { path, id } of found) {
    const bytes = contents.get(id) ?? Buffer.alloc(0)
    const text = bytes.toString('utf8')
    if (!Buffer.from(text, 'utf8').equals(bytes)) throw new Error(`${path} of the GitOps repo is not UTF-8`)
    files.set(path, text)
  }
  return { id: idOf(found), files }
}

/** The files of both folders themselves, in the order of their paths; folders in them are other apps' or nobody's. */
async function manifestsFor(branch: Branch, tip: Tip, app: string, signal: AbortSignal): Promise<readonly Found[]> {
  const found: Found[] = []
  for (const names of [['common'], ['common', app]]) {
    const tree = await branch.treeAt(tip.tree, names, signal)
    for (const entry of tree === null ? [] : await branch.entries(tree, signal)) {
      const path = [...names, textOfName(entry.name)].join('/')
      if (isFile(entry) && IS_MANIFEST.test(path)) found.push({ path, id: entry.id })
    }
  }
  return found
}
