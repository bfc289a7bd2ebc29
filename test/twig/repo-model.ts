/** What a repo holds as a plain map, and what a change makes of it. Knows nothing of trees, packs or how twig works. */

export interface ModelFile {
  /** A file's 100644 or 100755, a link's 120000, a submodule's 160000. */
  readonly mode: string
  /** Bytes as Latin-1; a link's target, a submodule's commit. */
  readonly content: string
}

/** Path -> file; a path's bytes as Latin-1. Folders are there as long as a file is in them. */
export type Model = ReadonlyMap<string, ModelFile>

/** A change of a folder, as it is asked of twig. */
export interface ModelChange {
  readonly folder: string
  /** Path below the folder -> text, null: the folder goes. */
  readonly files: ReadonlyMap<string, string> | null
  /** Whether it was decided on the folder as it is. */
  readonly isUpToDate: boolean
}

export type Outcome = 'committed' | 'unchanged' | 'stale' | 'refused'

export const latin1 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')

const isBelow = (path: string, folder: string): boolean => path.startsWith(`${folder}/`)

const entriesWhere = (model: Model, isWanted: (path: string) => boolean): Model =>
  new Map([...model].filter(([path]) => isWanted(path)))

/** The files of a folder, by their whole paths. */
export const inFolder = (model: Model, folder: string): Model => entriesWhere(model, (path) => isBelow(path, folder))

/** Takes away a file, or a folder with all that is in it. */
export const without = (model: Model, gone: string): Model =>
  entriesWhere(model, (path) => path !== gone && !isBelow(path, gone))

/** Puts a file there, in place of whatever has its name or stands in its way. */
export const withFile = (model: Model, path: string, file: ModelFile): Model =>
  new Map([...entriesWhere(without(model, path), (other) => !isBelow(path, other)), [path, file]])

/** Every folder in which there are files. */
export function foldersOf(model: Model): readonly string[] {
  const folders = new Set<string>()
  for (const path of model.keys()) {
    for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) folders.add(path.slice(0, at))
  }
  return [...folders]
}

/** Whether there is a file where the folder, or one that it is in, would have to be. */
export const isBlocked = (model: Model, folder: string): boolean =>
  [...model.keys()].some((path) => path === folder || isBelow(folder, path))

/** Paths of files that are on one side only, or differ. */
export const differingPaths = (before: Model, after: Model): readonly string[] =>
  [...new Set([...before.keys(), ...after.keys()])].filter((path) => {
    const [was, is] = [before.get(path), after.get(path)]
    return was?.mode !== is?.mode || was?.content !== is?.content
  })

/** Whether one of these paths is the folder, or in it. */
export const isTouched = (folder: string, paths: readonly string[]): boolean =>
  paths.some((path) => path === folder || isBelow(path, folder))

/** What a change comes to: the folder has these files and no others, executable where they were; all else stays. */
export function changed(model: Model, { folder, files, isUpToDate }: ModelChange): readonly [Outcome, Model] {
  const rest = entriesWhere(model, (path) => !isBelow(path, folder))
  const wanted = [...(files ?? [])].map(([name, text]): [string, ModelFile] => {
    const path = `${folder}/${latin1(name)}`
    return [path, { mode: model.get(path)?.mode === '100755' ? '100755' : '100644', content: latin1(text) }]
  })
  const after: Model = new Map([...rest, ...wanted])
  if (differingPaths(model, after).length === 0) return ['unchanged', model]
  if (!isUpToDate) return ['stale', model]
  return isBlocked(model, folder) ? ['refused', model] : ['committed', after]
}
