/** Turns changes of folders into commits on top of a tip, one each, without writing any of them anywhere yet. */
import { Terminal } from '../../domain/errors.ts'
import type { FolderChange } from '../../ports.ts'
import type { Tip } from './branch-tip.ts'
import { type Person, printCommit } from './commit-object.ts'
import { type Draft, openDraft } from './draft.ts'
import { namesOf } from './folder-path.ts'
import { idsBelow, putFolder } from './folder-tree.ts'
import type { ObjectReader, Objects } from './git-object.ts'
import { spliced, treeAt } from './splice.ts'

/** What becomes of one change at that tip. */
type Drafted =
  | { readonly kind: 'commit'; readonly commit: string }
  /** The folder is as wanted already. */
  | { readonly kind: 'same' }
  /** The folder is not the one that the change was decided on. */
  | { readonly kind: 'stale' }
  | { readonly kind: 'refused'; readonly because: Terminal }

export interface DraftedChanges<C extends FolderChange> {
  readonly outcomes: ReadonlyMap<C, Drafted>
  /** The tip that the branch has once these are pushed. */
  readonly tip: Tip
  /** What the server does not have. */
  readonly objects: Objects
}

/** @param changes each of another folder */
export async function draftChanges<C extends FolderChange>(
  known: ObjectReader,
  base: Tip,
  changes: readonly C[],
  author: Person,
): Promise<DraftedChanges<C>> {
  const draft = openDraft(known)
  const outcomes = new Map<C, Drafted>()
  const touches = new Map(base.touches)
  /** Whatever the base has in these folders is on the server. */
  const there = new Set<string>()
  let { commit, tree } = base
  for (const change of changes) {
    const current = await treeAt(draft, tree, namesOf(change.path))
    const outcome = await draftOne(draft, { commit, tree }, current, change, author)
    if ('root' in outcome) {
      for (const id of await idsBelow(draft, current)) there.add(id)
      commit = outcome.commit
      tree = outcome.root
      touches.set(change.path, 'westage')
      outcomes.set(change, { kind: 'commit', commit })
    } else outcomes.set(change, outcome)
  }
  const objects = new Map([...draft.objects()].filter(([id]) => !there.has(id)))
  return { outcomes, tip: { commit, tree, touches }, objects }
}

async function draftOne(
  draft: Draft,
  on: { readonly commit: string; readonly tree: string },
  current: string | null,
  change: FolderChange,
  author: Person,
): Promise<Drafted | { readonly root: string; readonly commit: string }> {
  try {
    const wanted = change.files === null ? null : await putFolder(draft, change.files, current)
    if (wanted === current) return { kind: 'same' }
    if (change.onto !== current) return { kind: 'stale' }
    const root = (await spliced(draft, on.tree, namesOf(change.path), wanted)) ?? draft.put('tree', Buffer.alloc(0))
    const about = { tree: root, parents: [on.commit], message: change.message }
    return { root, commit: draft.put('commit', printCommit(about, author, new Date())) }
  } catch (error) {
    if (error instanceof Terminal) return { kind: 'refused', because: error }
    throw error
  }
}
