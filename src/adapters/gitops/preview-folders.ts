/** Reads preview folders out of the objects of one tip. */
import type { Folder } from '../../domain/folder.ts'
import type { Preview } from '../../domain/preview.ts'
import type { Tip } from './branch-tip.ts'
import { commonIdOf } from './common-files.ts'
import { namesOf } from './folder-path.ts'
import type { ObjectReader } from './git-object.ts'
import { treeAt } from './splice.ts'
import { EXECUTABLE_MODE, entryName, FILE_MODE, FOLDER_MODE, parseTree, type TreeEntry, textOfName } from './tree.ts'

/** What a text of preview.yaml says, or why it can't be read. */
export type ParsePreview = (text: string) => { readonly preview: Preview } | { readonly fault: string }

export interface PreviewFolders {
  /** @throws {Terminal} the path is not a preview folder's */
  one(tip: Tip, path: string): Promise<Folder>
  all(tip: Tip): Promise<readonly Folder[]>
}

type Content = Pick<Folder, 'preview' | 'fault'>

const NO_CONTENT: Content = { preview: null, fault: '' }

/** A folder that has not changed is not parsed again: its tree's id stands for all that is in it. */
export function openPreviewFolders(reader: ObjectReader, parsePreview: ParsePreview): PreviewFolders {
  let known: ReadonlyMap<string, Content> = new Map()

  /** By the tip's tree and the app: the previews of one app share what is common to them. */
  let commonOf: { readonly tree: string; readonly ids: Map<string, string> } = { tree: '', ids: new Map() }
  const commonAt = async (tip: Tip, app: string): Promise<string> => {
    if (commonOf.tree !== tip.tree) commonOf = { tree: tip.tree, ids: new Map() }
    const { ids } = commonOf
    const id = ids.get(app) ?? (await commonIdOf(reader, tip, app))
    ids.set(app, id)
    return id
  }

  const folderAt = async (tip: Tip, path: string, tree: string | null): Promise<Folder> => {
    const content = tree === null ? NO_CONTENT : (known.get(tree) ?? (await contentOf(reader, tree, parsePreview)))
    const common = await commonAt(tip, appOf(path))
    return { path, tree, ...content, common, touchedBy: tip.touches.get(path) ?? 'unknown', commit: tip.commit }
  }

  return {
    one: async (tip, path) => await folderAt(tip, path, await treeAt(reader, tip.tree, namesOf(path))),
    async all(tip) {
      const folders: Folder[] = []
      const entriesOf = async (tree: string | null) =>
        tree === null ? [] : parseTree(await reader.read(tree, 'tree')).filter(isFolder)
      for (const app of await entriesOf(await treeAt(reader, tip.tree, ['previews']))) {
        for (const pull of await entriesOf(app.id)) {
          if (!pull.name.startsWith('pr-')) continue
          folders.push(await folderAt(tip, `previews/${textOfName(app.name)}/${textOfName(pull.name)}`, pull.id))
        }
      }
      known = new Map(folders.map(({ tree, preview, fault }) => [tree ?? '', { preview, fault }]))
      return folders
    },
  }
}

const appOf = (path: string): string => path.split('/')[1] ?? ''

const isFolder = ({ mode }: TreeEntry): boolean => mode === FOLDER_MODE

async function contentOf(reader: ObjectReader, tree: string, parsePreview: ParsePreview): Promise<Content> {
  const entries = parseTree(await reader.read(tree, 'tree'))
  const file = entries.find(({ name }) => name === entryName('preview.yaml'))
  if (file === undefined) return { preview: null, fault: 'preview.yaml is missing' }
  if (file.mode !== FILE_MODE && file.mode !== EXECUTABLE_MODE) {
    return { preview: null, fault: 'preview.yaml is not a file' }
  }
  const bytes = await reader.read(file.id, 'blob')
  const text = bytes.toString('utf8')
  if (!Buffer.from(text, 'utf8').equals(bytes)) return { preview: null, fault: 'preview.yaml is not UTF-8' }
  const parsed = parsePreview(text)
  return 'preview' in parsed ? { preview: parsed.preview, fault: '' } : { preview: null, fault: parsed.fault }
}
