/** The files below `previews/` of a GitOps repo that is checked out. They are read, and nothing else: no link is followed. */
import { type Dirent, existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isAppName, parseFolder } from '../domain/names.ts'
import type { Fault, FolderText } from '../manifests/check-folder.ts'

/** Files that are for people, and that git needs to keep an empty folder. */
const BESIDE = ['README.md', '.gitkeep']

/** Each preview's folder, or what lies where none can be. @throws where a file or folder can't be read */
export function* gitOpsFolders(root: string): Generator<FolderText | Fault> {
  for (const app of entriesOf(root, 'previews')) {
    const path = `previews/${app.name}`
    if (app.isFile() && BESIDE.includes(app.name)) continue
    if (!app.isDirectory()) yield { path, words: 'is in no preview’s folder: move it out of previews/' }
    else if (!isAppName(app.name)) {
      yield { path, words: 'is not the name of an app, a DNS label of at most 30 characters: rename or remove it' }
    } else yield* appFolders(root, path)
  }
}

function* appFolders(root: string, app: string): Generator<FolderText | Fault> {
  for (const entry of entriesOf(root, app)) {
    const path = `${app}/${entry.name}`
    const named = entry.isDirectory() ? parseFolder(path) : null
    if (named === null) yield { path, words: 'is not a preview’s folder, pr-<number>: rename or remove it' }
    else yield* previewFolder(root, path, named)
  }
}

function* previewFolder(
  root: string,
  path: string,
  named: { app: string; pull: number },
): Generator<FolderText | Fault> {
  let preview: string | null = null
  const manifests = new Map<string, string>()
  for (const entry of entriesOf(root, path)) {
    if (entry.isFile() && entry.name === 'preview.yaml') preview = readFileSync(join(root, path, entry.name), 'utf8')
    else if (!entry.isDirectory() || entry.name !== 'manifests') {
      yield {
        path: `${path}/${entry.name}`,
        words: 'is not preview.yaml or manifests/, and nobody reads it: remove it',
      }
    } else {
      for (const file of entriesOf(root, `${path}/manifests`)) {
        const at = `${path}/manifests/${file.name}`
        if (isManifest(file)) manifests.set(file.name, readFileSync(join(root, at), 'utf8'))
        else yield { path: at, words: 'is not a .yaml file, and Argo CD does not apply it: rename or remove it' }
      }
    }
  }
  yield { path, ...named, preview, manifests }
}

/** The manifests of `common/` and of the folders in it, by app; '' is what every app gets. */
export function commonTexts(root: string): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const entries = existsSync(join(root, 'common')) ? entriesOf(root, 'common') : []
  const apps = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  const textsIn = (folder: string) =>
    entriesOf(root, folder)
      .filter((file) => file.isFile() && /\.ya?ml$/.test(file.name))
      .map(({ name }): [string, string] => [`${folder}/${name}`, readFileSync(join(root, folder, name), 'utf8')])
  const shared = entries.length === 0 ? [] : textsIn('common')
  return new Map([
    ['', new Map(shared)],
    ...apps.map((app): [string, ReadonlyMap<string, string>] => [
      app,
      new Map([...shared, ...textsIn(`common/${app}`)]),
    ]),
  ])
}

const isManifest = (file: Dirent): boolean => file.isFile() && file.name.endsWith('.yaml')

const entriesOf = (root: string, path: string): readonly Dirent[] =>
  readdirSync(join(root, path), { withFileTypes: true })
