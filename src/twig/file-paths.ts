/** What a file may be called: no name that git or a file system minds. */
import { Unwritable } from './errors.ts'

/** GitHub blocks a push with a larger file ("About large files on GitHub"). */
const FILE_MAX_BYTES = 100 * 1024 * 1024

/** @throws {Unwritable} naming the first file that must not be committed */
export function checkFiles(files: ReadonlyMap<string, string>): void {
  for (const [path, text] of files) {
    const fault = faultOf(path) ?? (Buffer.byteLength(text) > FILE_MAX_BYTES ? 'is larger than 100 MiB' : null)
    if (fault !== null) throw new Unwritable(`${JSON.stringify(path)} ${fault}`)
    for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) {
      if (files.has(path.slice(0, at)))
        throw new Unwritable(`${JSON.stringify(path.slice(0, at))} is a file and a folder`)
    }
  }
}

function faultOf(path: string): string | null {
  if (path === '') return 'is no file name'
  if (/\p{Surrogate}/u.test(path)) return 'is not UTF-8'
  if (/[\p{Cc}\\]/u.test(path)) return 'has a character that no file name should have'
  for (const name of path.split('/')) {
    if (name === '' || name === '.' || name === '..') return 'is not a plain path below the folder'
    // What git itself refuses as `.git` on file systems that ignore case, trailing dots or characters without a width
    // (git documentation, git-config: core.protectHFS and core.protectNTFS).
    const shown = name
      .replace(/\p{Cf}/gu, '')
      .split(':')[0]
      ?.replace(/[ .]+$/, '')
      .toLowerCase()
    if (shown === '.git' || /^\.?git~[0-9]$/.test(shown ?? '')) return 'has a part that git keeps for itself'
    if (Buffer.byteLength(name) > 255) return 'has a part of more than 255 bytes'
  }
  return null
}
