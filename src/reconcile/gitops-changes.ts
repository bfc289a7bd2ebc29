/**
 * What people did in the GitOps repo, found when its webhook says that something was pushed. It only enqueues keys, and
 * makes no request to GitHub: what to do about one is decided when that key is observed by itself.
 */
import { keyText, type PreviewKey } from '../domain/key.ts'
import { keyOf } from '../domain/preview.ts'
import type { PreviewView } from '../domain/preview-view.ts'
import type { PreviewBranch } from '../ports.ts'

export interface GitOpsChangesOptions {
  readonly branch: Pick<PreviewBranch, 'changedByOthers' | 'folders'>
  /** What was seen of previews last: a folder that is gone can't say any more whose it was. */
  readonly known: () => readonly Pick<PreviewView, 'key' | 'folder'>[]
  readonly log: (level: 'debug' | 'info' | 'warn' | 'error', message: string, fields: Record<string, unknown>) => void
}

/**
 * @returns a look at the branch, which enqueues the previews whose folder others changed since the look before, and
 *   those that have not what `common/` holds for them by now. One request where nobody else pushed. What a look that
 *   failed has missed is the next pass's to find; it throws why.
 */
export function gitopsChanges({ branch, known, log }: GitOpsChangesOptions) {
  return async (enqueue: (key: PreviewKey) => void, signal: AbortSignal): Promise<void> => {
    const { folders, common } = await branch.changedByOthers(signal)
    if (folders.length === 0 && !common) return
    const changed = new Set(folders)
    const enqueued = new Set<string>()
    const note = (key: PreviewKey) => {
      if (enqueued.has(keyText(key))) return
      enqueued.add(keyText(key))
      enqueue(key)
    }
    for (const { key, folder } of known()) if (changed.has(folder)) note(key)
    for (const { path, preview, common: now } of await branch.folders(signal)) {
      if (preview === null) continue
      if (changed.has(path) || (common && preview.common !== now)) note(keyOf(preview))
    }
    log('info', 'the GitOps repo was changed by others', { folders: folders.length, common, enqueued: enqueued.size })
  }
}
