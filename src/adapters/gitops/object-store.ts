/**
 * The objects known here: packs in a folder of their own, read by isomorphic-git, and in memory those of our own pushes
 * until they make a pack of their own. Nothing of it outlives the process.
 */
import fs, { mkdirSync, mkdtempSync } from 'node:fs'
import { rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Errors, indexPack, readObject } from 'isomorphic-git'
import type { GitObject, ObjectReader, Objects } from './git-object.ts'
import { checkPack, countIn, packOf } from './pack.ts'

/** Our own objects are kept in memory up to here. */
const MEMORY_MAX_BYTES = 4 * 1024 * 1024
/** isomorphic-git keeps every pack that it reads in memory whole, so that a store must not grow for ever. */
const PACKS_MAX = 50
/** A store may grow so far, or to twice its first pack: what takes its place begins with one like that. */
const GROWTH_BYTES = 32 * 1024 * 1024

export interface ObjectStore extends ObjectReader {
  has(id: string): Promise<boolean>
  /** Takes a pack whose deltas all have their bases in it. @throws where it is cut or damaged */
  addPack(pack: Buffer): Promise<void>
  add(objects: Objects): Promise<void>
  /** Whether it is time to begin another one; it goes on taking packs. */
  isFull(): boolean
  close(): Promise<void>
}

/**
 * Opens an empty store in a new folder below `workDir`, which `close` removes.
 * @param packsMax with so many packs it is full
 */
export function openObjectStore(workDir: string, packsMax = PACKS_MAX): ObjectStore {
  const root = mkdtempSync(join(workDir, 'westage-gitops-'))
  const packs = join(root, 'objects', 'pack')
  const incoming = join(root, 'incoming')
  for (const folder of [packs, incoming]) mkdirSync(folder, { recursive: true })
  const cache = {}
  let memory = new Map<string, GitObject>()
  let memoryBytes = 0
  let packsSoFar = 0
  let firstBytes = 0
  let grownBytes = 0
  let isClosed = false
  const writing = new Set<Promise<void>>()

  const find = async (id: string): Promise<GitObject | null> => {
    const own = memory.get(id)
    if (own !== undefined) return own
    try {
      const { type, object } = await readObject({ fs, gitdir: root, oid: id, format: 'content', cache })
      if (type !== 'commit' && type !== 'tree' && type !== 'blob') return null
      return object instanceof Uint8Array ? { type, content: asBuffer(object) } : null
    } catch (error) {
      if (error instanceof Errors.NotFoundError) return null
      throw new Error(`object ${id} can't be read`, { cause: error })
    }
  }

  const addPack = async (pack: Buffer) => {
    if (isClosed) throw new Error('the GitOps branch is closed')
    const written = writePack(pack)
    writing.add(written)
    await written.finally(() => writing.delete(written))
  }

  const writePack = async (pack: Buffer) => {
    checkPack(pack)
    if (countIn(pack) === 0) return
    packsSoFar += 1
    if (packsSoFar === 1) firstBytes = pack.length
    else grownBytes += pack.length
    const name = `pack-${packsSoFar}`
    await writeFile(join(incoming, `${name}.pack`), pack)
    const { oids } = await indexPack({ fs, dir: incoming, gitdir: root, filepath: `${name}.pack`, cache })
    if (oids.length !== countIn(pack)) throw new Error('the git server sent a pack with objects that can not be read')
    // The index comes last, and at once: isomorphic-git finds packs by it.
    await rename(join(incoming, `${name}.pack`), join(packs, `${name}.pack`))
    await rename(join(incoming, `${name}.idx`), join(packs, `${name}.idx`))
  }

  return {
    async read(id, type) {
      const found = await find(id)
      if (found === null) throw new Error(`object ${id} is missing`)
      if (found.type !== type) throw new Error(`object ${id} is a ${found.type}, not a ${type}`)
      return found.content
    },
    has: async (id) => (await find(id)) !== null,
    addPack,
    async add(objects) {
      for (const [id, object] of objects) {
        if (!memory.has(id)) memoryBytes += object.content.length
        memory.set(id, object)
      }
      if (memoryBytes <= MEMORY_MAX_BYTES) return
      const full = memory
      await addPack(packOf(full))
      memory = new Map([...memory].filter(([id]) => !full.has(id)))
      memoryBytes = [...memory.values()].reduce((sum, { content }) => sum + content.length, 0)
    },
    isFull: () => packsSoFar >= packsMax || grownBytes >= Math.max(GROWTH_BYTES, firstBytes),
    async close() {
      isClosed = true
      await Promise.allSettled(writing)
      await rm(root, { recursive: true, force: true })
    },
  }
}

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
