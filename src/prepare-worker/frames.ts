/** What the service says to a worker: frames of a kind, a length and so many bytes. */
import { deserialize, serialize } from 'node:v8'
import type { ByteReader } from '../adapters/archive/byte-reader.ts'
import type { ArchiveCaps } from '../adapters/archive/unpack.ts'
import type { FoundKustomize, KustomizeSettings } from '../adapters/kustomize/find-kustomize.ts'
import type { ArchiveGrant } from '../ports.ts'
import type { MadeImage } from '../reconcile/build-images.ts'
import type { PrepareRequest } from '../reconcile/prepare.ts'

/** One prepare. Nothing in it is a secret: the worker has the archive from the service, or is granted it by itself. */
export interface Work {
  readonly request: PrepareRequest
  /** Where the images come from: they are there, or come of what the worker unpacked. */
  readonly images: { readonly kind: 'made'; readonly images: readonly MadeImage[] } | { readonly kind: 'repo' }
  /** null: the worker has a place of its own. */
  readonly place: Place | null
  readonly tools: WorkerTools
}

/** Where a work is done. */
export interface Place {
  /** For this work alone, gone afterwards. */
  readonly folder: string
  readonly kustomize: FoundKustomize
}

/** What the worker works with, the same for each work. */
export interface WorkerTools {
  readonly archive: ArchiveCaps
  readonly render: Omit<KustomizeSettings, 'path' | 'workDir'>
}

export type Frame =
  | { readonly kind: 'work'; readonly work: Work }
  | { readonly kind: 'archive'; readonly chunk: Buffer }
  /** Where the worker gets it by itself. */
  | { readonly kind: 'archive from'; readonly grant: ArchiveGrant }
  /** `here`: nothing else was to be said for a while. */
  | { readonly kind: 'archive ends' | 'archive fails' | 'build fails' | 'here' }
  | { readonly kind: 'built'; readonly images: readonly MadeImage[] }

const KINDS = [
  'work',
  'archive',
  'archive ends',
  'archive fails',
  'build fails',
  'built',
  'archive from',
  'here',
] as const
const HEAD_BYTES = 5

/** A frame's head, and what follows it. */
export function frameOf(frame: Frame): readonly Buffer[] {
  const body = bodyOf(frame)
  const head = Buffer.alloc(HEAD_BYTES)
  head.writeUInt8(KINDS.indexOf(frame.kind), 0)
  head.writeUInt32BE(body.length, 1)
  return [head, body]
}

/** A structured clone keeps maps and integers of any size. Only the service writes what is read so. */
function bodyOf(frame: Frame): Buffer {
  if (frame.kind === 'archive') return frame.chunk
  if (frame.kind === 'work') return serialize(frame.work)
  if (frame.kind === 'archive from') return serialize(frame.grant)
  return frame.kind === 'built' ? serialize(frame.images) : Buffer.alloc(0)
}

/** The next frame, null at the end of the stream. */
export async function nextFrame(reader: ByteReader): Promise<Frame | null> {
  const head = await reader.exactly(HEAD_BYTES)
  if (head === null) return null
  const body = await reader.exactly(head.readUInt32BE(1))
  if (body === null) return null
  const kind = KINDS[head.readUInt8(0)]
  if (kind === undefined) throw new Error('a frame of no kind')
  if (kind === 'archive') return { kind, chunk: body }
  if (kind === 'work') return { kind, work: deserialize(body) }
  if (kind === 'built') return { kind, images: deserialize(body) }
  if (kind === 'archive from') return { kind, grant: deserialize(body) }
  return { kind }
}
