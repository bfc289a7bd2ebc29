/** The branch of the GitOps repo, over smart HTTP, without a clone. */
import { setMaxListeners } from 'node:events'
import { tmpdir } from 'node:os'
import type { Log, PreviewBranch } from '../../ports.ts'
import { abortedWhenAny, unlessAborted } from './abort-signals.ts'
import { type BranchTip, openBranchTip } from './branch-tip.ts'
import type { Person } from './commit-object.ts'
import { type Commit, openCommitQueue } from './commit-queue.ts'
import { commonFilesOf } from './common-files.ts'
import { checkFiles, namesOf } from './folder-path.ts'
import type { AskCredentials } from './git-http.ts'
import { isObjectId } from './git-object.ts'
import { type ObjectStore, openObjectStore } from './object-store.ts'
import { openPreviewFolders, type ParsePreview, type PreviewFolders } from './preview-folders.ts'
import { type Growing, renewed } from './renewed.ts'
import { openSmartHttp } from './smart-http.ts'
import { treeAt } from './splice.ts'
import { commitIn } from './touches.ts'
import { NotOnServer } from './transport.ts'

export interface PreviewBranchOptions {
  /** The repo's HTTP clone address, without credentials. */
  readonly url: string
  readonly branch: string
  /** Author and committer of every commit; also how WeStage knows its own commits again. */
  readonly author: Person
  /** Null where the repo needs none. */
  readonly credentials: AskCredentials | null
  readonly parsePreview: ParsePreview
  readonly log: Log
  /** How many commits of the history are read at first, to know who touched a folder last. */
  readonly historyDepth?: number
  /** Where what is fetched lies until `close`; the system's temporary folder where it is not given. */
  readonly workDir?: string
  /** After so many packs from the server, what is here is fetched anew, so that it does not grow for ever. */
  readonly packsMax?: number
}

/** What is here of the branch. */
interface Copy extends Growing {
  readonly store: ObjectStore
  readonly tip: BranchTip
  readonly commit: Commit
  readonly folders: PreviewFolders
}

const HISTORY_DEPTH = 50

/**
 * Opens it without a request yet. `close` removes what was fetched, and ends whatever is under way.
 * @throws {Terminal} (operator) the address holds credentials
 */
export function openPreviewBranch(options: PreviewBranchOptions): PreviewBranch & { close(): Promise<void> } {
  const { branch, author, log } = options
  const transport = openSmartHttp(options)
  const depth = options.historyDepth ?? HISTORY_DEPTH
  const openCopy = (): Copy => {
    const store = openObjectStore(options.workDir ?? tmpdir(), options.packsMax)
    const tip = openBranchTip({ transport, store, name: branch, author, depth, log })
    const commit = openCommitQueue({ transport, store, tip, author, log })
    const folders = openPreviewFolders(store, options.parsePreview)
    return { store, tip, commit, folders, isFull: store.isFull, close: store.close }
  }
  const copies = renewed(openCopy(), async (full, signal) => {
    const known = full.tip.known()
    if (known === null) return null
    const copy = openCopy()
    try {
      await copy.tip.startAt(known, signal)
      return copy
    } catch (error) {
      await copy.close()
      // The branch was reset: once the full one has seen where to, it can be replaced.
      if (error instanceof NotOnServer) return null
      throw error
    }
  })
  const closing = new AbortController()
  setMaxListeners(0, closing.signal) // one for each call under way

  const untilClosed = async <T>(caller: AbortSignal, work: (copy: Copy, signal: AbortSignal) => Promise<T>) => {
    const combined = abortedWhenAny([caller, closing.signal])
    try {
      return await copies.use(combined.signal, (copy) => work(copy, combined.signal))
    } finally {
      combined.release()
    }
  }

  return {
    folder: (path, caller) =>
      untilClosed(caller, async ({ folders, tip }, signal) => {
        namesOf(path)
        return await folders.one(await tip.fresh(signal), path)
      }),
    folders: (caller) =>
      untilClosed(caller, async ({ folders, tip }, signal) => await folders.all(await tip.fresh(signal))),
    common: (app, caller) =>
      untilClosed(caller, async ({ store, tip }, signal) => await commonFilesOf(store, await tip.fresh(signal), app)),
    commit: (change, caller) =>
      untilClosed(caller, async ({ commit }, signal) => {
        namesOf(change.path)
        if (change.files !== null) checkFiles(change.files)
        return await commit(change, signal)
      }),
    isAt: (revision, folder, caller) =>
      untilClosed(caller, async ({ store, tip }, signal) => {
        if (!isObjectId(revision)) return false
        if (!(await unlessAborted(tip.obtain(revision, signal), signal))) return false
        const { tree } = await commitIn(store, revision)
        return (await treeAt(store, tree, namesOf(folder.path))) === folder.tree
      }),
    async close() {
      closing.abort(new Error('the GitOps branch is closed'))
      transport.close()
      await copies.close()
    },
  }
}
