/**
 * The pass that finds what webhooks did not tell: on start, and every few minutes. It only enqueues keys; whether
 * something is to be done about one is decided when that key is observed by itself.
 */
import { keyText, type PreviewKey } from '../domain/key.ts'
import { parseFolder } from '../domain/names.ts'
import { keyOf } from '../domain/preview.ts'
import type { PullSummary } from '../domain/pull.ts'
import type { Clock, Folder, PreviewBranch, PullList, Pulls } from '../ports.ts'

/** A key that had a right to a preview when it was observed last, and what it was seen to be. */
export interface Alive {
  readonly key: PreviewKey
  readonly head: string
  /** Of its folder, null where it had none. */
  readonly tree: string | null
}

export interface ResyncOptions {
  readonly pulls: Pulls
  readonly branch: PreviewBranch
  readonly clock: Clock
  /** Names of the apps of a repo (`owner/name`). */
  readonly appsOf: (repositoryName: string) => readonly string[]
  /** The keys that had a right to a preview when they were observed last. */
  readonly alive: () => readonly Alive[]
  /** Whether it is there although its pull request has ended, because a person brought it back. */
  readonly isKept: (key: PreviewKey) => boolean
  readonly log: (level: 'debug' | 'info' | 'warn' | 'error', message: string, fields: Record<string, unknown>) => void
}

export interface Resync {
  /**
   * One pass over everything. @param which 'changed' enqueues what is not as the pass before saw it; 'all' everything,
   * and the pull requests that changed in the last day whatever their state: one may have ended while no process was
   * there to see
   * @param enqueue `hasMoved`: its pull request is not as it was when the key was observed last, so that a run that is
   * under way may have lost its point
   * @throws where the GitOps repo or GitHub's list of installations can't be read
   */
  pass(
    which: 'changed' | 'all',
    enqueue: (key: PreviewKey, hasMoved: boolean) => void,
    signal: AbortSignal,
  ): Promise<void>
}

const DAY_MS = 86_400_000
/** A pass that would remove more than this many folders, and more than this share of them, waits for another to agree. */
const REMOVALS_MAX = 3
const REMOVALS_MAX_SHARE = 1 / 5

export function resync({ pulls, branch, clock, appsOf, alive, isKept, log }: ResyncOptions): Resync {
  let seenBefore = new Map<string, string>()
  let doubted = new Set<string>()

  return {
    async pass(which, enqueue, signal) {
      const startedAtMs = clock.now()
      const since = which === 'all' ? startedAtMs - DAY_MS : startedAtMs
      const [list, folders] = await Promise.all([pulls.list(since, signal), branch.folders(signal)])
      const wanted = new Map<string, Wanted>()
      for (const pull of list.pulls) {
        if (!isOpenAndLabelled(pull) && (which === 'changed' || pull.updatedAtMs < since)) continue
        for (const app of appsOf(pull.repository.name)) {
          const key = { repositoryId: pull.repository.id, pull: pull.number, app }
          wanted.set(keyText(key), {
            key,
            head: isOpenAndLabelled(pull) ? pull.head : null,
            tree: null,
            looks: looksOf(pull),
          })
        }
      }
      const orphans = orphansOf(folders, list, appsOf, log).filter(({ key }) => !isKept(key))
      const withheld = withhold(orphans, folders.length, list.unread.length === 0)
      for (const { key, folder } of keyedFolders(folders)) {
        const text = keyText(key)
        const pull = wanted.get(text)
        wanted.set(text, {
          key,
          head: pull?.head ?? null,
          tree: folder.tree,
          looks: `${pull?.looks ?? ''} ${folder.tree} ${folder.common}`,
        })
      }
      const observed = new Map(alive().map((each) => [keyText(each.key), each]))
      // One that was alive and is not in the list has ended, or its repo could not be read: asked by itself, it says which.
      for (const [text, { key }] of observed)
        if (!wanted.has(text)) wanted.set(text, { key, head: null, tree: null, looks: `${startedAtMs}` })
      for (const text of withheld) wanted.delete(text)
      let enqueued = 0
      for (const [text, { key, head, tree, looks }] of wanted) {
        // Much may happen between two passes and look the same to both: what was observed must be this, too.
        const last = observed.get(text)
        const isObserved = head === null || (last?.head === head && last.tree === tree)
        const isKnown = isObserved && seenBefore.get(text) === looks
        if (which === 'changed' && isKnown) continue
        enqueue(key, last !== undefined && last.head !== head)
        enqueued++
      }
      seenBefore = new Map([...wanted].map(([text, { looks }]) => [text, looks]))
      for (const name of list.unread) log('warn', `could not read ${name}`, {})
      log('info', 'resync', {
        ms: clock.now() - startedAtMs,
        folders: folders.length,
        enqueued,
        requests: list.cost.requests,
        free: list.cost.notModified,
        remaining: list.cost.remaining,
      })
    },
  }

  /** What must not be touched in this pass: many folders that lost their pull requests at once look like our mistake. */
  function withhold(orphans: readonly Keyed[], total: number, isComplete: boolean): ReadonlySet<string> {
    const now = new Set(orphans.map(({ key }) => keyText(key)))
    const isMany = now.size > REMOVALS_MAX && now.size > total * REMOVALS_MAX_SHARE
    const isConfirmed = isComplete && [...now].every((text) => doubted.has(text))
    if (!isMany || isConfirmed) {
      doubted = new Set()
      return doubted
    }
    log(
      'error',
      `${now.size} of ${total} previews have no open labelled pull request: not touched until a second complete pass agrees`,
      {},
    )
    // A pass that is not complete can raise a doubt, and can't settle one.
    if (isComplete) doubted = now
    return now
  }
}

interface Wanted {
  readonly key: PreviewKey
  /** Head of the open labelled pull request, null where the list shows none. */
  readonly head: string | null
  readonly tree: string | null
  /** All that a list shows of it: where that is as it was, nothing happened. */
  readonly looks: string
}

interface Keyed {
  readonly key: PreviewKey
  readonly folder: Folder
}

const isOpenAndLabelled = (pull: PullSummary): boolean => pull.isOpen && pull.isLabelled

const looksOf = ({ head, isOpen, isLabelled, updatedAtMs }: PullSummary): string =>
  `${head} ${isOpen} ${isLabelled} ${updatedAtMs}`

function keyedFolders(folders: readonly Folder[]): Keyed[] {
  return folders.flatMap((folder) => (folder.preview === null ? [] : [{ folder, key: keyOf(folder.preview) }]))
}

/** Folders whose pull request is not among the open labelled ones, or whose repo has no such app any more. */
function orphansOf(
  folders: readonly Folder[],
  list: PullList,
  appsOf: ResyncOptions['appsOf'],
  log: ResyncOptions['log'],
): Keyed[] {
  const alive = new Set(
    list.pulls
      .filter(isOpenAndLabelled)
      .flatMap(({ repository: { id, name }, number }) =>
        appsOf(name).map((app) => keyText({ repositoryId: id, pull: number, app })),
      ),
  )
  for (const { path, fault } of folders.filter(({ preview }) => preview === null)) {
    log('warn', `${path}/preview.yaml can't be read, so nothing is done about it: ${fault}`, {
      known: parseFolder(path) !== null,
    })
  }
  return keyedFolders(folders).filter(({ key }) => !alive.has(keyText(key)))
}
