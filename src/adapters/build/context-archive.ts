/** A build context with its Dockerfile as one tar, for a builder that is elsewhere. */
import { basename, dirname } from 'node:path'
import { Header, WriteEntry } from 'tar'
import { contextEntries, type IgnoreReading } from './context-entries.ts'
import type { BuildOrder } from './reuse.ts'

/** Where things are in the archive. */
export const ARCHIVE_PLACES = {
  context: 'context',
  /** With the Dockerfile, and the ignore file under the name by which BuildKit prefers it (`<Dockerfile>.dockerignore`). */
  dockerfile: 'dockerfile',
  /** An empty file that stands last: where it is missing, the archive was cut off. */
  complete: 'complete',
} as const

const BLOCK = 512

/**
 * The archive, piece by piece. Of the context it has exactly what the ignore file leaves.
 * @throws where a file went or changed its size while it was read
 */
export async function* contextArchive(
  { source, ignoreFile }: Pick<BuildOrder, 'source' | 'ignoreFile'>,
  reading: IgnoreReading,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const { path } = source.dockerfile
  const name = basename(path)
  yield* entryAt(dirname(path), name, ARCHIVE_PLACES.dockerfile)
  if (ignoreFile.bytes.length > 0) {
    yield* entryOf(`${ARCHIVE_PLACES.dockerfile}/${name}.dockerignore`, ignoreFile.bytes)
  }
  yield entryHeader(ARCHIVE_PLACES.context, 'Directory', 0)
  const entries = await contextEntries(source.context, ignoreFile.patterns ?? [], reading, signal)
  // A folder stands before what is in it.
  for (const { path: entry } of entries.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    signal.throwIfAborted()
    yield* entryAt(source.context, entry, ARCHIVE_PLACES.context)
  }
  yield* entryOf(ARCHIVE_PLACES.complete, Buffer.alloc(0))
  yield Buffer.alloc(2 * BLOCK)
}

/** A file, folder or link as it is below `cwd`, without its owner; its time is kept, as buildctl does. */
async function* entryAt(cwd: string, path: string, prefix: string): AsyncGenerator<Buffer> {
  const entry = new WriteEntry(path, { cwd, prefix, portable: true, strict: true })
  for await (const chunk of entry) yield chunk
}

function* entryOf(path: string, content: Buffer): Generator<Buffer> {
  yield entryHeader(path, 'File', content.length)
  yield content
  yield Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)
}

function entryHeader(path: string, type: 'File' | 'Directory', size: number): Buffer {
  const header = new Header({ path, type, size, mode: type === 'File' ? 0o644 : 0o755, mtime: new Date(0) })
  header.encode()
  if (header.block === undefined) throw new Error(`no header for ${path}`)
  return header.block
}
