import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { keyText, type PreviewKey } from '../domain/key.ts'
import type { Preview } from '../domain/preview.ts'
import type { PreviewView } from '../domain/preview-view.ts'
import type { Pull } from '../domain/pull.ts'
import type { Folder } from '../ports.ts'

/** What the pages and the API show: the last that was seen of every preview. Nothing is decided by it. */
export interface Board {
  put(view: PreviewView): void
  drop(key: PreviewKey): void
  /** What was said last of a preview that failed; '' where that is not known. */
  reasonOf(key: PreviewKey): string
  all(): readonly PreviewView[]
  /** Another whenever `all` gives something else, and in another process. */
  revision(): string
  /** Resolves when the revision is another than that; rejects with the signal's reason. */
  changed(from: string, signal: AbortSignal): Promise<void>
  /**
   * The key of a preview's folder, null where none is known or where nothing is waited for: every Application changes
   * when any preview of the repo does, and that must not wake all of them.
   */
  waitingKeyOf(folder: string): PreviewKey | null
}

/** A preview that failed in the cluster is not among them: it may recover there. */
const SETTLED: ReadonlySet<PreviewView['state']> = new Set(['live', 'held', 'refused', 'superseded', 'unknown'])

export function board(): Board {
  const views = new Map<string, PreviewView>()
  const byFolder = new Map<string, PreviewView>()
  const process = randomUUID()
  let count = 0
  const waiting = new Set<() => void>()
  const revision = () => `${process}-${count}`
  const change = () => {
    count += 1
    for (const tell of waiting) tell()
    waiting.clear()
  }
  return {
    put(view) {
      const before = views.get(keyText(view.key))
      if (!isDeepStrictEqual(before, view)) change()
      views.set(keyText(view.key), view)
      byFolder.set(view.folder, view)
    },
    drop(key) {
      const view = views.get(keyText(key))
      views.delete(keyText(key))
      if (view === undefined) return
      byFolder.delete(view.folder)
      change()
    },
    reasonOf: (key) => views.get(keyText(key))?.reason ?? '',
    all: () => [...views.values()],
    revision,
    changed: (from, signal) =>
      new Promise((resolve, reject) => {
        if (revision() !== from) return resolve()
        if (signal.aborted) return reject(signal.reason)
        const gone = () => {
          waiting.delete(tell)
          reject(signal.reason)
        }
        const tell = () => {
          signal.removeEventListener('abort', gone)
          resolve()
        }
        waiting.add(tell)
        signal.addEventListener('abort', gone, { once: true })
      }),
    waitingKeyOf(folder) {
      const view = byFolder.get(folder)
      return view === undefined || SETTLED.has(view.state) ? null : view.key
    },
  }
}

export const viewOf = (
  key: PreviewKey,
  pull: Pull,
  preview: Preview | null,
  folder: Folder,
  state: PreviewView['state'],
  reason: string,
  committedAtMs: number | null,
): PreviewView => ({
  key,
  preview,
  folder: folder.path,
  state,
  reason,
  sinceMs: committedAtMs,
  commit: folder.commit,
  pullUrl: pull.url,
})
