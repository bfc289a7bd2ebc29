import { lstat } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { Terminal } from '../../domain/errors.ts'
import { locate } from './locate.ts'

/** kustomize: "Kustomization file", RecognizedKustomizationFileNames. */
export const KUSTOMIZATION_FILES = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'] as const

/**
 * The kustomization file of a folder, relative to the root; null where it has none.
 * @throws {Terminal} (author) it has two
 */
export async function kustomizationFileOf(root: string, folder: string): Promise<string | null> {
  const found: string[] = []
  for (const name of KUSTOMIZATION_FILES) {
    const isThere = await lstat(join(root, folder, name)).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return false
        throw error
      },
    )
    if (isThere) found.push(name)
  }
  if (found.length > 1) {
    throw new Terminal(`${folder || '.'} has ${found.join(' and ')}: kustomize takes one kustomization file per folder`)
  }
  return found[0] === undefined ? null : posix.join(folder, found[0])
}

/**
 * The folder to render, as the port `Kustomize` says.
 * @param folders the convention, the first that has a kustomization file wins
 * @throws {Terminal} (author) none has one
 */
export async function folderWithKustomization(
  root: string,
  wanted: string | null,
  folders: readonly string[],
): Promise<string> {
  for (const folder of wanted === null ? folders : [wanted]) {
    const located = await locate(root, '', folder)
    if (located.kind !== 'folder') continue
    if ((await kustomizationFileOf(root, located.path)) !== null) return folder
  }
  const names = KUSTOMIZATION_FILES.join(', ')
  throw new Terminal(
    wanted === null
      ? `No kustomization was found. Looked for ${names} in ${folders.join(', ')}. Where it is elsewhere, set \`folder\` for this app under \`apps\` in westage.yaml`
      : `No kustomization was found in ${wanted}, which is this app's \`folder\` under \`apps\` in westage.yaml. Looked for ${names}`,
  )
}
