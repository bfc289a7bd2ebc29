/** What a GitOps repo that is checked out holds of one preview, and of the operators' own. Read, and nothing else. */
import { type Dirent, existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Terminal } from '../domain/errors.ts'
import { folderOf } from '../domain/names.ts'
import type { Preview } from '../domain/preview.ts'
import { parsePreview } from '../manifests/preview-file.ts'

/** Path below the preview's folder -> text; nothing where there is no such folder yet. */
export type CommittedFiles = ReadonlyMap<string, string>

/**
 * The files of a preview.
 * @param dir the repo's root, or the preview's own folder
 * @throws {Terminal} (operator) it is no folder
 */
export function committedFiles(dir: string, app: string, pull: number): CommittedFiles {
  if (!existsSync(dir))
    throw new Terminal(`${dir} is not there: name a GitOps repo or a preview’s folder`, { whose: 'operator' })
  const folder = existsSync(join(dir, 'previews')) ? join(dir, folderOf(app, pull)) : dir
  const names = existsSync(folder) ? ['preview.yaml', ...filesIn(folder, 'manifests')] : []
  return new Map(
    names
      .filter((name) => existsSync(join(folder, name)))
      .map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
  )
}

/** What preview.yaml says, null where there is none. @throws {Terminal} (operator) it can't be read */
export function committedPreview(files: CommittedFiles): Preview | null {
  const text = files.get('preview.yaml')
  if (text === undefined) return null
  const parsed = parsePreview(text)
  if ('preview' in parsed) return parsed.preview
  throw new Terminal(`preview.yaml of the folder: ${parsed.fault}`, { whose: 'operator' })
}

/** `common/` and `common/<app>/`: path in the repo -> text. @param dir that `common` itself */
export function commonFilesIn(dir: string, app: string): ReadonlyMap<string, string> {
  if (!existsSync(dir))
    throw new Terminal(`${dir} is not there: name the folder common/ of a GitOps repo`, { whose: 'operator' })
  const names = [...filesIn(dir, ''), ...filesIn(dir, app)].filter((name) => /\.ya?ml$/.test(name))
  return new Map(names.map((name) => [join('common', name), readFileSync(join(dir, name), 'utf8')]))
}

/** The files of a folder below another, not those of folders in it. No link is followed. */
function filesIn(root: string, folder: string): readonly string[] {
  const entries: readonly Dirent[] = existsSync(join(root, folder))
    ? readdirSync(join(root, folder), { withFileTypes: true })
    : []
  return entries
    .filter((entry) => entry.isFile())
    .map(({ name }) => join(folder, name))
    .toSorted()
}
