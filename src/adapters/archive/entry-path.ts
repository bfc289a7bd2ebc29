import { Terminal } from '../../domain/errors.ts'

const NAME_MAX_BYTES = 255
const PATH_MAX_BYTES = 2000

/** What refuses an archive because of one of its entries. */
export const refusedEntry = (path: string, rule: string): Terminal =>
  new Terminal(`The archive of this commit holds an entry that WeStage refuses: ${printable(path)} ${rule}`)

/**
 * A path in an archive, as its parts, the top folder first; `.` and empty ones are left out.
 * @param maxDepth folders between the top folder and the entry
 * @throws {Terminal} (author) one that no tree of git holds, or that a file system could read otherwise than we do
 */
export function entryPartsOf(path: string, maxDepth: number): readonly string[] {
  if (hasControlCharacter(path)) throw refusedEntry(path, 'has a control character in its name')
  if (path.startsWith('/') || /^(\\|[A-Za-z]:[\\/])/.test(path)) throw refusedEntry(path, 'is an absolute path')
  if (path.split(/[\\/]/).includes('..')) throw refusedEntry(path, 'climbs out of its folder by ".."')
  const parts = path.split('/').filter((part) => part !== '' && part !== '.')
  if (parts.length - 2 > maxDepth) throw refusedEntry(path, `is more than ${maxDepth} folders deep`)
  if (Buffer.byteLength(path) > PATH_MAX_BYTES) throw refusedEntry(path, `is longer than ${PATH_MAX_BYTES} bytes`)
  if (parts.some((part) => Buffer.byteLength(part) > NAME_MAX_BYTES)) {
    throw refusedEntry(path, `has a name of more than ${NAME_MAX_BYTES} bytes`)
  }
  return parts
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
export const hasControlCharacter = (text: string): boolean => /[\0-\x1f\x7f]/.test(text)

/** What an archive's author wrote, for one line of a log: in quotes, without control characters, cut. */
export function printable(text: string): string {
  const quoted = JSON.stringify(text.slice(0, 200)).replace(
    /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
    '\ufffd',
  )
  return quoted.length > 200 ? `${quoted.slice(0, 198)}…"` : quoted
}
