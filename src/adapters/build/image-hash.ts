/** One hash of all that an image is made from, as far as this instance hands it to the builder. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { BuildRequest } from '../../ports.ts'
import { contextEntries, type IgnoreReading } from './context-entries.ts'
import { contextHash } from './context-hash.ts'
import type { IgnoreFile } from './ignore-file.ts'
import type { Source } from './source.ts'

/** Another one for another way of hashing, so that no image of before is taken for what is meant now. */
const WAY = 1

export interface HashedBuilder {
  /** Builders of two kinds make two images of one source. */
  readonly kind: string
  /** What it builds for where a build says nothing. */
  readonly platform: string
  readonly reading: IgnoreReading
}

/**
 * sha256 as hex. Not in it: the images that FROM names, beyond how they are named, and the builder's version. The ignored
 * patterns are in it beside what they leave: no builder sees more than is hashed, and one of them may see less.
 */
export async function imageHash(
  { repository, args, target, platforms }: BuildRequest,
  source: Source,
  ignoreFile: IgnoreFile,
  builder: HashedBuilder,
  signal: AbortSignal,
): Promise<string> {
  const { bytes, patterns } = ignoreFile
  const entries = await contextEntries(source.context, patterns ?? [], builder.reading, signal)
  const parts = {
    way: WAY,
    builder: builder.kind,
    platforms: platforms.length === 0 ? [builder.platform] : platforms,
    // Nobody gets what another repo's Dockerfile made, were it word for word the same.
    repository,
    dockerfile: sha256(await readFile(source.dockerfile.path)),
    args: Object.entries(args).toSorted(([a], [b]) => (a < b ? -1 : 1)),
    target,
    ignored: patterns?.map(({ line }) => line) ?? sha256(bytes),
    context: await contextHash(source.context, entries, signal),
  }
  return sha256(JSON.stringify(parts))
}

const sha256 = (content: string | Buffer): string => createHash('sha256').update(content).digest('hex')
