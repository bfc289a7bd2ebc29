/** What the server has of the branch, as far as it is wanted: objects at hand, and one fetch for those that are not. */
import type { GitObject, ObjectReader, ObjectType } from './git-object.ts'
import { objectsAtHand } from './objects.ts'
import { type FetchRequest, type Have, NotOnServer, type Transport } from './transport.ts'
import { unpack } from './unpack.ts'

/** The trees of ten thousand folders take 3 MB of it; the rest is what was read and pushed last, some hundred folders. */
const AT_HAND_MAX_BYTES = 6 * 1024 * 1024

/** More commits than that do not come one by one where the branch has moved: the tip's trees are less then. */
const MOVED_MAX = 30

const itself = (commit: string | null): Have | null => (commit === null ? null : { commit, standsFor: 'itself' })
const historyOf = (commit: string): Have => ({ commit, standsFor: 'its history' })

export interface Remote {
  /** Reads objects; what is not at hand is fetched, one request for each. @throws {NotOnServer} */
  reader(signal: AbortSignal): ObjectReader
  has(id: string): boolean
  put(objects: ReadonlyMap<string, GitObject>): void
  /**
   * A commit with its trees down to `depth` levels, without its parents.
   * @param have a commit that is at hand in the same way, of which nothing is sent again
   */
  commit(id: string, have: string | null, signal: AbortSignal): Promise<void>
  /** The same for a commit that is likely to have come after `have`: of that, only what is new is sent. */
  moved(id: string, have: string, signal: AbortSignal): Promise<void>
  /** The tip's history: so many commits, alone. */
  history(tip: string, commits: number, signal: AbortSignal): Promise<void>
  /** The trees of a commit down to so many levels. */
  trees(commit: string, levels: number, signal: AbortSignal): Promise<void>
  /** Hands each tree, down to so many levels, of the tip and what was before it, so many commits, to `visit`; none is kept. */
  past(
    tip: string,
    commits: number,
    levels: number,
    visit: (content: Buffer) => void,
    signal: AbortSignal,
  ): Promise<void>
  /** All below a tree, in one request. */
  below(tree: string, signal: AbortSignal): Promise<void>
  /**
   * Hands each object to `visit`; all that are not at hand come in one request, and are not kept. A content is good
   * until `visit` returns.
   */
  each(ids: readonly string[], visit: (id: string, content: Buffer) => void, signal: AbortSignal): Promise<void>
}

/**
 * @param depth how many levels of trees a commit comes with
 * @param maxBytes how much is kept at hand
 */
export function openRemote(transport: Transport, depth: number, maxBytes = AT_HAND_MAX_BYTES): Remote {
  const atHand = objectsAtHand(() => (transport.gives() === 'any object' ? maxBytes : Number.POSITIVE_INFINITY))

  /** What is read out of a pack is overwritten by what comes next. */
  const copied = ({ type, content }: GitObject): GitObject => ({ type, content: Buffer.from(content) })
  const keep = (id: string, object: GitObject) => atHand.put(id, copied(object))
  const fetched = async (
    request: FetchRequest,
    signal: AbortSignal,
    visit: (id: string, object: GitObject) => void = keep,
  ) => {
    const { pack, release } = await transport.fetch(request, signal)
    try {
      unpack(pack, (id) => atHand.get(id), visit)
    } finally {
      release()
    }
  }

  const read = async (id: string, type: ObjectType, signal: AbortSignal): Promise<Buffer> => {
    const known = atHand.get(id) ?? (await fetchOne(id, type, signal))
    if (known.type !== type) throw new Error(`object ${id} is a ${known.type}, not a ${type}`)
    return known.content
  }

  const fetchOne = async (id: string, type: ObjectType, signal: AbortSignal): Promise<GitObject> => {
    const isCommit = type === 'commit'
    // A tree that is asked for by itself brings the folders in it along at level 1, at 0 it comes alone.
    const leaveOut = type === 'blob' ? 'nothing' : { treesFrom: isCommit ? depth : 1 }
    return await fetchFor(id, { wants: [id], depth: isCommit ? 1 : null, have: null, leaveOut }, signal)
  }

  /** What was asked for is given back even where all that came with it is more than is kept. */
  const fetchFor = async (id: string, request: FetchRequest, signal: AbortSignal): Promise<GitObject> => {
    const found = new Map<string, GitObject>()
    await fetched(request, signal, (each, object) => {
      keep(each, object)
      if (each === id) found.set(id, copied(object))
    })
    const object = found.get(id)
    if (object === undefined) throw new NotOnServer(`the git server did not send object ${id}`)
    return object
  }

  const commit = async (id: string, have: string | null, signal: AbortSignal) => {
    await fetchFor(id, { wants: [id], depth: 1, have: itself(have), leaveOut: { treesFrom: depth } }, signal)
  }

  return {
    reader: (signal) => ({ read: (id, type) => read(id, type, signal) }),
    has: atHand.has,
    put: (objects) => {
      for (const [id, object] of objects) atHand.put(id, object)
    },
    commit,
    async moved(id, have, signal) {
      const request = { wants: [id], depth: MOVED_MAX, have: historyOf(have), leaveOut: { treesFrom: depth } }
      await fetched(request, signal)
      // Where the branch was reset to what it was before, the server takes all of it for known.
      if (!atHand.has(id)) await commit(id, null, signal)
    },
    async history(tip, commits, signal) {
      const have = atHand.has(tip) ? itself(tip) : null // what a writer made was never here
      await fetched({ wants: [tip], depth: commits, have, leaveOut: { treesFrom: 0 } }, signal)
    },
    async trees(commit, levels, signal) {
      if (transport.gives() === 'tips alone') return // all of it came with the tip
      const request = { wants: [commit], depth: 1, have: null, leaveOut: { treesFrom: levels } }
      await fetched(request, signal)
    },
    async past(tip, commits, levels, visit, signal) {
      const request = { wants: [tip], depth: commits, have: null, leaveOut: { treesFrom: levels } }
      await fetched(request, signal, (_, { type, content }) => {
        if (type === 'tree') visit(content)
      })
    },
    async below(tree, signal) {
      await fetched({ wants: [tree], depth: null, have: null, leaveOut: 'nothing' }, signal)
    },
    async each(ids, visit, signal) {
      const missing: string[] = []
      for (const id of new Set(ids)) {
        const known = atHand.get(id)
        if (known === null) missing.push(id)
        else visit(id, known.content)
      }
      if (missing.length === 0) return
      const wanted = new Set(missing)
      const request: FetchRequest = { wants: missing, depth: null, have: null, leaveOut: 'nothing' }
      await fetched(request, signal, (id, { content }) => {
        if (wanted.delete(id)) visit(id, content)
      })
      const [absent] = wanted
      if (absent !== undefined) throw new NotOnServer(`the git server did not send object ${absent}`)
    },
  }
}
