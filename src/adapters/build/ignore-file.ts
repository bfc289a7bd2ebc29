/** The file that says what of a context a builder leaves out. */
import { lstat, readFile, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { Terminal } from '../../domain/errors.ts'
import { type IgnorePattern, parseIgnoreFile } from './ignore-patterns.ts'
import { isMissing, type Source } from './source.ts'

/** Where a builder looks for it: the first that is there counts. */
export interface IgnoreFilePlaces {
  /** Beside the Dockerfile: what follows its name. */
  readonly besideDockerfile: readonly string[]
  /** At the top of the context. */
  readonly inContext: readonly string[]
}

/** Docker, "Build context", "Filename and location". */
export const BUILDKIT_PLACES: IgnoreFilePlaces = { besideDockerfile: ['.dockerignore'], inContext: ['.dockerignore'] }
/** docker's builder before BuildKit. */
export const LEGACY_PLACES: IgnoreFilePlaces = { besideDockerfile: [], inContext: ['.dockerignore'] }
/** buildah-build(1), --ignorefile; containers/buildah, pkg/parse, ContainerIgnoreFile. */
export const BUILDAH_PLACES: IgnoreFilePlaces = {
  besideDockerfile: ['.dockerignore', '.containerignore'],
  inContext: ['.containerignore', '.dockerignore'],
}

export interface IgnoreFile {
  /** Its name, as people know it. */
  readonly name: string
  /** Its bytes, none where there is no such file. */
  readonly bytes: Buffer
  /** Null where it can't be told what a builder makes of it: then any of the context may be seen. */
  readonly patterns: readonly IgnorePattern[] | null
}

const MAX_BYTES = 1024 * 1024

/** @throws {Terminal} (author) it is larger than 1 MiB */
export async function ignoreFileOf({ context, dockerfile }: Source, places: IgnoreFilePlaces): Promise<IgnoreFile> {
  const paths = [
    ...places.besideDockerfile.map((suffix) => `${dockerfile.path}${suffix}`),
    ...places.inContext.map((name) => join(context, name)),
  ]
  for (const path of paths) {
    const found = await stat(path).catch(nullIfMissing)
    if (found === null) continue
    if (!found.isFile()) return { name: basename(path), bytes: Buffer.alloc(0), patterns: null }
    if (found.size > MAX_BYTES) throw new Terminal(`${basename(path)} is larger than 1 MiB`)
    const bytes = await readFile(path)
    const text = bytes.toString('utf8')
    // Not every builder follows a link that leads out of the context.
    const isPlain = (await lstat(path)).isFile() && Buffer.from(text).equals(bytes)
    return { name: basename(path), bytes, patterns: isPlain ? parseIgnoreFile(text) : null }
  }
  return { name: '.dockerignore', bytes: Buffer.alloc(0), patterns: [] }
}

function nullIfMissing(error: unknown): null {
  if (isMissing(error)) return null
  throw error
}
