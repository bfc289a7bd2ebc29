/** twig: a branch of a git repo, read and written over smart HTTP without a clone. See README.md beside this. */
import { setMaxListeners } from 'node:events'
import { endingWith } from './abort-signals.ts'
import { openBranchTip } from './branch-tip.ts'
import { commitIn, type Person } from './commit-object.ts'
import { type Committed, openCommitQueue } from './commit-queue.ts'
import type { WriteCommit } from './commit-writer.ts'
import { differing } from './differing.ts'
import type { FolderChange, Tip } from './drafted-changes.ts'
import { checkFiles } from './file-paths.ts'
import type { AskCredentials } from './git-http.ts'
import { isObjectId } from './git-object.ts'
import { type Change, changeOfFolder } from './history.ts'
import { openMoves } from './moves.ts'
import { treesSince } from './past-trees.ts'
import { PUSH_RATE, type PushRate, pushTurns, WRITE_RATE } from './push-rate.ts'
import { openRemote } from './remote.ts'
import { byPush, byWriter } from './send.ts'
import { openSmartHttp } from './smart-http.ts'
import { treeAt } from './splice.ts'
import type { SignCommit } from './ssh-signature.ts'
import { NotOnServer } from './transport.ts'
import { entryIn, entryName, isFile, isFolder, parseTree, type TreeEntry, textOfName } from './tree.ts'

export interface BranchOptions {
  /** The repo's HTTP clone address, without credentials. */
  readonly url: string
  /** Its name without `refs/heads/`. */
  readonly branch: string
  /** Author and committer of every commit. */
  readonly author: Person
  /** Null where the repo needs none. */
  readonly credentials: AskCredentials | null
  readonly log: (line: string) => void
  /** Gives an armoured signature of a commit object's bytes; null, or not given: commits are not signed. */
  readonly sign?: SignCommit | null
  /** What writes commits where they are not pushed: one request for each. They are neither by `author` nor signed here. */
  readonly writer?: WriteCommit | null
  readonly pushes?: PushRate
  /** Levels of trees that the tip is fetched with, its root the first: what is looked up without one more request. */
  readonly depth?: number
  /** Bytes of objects that are kept in memory, 6 MB where it is not given; a megabyte is the least. */
  readonly atHandMaxBytes?: number
  /** How long the server may say nothing before a request fails, two minutes where it is not given. */
  readonly silenceMaxMs?: number
}

export interface Branch {
  /**
   * The tip, asked for after this was called: one request where it has not moved.
   * @throws {Refused} there is no such branch, or it may not be read
   */
  fresh(signal: AbortSignal): Promise<Tip>
  /** As last read or pushed, null before the first time. */
  known(): Tip | null
  /** A tree's entries. */
  entries(tree: string, signal: AbortSignal): Promise<readonly TreeEntry[]>
  /** The entries of that name: tree -> entry, for each tree that has one. Made for many trees. */
  named(trees: readonly string[], name: string, signal: AbortSignal): Promise<ReadonlyMap<string, TreeEntry>>
  /** The id of the folder at a path below a tree, null where there is none. */
  treeAt(root: string, path: readonly string[], signal: AbortSignal): Promise<string | null>
  /** Has the trees of a tip at hand down to so many levels, the root the first, in at most one request. */
  levels(tip: Tip, levels: number, signal: AbortSignal): Promise<void>
  /**
   * Hands each blob to `visit`; those that are not at hand come in one request, and are not kept. A content is good until
   * `visit` returns, and overwritten then: memory does not grow with how many there are.
   */
  blobs(ids: readonly string[], visit: (id: string, content: Buffer) => void, signal: AbortSignal): Promise<void>
  /** The files of a folder's tree: path below it -> content. Links and submodules are not among them. */
  files(tree: string, signal: AbortSignal): Promise<ReadonlyMap<string, Buffer>>
  /**
   * Makes the folder what the change says, in one commit, and pushes it. Changes that wait at the same moment share a
   * push. A race that was lost is replayed on the new tip, what may have arrived is looked up before it is sent again.
   * The same content makes no commit.
   * @throws {Stale} the folder is not as `onto` says: look again
   * @throws {Refused} a path or name that must not be written, or the server does not let it be pushed
   */
  commit(change: FolderChange, signal: AbortSignal): Promise<Committed>
  /** The tree of a folder in some commit, null where it has none; 'unknown' where the server has no such commit. */
  treeOf(commit: string, path: readonly string[], signal: AbortSignal): Promise<string | null | 'unknown'>
  /** The commit that made a folder what it is at the tip, null where that is further back than two thousand commits. */
  changeOf(tip: Tip, path: readonly string[], signal: AbortSignal): Promise<Change | null>
  /**
   * The entries of every tree, down to so many levels, that was at the tip since a time, or there at that moment.
   * @returns false where that is further back than is looked: twenty thousand commits
   */
  treesSince(
    tip: Tip,
    sinceMs: number,
    levels: number,
    visit: (entries: readonly TreeEntry[]) => void,
    signal: AbortSignal,
  ): Promise<boolean>
  /**
   * The paths, down to `depth` names, that others' pushes changed since this was asked last. One request where nothing
   * was. What another writer of ours pushed counts as others'.
   */
  changesOfOthers(signal: AbortSignal): Promise<readonly (readonly string[])[]>
  /** Ends whatever is under way. */
  close(): void
}

const DEPTH = 3

/**
 * Opens it without a request yet.
 * @throws {Refused} the address holds credentials
 */
export function openBranch(options: BranchOptions): Branch {
  const { branch, author, log, writer = null, depth = DEPTH } = options
  const { pushes = writer === null ? PUSH_RATE : WRITE_RATE } = options
  const transport = openSmartHttp(options)
  const remote = openRemote(transport, depth, options.atHandMaxBytes)
  const moves = openMoves()
  const found = (from: Tip, to: Tip) => {
    log(`the branch moved from ${from.commit} to ${to.commit}`)
    moves.found(from, to)
  }
  const tip = openBranchTip({ transport, remote, name: branch, moves: { ...moves, found } })
  const sender = writer === null ? byPush(transport) : byWriter(writer, remote)
  const signer = { author, sign: writer === null ? (options.sign ?? null) : null }
  const commit = openCommitQueue({ sender, remote, tip, signer, turn: pushTurns(pushes), log })
  const closing = new AbortController()
  setMaxListeners(0, closing.signal) // one for each caller
  const endingOf = endingWith(closing.signal)

  const untilClosed = async <T>(caller: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    const { signal, release } = endingOf(caller)
    try {
      signal.throwIfAborted()
      return await work(signal)
    } finally {
      release()
    }
  }
  const entriesOf = async (tree: string, signal: AbortSignal) =>
    parseTree(await remote.reader(signal).read(tree, 'tree'))

  /** Where the branch was reset, what it had may not be on the server any more: all that is there may be new then. */
  const changed = async (from: string, to: string, signal: AbortSignal) => {
    const reader = remote.reader(signal)
    try {
      return await differing(reader, from, to, depth)
    } catch (error) {
      if (error instanceof NotOnServer) return await differing(reader, null, to, depth)
      throw error
    }
  }

  /** The ids of files below a tree, by path. */
  const filesBelow = async (tree: string, signal: AbortSignal, at = ''): Promise<Map<string, string>> => {
    const found = new Map<string, string>()
    for (const entry of await entriesOf(tree, signal)) {
      const path = `${at}${textOfName(entry.name)}`
      if (isFile(entry)) found.set(path, entry.id)
      else if (isFolder(entry)) {
        for (const [inner, id] of await filesBelow(entry.id, signal, `${path}/`)) found.set(inner, id)
      }
    }
    return found
  }

  return {
    fresh: (caller) => untilClosed(caller, tip.fresh),
    known: tip.known,
    entries: (tree, caller) => untilClosed(caller, (signal) => entriesOf(tree, signal)),
    named: (trees, name, caller) =>
      untilClosed(caller, async (signal) => {
        const reader = remote.reader(signal)
        const found = new Map<string, TreeEntry>()
        const wanted = entryName(name)
        for (const tree of trees) {
          const entry = entryIn(await reader.read(tree, 'tree'), wanted)
          if (entry !== null) found.set(tree, entry)
        }
        return found
      }),
    treeAt: (root, path, caller) => untilClosed(caller, (signal) => treeAt(remote.reader(signal), root, path)),
    levels: (at, levels, caller) =>
      untilClosed(caller, async (signal) => {
        if (levels > depth) await remote.trees(at.commit, levels, signal)
      }),
    blobs: (ids, visit, caller) => untilClosed(caller, (signal) => remote.each(ids, visit, signal)),
    files: (tree, caller) =>
      untilClosed(caller, async (signal) => {
        if (!remote.has(tree)) await remote.below(tree, signal)
        const ids = await filesBelow(tree, signal)
        const contents = new Map<string, Buffer>()
        await remote.each([...ids.values()], (id, content) => contents.set(id, Buffer.from(content)), signal)
        return new Map([...ids].map(([path, id]) => [path, contents.get(id) ?? Buffer.alloc(0)]))
      }),
    commit: (change, caller) =>
      untilClosed(caller, async (signal) => {
        checkFiles(change.files ?? new Map())
        return await commit(change, signal)
      }),
    treeOf: (id, path, caller) =>
      untilClosed(caller, async (signal) => {
        if (!isObjectId(id)) return 'unknown'
        const at = tip.known()
        // What a writer made is known by its tree before anybody has fetched it.
        if (id === at?.commit) return await treeAt(remote.reader(signal), at.tree, path)
        try {
          if (!remote.has(id)) await remote.commit(id, at?.commit ?? null, signal)
        } catch (error) {
          if (error instanceof NotOnServer) return 'unknown'
          throw error
        }
        const reader = remote.reader(signal)
        return await treeAt(reader, (await commitIn(reader, id)).tree, path)
      }),
    changeOf: (at, path, caller) => untilClosed(caller, (signal) => changeOfFolder(remote, at, path, signal)),
    treesSince: (at, sinceMs, levels, visit, caller) =>
      untilClosed(caller, (signal) =>
        treesSince(remote, at, sinceMs, levels, (content) => visit(parseTree(content)), signal),
      ),
    changesOfOthers: (caller) =>
      untilClosed(caller, async (signal) => {
        await tip.fresh(signal)
        if (moves.all().length > 0) await tip.answered(signal)
        const seen = moves.all()
        const paths = new Map<string, readonly string[]>()
        for (const { from, to } of seen) {
          for (const path of await changed(from.tree, to.tree, signal)) paths.set(path.join('/'), path)
        }
        moves.forget(seen)
        return [...paths.values()]
      }),
    close() {
      closing.abort(new Error('the branch is closed'))
      transport.close()
    },
  }
}
