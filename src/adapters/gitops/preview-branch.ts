/** The branch of the GitOps repo, over smart HTTP, without a clone. */
import { setMaxListeners } from 'node:events'
import type { Log, PreviewBranch } from '../../ports.ts'
import { abortedWhenAny, unlessAborted } from './abort-signals.ts'
import { openBranchTip } from './branch-tip.ts'
import type { Person } from './commit-object.ts'
import { openCommitQueue } from './commit-queue.ts'
import { checkFiles, namesOf } from './folder-path.ts'
import type { GitCredentials } from './git-http.ts'
import { isObjectId } from './git-object.ts'
import { openObjectStore } from './object-store.ts'
import { openPreviewFolders, type ParsePreview } from './preview-folders.ts'
import { openSmartHttp } from './smart-http.ts'
import { treeAt } from './splice.ts'
import { commitIn } from './touches.ts'

export interface PreviewBranchOptions {
  /** The repo's HTTP clone address, without credentials. */
  readonly url: string
  readonly branch: string
  /** Author and committer of every commit; also how WeStage knows its own commits again. */
  readonly author: Person
  /** Asked before every request, so that a token may end; null where the repo needs none. */
  readonly credentials: (() => Promise<GitCredentials>) | null
  readonly parsePreview: ParsePreview
  readonly log: Log
  /** How many commits of the history are read at first, to know who touched a folder last. */
  readonly historyDepth?: number
}

const HISTORY_DEPTH = 50

/**
 * Opens it without a request yet. What is fetched lies in a temporary folder until `close`, which also ends whatever is
 * under way.
 * @throws {Terminal} (operator) the address holds credentials
 */
export function openPreviewBranch(options: PreviewBranchOptions): PreviewBranch & { close(): Promise<void> } {
  const { branch, author, log } = options
  const transport = openSmartHttp(options)
  const store = openObjectStore()
  const depth = options.historyDepth ?? HISTORY_DEPTH
  const tip = openBranchTip({ transport, store, name: branch, author, depth, log })
  const commit = openCommitQueue({ transport, store, tip, author, log })
  const folders = openPreviewFolders(store, options.parsePreview)
  const closing = new AbortController()
  setMaxListeners(0, closing.signal) // one for each call under way

  const untilClosed = async <T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    const combined = abortedWhenAny([signal, closing.signal])
    try {
      return await work(combined.signal)
    } finally {
      combined.release()
    }
  }

  return {
    folder: (path, caller) =>
      untilClosed(caller, async (signal) => {
        namesOf(path)
        return await folders.one(await tip.fresh(signal), path)
      }),
    folders: (caller) => untilClosed(caller, async (signal) => await folders.all(await tip.fresh(signal))),
    commit: (change, caller) =>
      untilClosed(caller, async (signal) => {
        namesOf(change.path)
        if (change.files !== null) checkFiles(change.files)
        return await commit(change, signal)
      }),
    isAt: (revision, folder, caller) =>
      untilClosed(caller, async (signal) => {
        if (!isObjectId(revision)) return false
        if (!(await unlessAborted(tip.obtain(revision, signal), signal))) return false
        const { tree } = await commitIn(store, revision)
        return (await treeAt(store, tree, namesOf(folder.path))) === folder.tree
      }),
    async close() {
      closing.abort(new Error('the GitOps branch is closed'))
      transport.close()
      await store.close()
    },
  }
}
