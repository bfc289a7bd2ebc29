import { readFile, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Terminal } from '../../domain/errors.ts'
import { kustomizationFileOf } from './kustomization-file.ts'
import { locate } from './locate.ts'
import { pluginFaultOf, pluginsOf } from './plugin-config.ts'
import { forbiddenFieldsOf, pluginReferencesOf, type Reference, referencesOf } from './references.ts'
import { remoteKindOf } from './remote.ts'
import { documentsOf, Mapping, textOf, writtenOutSizeOf } from './yaml-document.ts'

/**
 * Generous against what people write, and small enough that a scan ends within seconds and never holds up all else for
 * longer than one, whatever a hostile hand wrote.
 */
const KUSTOMIZATIONS_MAX = 500
const DEPTH_MAX = 30
/** Folders that are reached twice are built twice. */
const BUILDS_MAX = 5000
const REFERENCES_MAX = 20_000
/** Names on the way of all references together, those in the targets of links included. */
const PARTS_MAX = 200_000
/** PATH_MAX of Linux: path_resolution(7). */
const PATH_MAX_CHARACTERS = 4096
const FILE_MAX_BYTES = 1024 * 1024
/** Of YAML in all, with its aliases written out, since that is what is walked through. */
const YAML_MAX_CHARACTERS = 4_000_000

/**
 * Reads every kustomization that one reaches, and refuses what kustomize would fetch, run, or read outside of the root.
 * @param root the unpacked commit
 * @param folder below it
 * @returns local paths, relative to the root, that are referred to and not there; a folder without a kustomization too
 * @throws {Terminal} (author) naming file, field, value and rule
 */
export async function scanKustomization(root: string, folder: string): Promise<{ missing: readonly string[] }> {
  const scan: Scan = {
    root: await realpath(root),
    missing: new Set(),
    builds: new Map(),
    references: 0,
    parts: 0,
    yamlCharacters: 0,
  }
  const start = await locate(scan.root, '', folder)
  if (start.kind !== 'folder') throw new Terminal(`${folder} is not a folder of this commit`)
  if ((await kustomizationFileOf(scan.root, start.path)) === null) throw new Terminal(`${folder} has no kustomization`)
  await scanFolder(scan, start.path, [])
  return { missing: [...scan.missing].toSorted() }
}

interface Scan {
  readonly root: string
  readonly missing: Set<string>
  /** Folder -> how many kustomizations kustomize builds for it, itself included. */
  readonly builds: Map<string, number>
  references: number
  parts: number
  yamlCharacters: number
}

/** @param above the folders whose kustomizations lead here, the first first */
async function scanFolder(scan: Scan, folder: string, above: readonly string[]): Promise<number> {
  const known = scan.builds.get(folder)
  if (known !== undefined) return known
  const file = await kustomizationFileOf(scan.root, folder)
  if (file === null) {
    scan.missing.add(folder)
    return 0
  }
  if (above.length >= DEPTH_MAX) throw new Terminal(`${file}: is more than ${DEPTH_MAX} kustomizations deep`)
  const documents = await yamlAt(scan, file)
  if (documents === null) return 0
  for (const [field, what] of documents.flatMap(forbiddenFieldsOf)) {
    throw new Terminal(`${file}: ${field} ${what}, which WeStage does not do for a pull request`)
  }
  let builds = 1
  for (const reference of documents.flatMap(referencesOf)) {
    const below = await scanReference(scan, reference, file, folder)
    if (below === null) continue
    const path = [...above, folder]
    const loop = path.find((one) => one === below || below === '' || one.startsWith(`${below}/`))
    if (loop !== undefined) {
      throw refusal(file, reference, `which leads back to ${loop || '.'}: a kustomization can not contain itself`)
    }
    builds += await scanFolder(scan, below, path)
    if (builds > BUILDS_MAX) throw new Terminal(`${file}: reaches more than ${BUILDS_MAX} kustomizations`)
  }
  scan.builds.set(folder, builds)
  if (scan.builds.size > KUSTOMIZATIONS_MAX) {
    throw new Terminal(`${file}: is one of more than ${KUSTOMIZATIONS_MAX} kustomizations`)
  }
  return builds
}

/** @returns the folder of a kustomization that it leads to, null where it leads to none */
async function scanReference(scan: Scan, reference: Reference, file: string, folder: string): Promise<string | null> {
  scan.references += 1
  if (scan.references > REFERENCES_MAX) throw new Terminal(`${file}: more than ${REFERENCES_MAX} files are referred to`)
  const { field, kind, value } = reference
  const equals = kind === 'keyed' ? value.indexOf('=') : -1
  const path = value.slice(equals + 1)
  const remote = remoteKindOf(path) ?? remoteKindOf(value)
  if (remote !== null) {
    throw refusal(file, reference, `which is ${remote}: WeStage renders only what the commit itself holds`)
  }
  if (kind === 'patch' && /\n|^\s*\{/.test(value)) return null
  const inline = kind === 'plugin' ? inlineDocumentsOf(scan, value, `${file}: ${field}`) : null
  if (inline !== null) {
    await scanPlugins(scan, inline, reference, file, folder)
    return null
  }
  if (path === '') return null
  if (path.length > PATH_MAX_CHARACTERS) throw refusal(file, reference, 'which is longer than any path')
  const located = await locate(scan.root, folder, path, () => {
    scan.parts += 1
    if (scan.parts > PARTS_MAX)
      throw new Terminal(`${file}: the paths that are referred to lead through too many names`)
  })
  switch (located.kind) {
    case 'absolute':
      throw refusal(file, reference, 'which is an absolute path: only paths inside the repo are read')
    case 'outside':
      throw refusal(file, reference, 'which is outside of the repo')
    case 'outside by a link':
      throw refusal(file, reference, 'which passes through a link that leaves the repo')
    case 'loop':
      throw refusal(file, reference, 'which passes through links that lead in a circle')
    case 'missing':
      scan.missing.add(located.path)
      return null
    case 'folder':
      if (kind === 'plugin') {
        throw refusal(file, reference, 'which is a folder: what comes out of it can not be checked before it runs')
      }
      return kind === 'resource' || kind === 'folder' ? located.path : null
    case 'file':
      if (kind === 'plugin') {
        await scanPlugins(scan, (await yamlAt(scan, located.path)) ?? [], reference, located.path, folder)
      }
      return null
  }
}

/** kustomize takes a plugin for YAML before it takes it for a path. */
function inlineDocumentsOf(scan: Scan, value: string, where: string): readonly unknown[] | null {
  if (!/[\n:{[]/.test(value)) return null
  const documents = countedDocumentsOf(scan, value, where)
  return documents.some((node) => node instanceof Mapping || Array.isArray(node)) ? documents : null
}

async function scanPlugins(
  scan: Scan,
  documents: readonly unknown[],
  reference: Reference,
  file: string,
  folder: string,
): Promise<void> {
  for (const plugin of documents.flatMap(pluginsOf)) {
    const fault = pluginFaultOf(plugin)
    if (fault !== null) throw refusal(file, reference, `which ${fault}: WeStage runs no programs of a pull request`)
    for (const below of pluginReferencesOf(plugin, reference.field)) await scanReference(scan, below, file, folder)
  }
}

/** A file's documents; null where it is a link to something that is missing. */
async function yamlAt(scan: Scan, file: string): Promise<readonly unknown[] | null> {
  const located = await locate(scan.root, '', file)
  if (located.kind === 'missing') {
    scan.missing.add(located.path)
    return null
  }
  if (located.kind !== 'file') throw new Terminal(`${file}: is not a file of this commit`)
  const path = join(scan.root, located.path)
  if ((await stat(path)).size > FILE_MAX_BYTES) throw new Terminal(`${file}: is larger than 1 MB`)
  return countedDocumentsOf(scan, textOf(await readFile(path), file), file)
}

/** @param where how to call the text in an error */
function countedDocumentsOf(scan: Scan, text: string, where: string): readonly unknown[] {
  const count = (characters: number) => {
    scan.yamlCharacters += characters
    if (scan.yamlCharacters <= YAML_MAX_CHARACTERS) return
    const most = `${YAML_MAX_CHARACTERS / 1_000_000} MB`
    throw new Terminal(
      `${where}: the kustomizations up to here come to more than ${most}, with YAML aliases written out`,
    )
  }
  count(text.length)
  const documents = documentsOf(text, where)
  const writtenOut = documents.reduce((sum: number, document) => sum + writtenOutSizeOf(document), 0)
  count(Math.max(0, writtenOut - text.length))
  return documents
}

const refusal = (file: string, { field, value }: Reference, rule: string): Terminal =>
  new Terminal(`${file}: ${field} has ${shown(value)}, ${rule}`)

/** What an author wrote, on one line: in quotes, cut, without a password in a URL or characters that do not show. */
function shown(value: string): string {
  const quoted = JSON.stringify(value.trim().replace(/\/\/[^/@\s]*@/, '//…@')).replace(
    /[\u007f-\u009f\u2028-\u202e\ufeff]/g,
    '\ufffd',
  )
  return quoted.length > 160 ? `${quoted.slice(0, 158)}…"` : quoted
}
