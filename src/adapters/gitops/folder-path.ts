/** Where previews may be written: nothing outside a preview's folder. */
import { Terminal } from '../../domain/errors.ts'
import { parseFolder } from '../../domain/names.ts'

/** The three names of a preview folder's path. @throws {Terminal} it is not a preview folder */
export function namesOf(path: string): readonly [previews: string, app: string, pull: string] {
  const folder = parseFolder(path)
  if (folder === null) throw new Terminal(`${path} is not a preview folder`, { whose: 'operator' })
  return ['previews', folder.app, `pr-${folder.pull}`]
}
