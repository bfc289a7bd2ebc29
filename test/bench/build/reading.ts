/** How long it takes to read an archive of a repo, and to hash what it unpacks to. */
import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'
import { tarEntriesOf } from '../../../src/adapters/archive/tar-entries.ts'
import { BUILDAH_PLACES, ignoreFileOf } from '../../../src/adapters/build/ignore-file.ts'
import { imageHash } from '../../../src/adapters/build/image-hash.ts'
import { sourceOf } from '../../../src/adapters/build/source.ts'
import { requestFor } from '../../adapters/build/repo-on-disk.ts'

const BUILDER = { kind: 'buildah', platform: 'linux/amd64', reading: 'buildah' as const }

/** Milliseconds to go through a tar.gz to its end, every byte of every entry, and to write nothing. */
export async function readOnce(archive: string): Promise<number> {
  const start = performance.now()
  let bytes = 0
  for await (const { body } of tarEntriesOf(createReadStream(archive).pipe(createGunzip()), () => {})) {
    for await (const chunk of body()) bytes += chunk.length
  }
  if (bytes === 0) throw new Error(`${archive} is empty`)
  return performance.now() - start
}

/** Milliseconds to the tag of the image that is built from an unpacked archive. */
export async function hashOnce(root: string): Promise<number> {
  const start = performance.now()
  const request = requestFor(root)
  const source = await sourceOf(request)
  await imageHash(request, source, await ignoreFileOf(source, BUILDAH_PLACES), BUILDER, new AbortController().signal)
  return performance.now() - start
}
