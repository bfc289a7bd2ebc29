/** Reads preview folders at one tip. */
import type { Folder } from '../../domain/folder.ts'
import type { Preview } from '../../domain/preview.ts'
import type { Branch } from '../../twig/branch.ts'
import type { Tip } from '../../twig/drafted-changes.ts'
import { isFile, isFolder, textOfName } from '../../twig/tree.ts'
import { commonIdOf } from './common-files.ts'
import { namesOf } from './folder-path.ts'

/** What a text of preview.yaml says, or why it can't be read. */
export type ParsePreview = (text: string) => { readonly preview: Preview } | { readonly fault: string }

export interface PreviewFolders {
  /** @throws {Terminal} the path is not a preview folder's */
  one(tip: Tip, path: string, signal: AbortSignal): Promise<Folder>
  /** What it has to read of all together comes in two requests, whatever their number. */
  all(tip: Tip, signal: AbortSignal): Promise<readonly Folder[]>
}

type Content = Pick<Folder, 'preview' | 'fault'>

interface Place {
  readonly path: string
  readonly app: string
  readonly tree: string
}

/** The root, `previews/`, its apps, and their previews. */
const LEVELS = 4
const NO_CONTENT: Content = { preview: null, fault: '' }
/** So many folders are asked for one by one; more come together. */
const SINGLY_MAX = 3

/** A folder that has not changed is not read again: its tree's id stands for all that is in it. */
export function openPreviewFolders(branch: Branch, parsePreview: ParsePreview): PreviewFolders {
  let known: ReadonlyMap<string, Content> = new Map()

  /** By the tip's tree and the app: the previews of one app share what is common to them. */
  let commonOf: { readonly tree: string; readonly ids: Map<string, string> } = { tree: '', ids: new Map() }
  const commonAt = async (tip: Tip, app: string, signal: AbortSignal): Promise<string> => {
    if (commonOf.tree !== tip.tree) commonOf = { tree: tip.tree, ids: new Map() }
    const { ids } = commonOf
    const id = ids.get(app) ?? (await commonIdOf(branch, tip, app, signal))
    ids.set(app, id)
    return id
  }

  const placesAt = async (tip: Tip, signal: AbortSignal): Promise<readonly Place[]> => {
    const places: Place[] = []
    const previews = await branch.treeAt(tip.tree, ['previews'], signal)
    for (const app of previews === null ? [] : await branch.entries(previews, signal)) {
      for (const pull of isFolder(app) ? await branch.entries(app.id, signal) : []) {
        if (!isFolder(pull) || !pull.name.startsWith('pr-')) continue
        const name = textOfName(app.name)
        places.push({ path: `previews/${name}/${textOfName(pull.name)}`, app: name, tree: pull.id })
      }
    }
    return places
  }

  /** What these folders' preview.yaml say, by the folder's tree. */
  const read = async (trees: readonly string[], signal: AbortSignal): Promise<Map<string, Content>> => {
    const contents = new Map<string, Content>()
    const treesOf = new Map<string, string[]>()
    const files = await branch.named(trees, 'preview.yaml', signal)
    for (const tree of trees) {
      const file = files.get(tree)
      if (file === undefined) contents.set(tree, { preview: null, fault: 'preview.yaml is missing' })
      else if (!isFile(file)) contents.set(tree, { preview: null, fault: 'preview.yaml is not a file' })
      else treesOf.set(file.id, [...(treesOf.get(file.id) ?? []), tree])
    }
    const visit = (id: string, bytes: Buffer) => {
      const content = contentOf(bytes, parsePreview)
      for (const tree of treesOf.get(id) ?? []) contents.set(tree, content)
    }
    await branch.blobs([...treesOf.keys()], visit, signal)
    return contents
  }

  return {
    async one(tip, path, signal) {
      const names = namesOf(path)
      const tree = await branch.treeAt(tip.tree, names, signal)
      const common = await commonAt(tip, names[1], signal)
      if (tree === null) return { path, tree, ...NO_CONTENT, common, commit: tip.commit }
      let content = known.get(tree)
      if (content === undefined) {
        // All of it at once: who reads a folder is about to write it.
        await branch.files(tree, signal)
        content = (await read([tree], signal)).get(tree) ?? NO_CONTENT
        known = new Map([...known, [tree, content]])
      }
      return { path, tree, ...content, common, commit: tip.commit }
    },
    async all(tip, signal) {
      const places = await placesAt(tip, signal)
      const unread = places.map(({ tree }) => tree).filter((tree) => !known.has(tree))
      if (unread.length > SINGLY_MAX) await branch.levels(tip, LEVELS, signal)
      const contents = new Map([...known, ...(await read(unread, signal))])
      known = new Map(places.map(({ tree }) => [tree, contents.get(tree) ?? NO_CONTENT]))
      const folders: Folder[] = []
      for (const { path, app, tree } of places) {
        const common = await commonAt(tip, app, signal)
        folders.push({ path, tree, ...(known.get(tree) ?? NO_CONTENT), common, commit: tip.commit })
      }
      return folders
    },
  }
}

function contentOf(bytes: Buffer, parsePreview: ParsePreview): Content {
  const text = bytes.toString('utf8')
  if (!Buffer.from(text, 'utf8').equals(bytes)) return { preview: null, fault: 'preview.yaml is not UTF-8' }
  const parsed = parsePreview(text)
  return 'preview' in parsed ? { preview: parsed.preview, fault: '' } : { preview: null, fault: parsed.fault }
}
