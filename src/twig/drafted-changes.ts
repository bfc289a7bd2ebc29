/** Turns changes of folders into commits on top of a tip, one each, without writing any of them anywhere yet. */
import { type Person, printCommit } from './commit-object.ts'
import { type Draft, openDraft } from './draft.ts'
import { Refused } from './errors.ts'
import { idsBelow, putFolder } from './folder-tree.ts'
import type { GitObject, ObjectReader } from './git-object.ts'
import type { Packed } from './pack.ts'
import { spliced, treeAt } from './splice.ts'
import type { SignCommit } from './ssh-signature.ts'

/** Where the branch is. */
export interface Tip {
  readonly commit: string
  readonly tree: string
}

/** What one commit makes of one folder. */
export interface FolderChange {
  /** The folder's path, name by name. */
  readonly path: readonly string[]
  /** Path below the folder -> UTF-8 text: the folder's whole new content; null removes the folder. */
  readonly files: ReadonlyMap<string, string> | null
  /** The folder's tree that this change was decided on, null where there was none. */
  readonly onto: string | null
  /** The whole commit message. */
  readonly message: string
}

/** What becomes of one change at that tip. */
type Drafted =
  | { readonly kind: 'commit'; readonly commit: string; readonly tree: string | null }
  /** The folder is as wanted already. */
  | { readonly kind: 'same'; readonly tree: string | null }
  /** The folder is not the one that the change was decided on. */
  | { readonly kind: 'stale' }
  | { readonly kind: 'refused'; readonly because: Refused }

export interface DraftedChanges<C extends FolderChange> {
  readonly outcomes: ReadonlyMap<C, Drafted>
  /** The tip that the branch has once these are pushed. */
  readonly tip: Tip
  /** What the server does not have. */
  readonly packed: readonly Packed[]
  readonly objects: ReadonlyMap<string, GitObject>
}

/** Who commits, and what signs it (null: nothing does). */
export interface Signer {
  readonly author: Person
  readonly sign: SignCommit | null
}

/** @param changes each of another folder */
export async function draftChanges<C extends FolderChange>(
  known: ObjectReader,
  base: Tip,
  changes: readonly C[],
  signer: Signer,
): Promise<DraftedChanges<C>> {
  const draft = openDraft(known)
  const outcomes = new Map<C, Drafted>()
  /** Whatever the base has in these folders is on the server. */
  const there = new Set<string>()
  let { commit, tree } = base
  for (const change of changes) {
    const current = await treeAt(draft, tree, change.path)
    const outcome = await draftOne(draft, { commit, tree }, current, change, signer)
    if ('root' in outcome) {
      for (const id of await idsBelow(draft, current)) there.add(id)
      commit = outcome.commit
      tree = outcome.root
      outcomes.set(change, { kind: 'commit', commit, tree: outcome.folder })
    } else outcomes.set(change, outcome)
  }
  return { outcomes, tip: { commit, tree }, packed: draft.packed((id) => there.has(id)), objects: draft.objects() }
}

async function draftOne(
  draft: Draft,
  on: Tip,
  current: string | null,
  change: FolderChange,
  { author, sign }: Signer,
): Promise<Drafted | { readonly root: string; readonly folder: string | null; readonly commit: string }> {
  // Known without a look at what the folder holds.
  if (change.files === null && current === null) return { kind: 'same', tree: null }
  try {
    const folder = change.files === null ? null : await putFolder(draft, change.files, current)
    if (folder === current) return { kind: 'same', tree: current }
    if (change.onto !== current) return { kind: 'stale' }
    const root = (await spliced(draft, on.tree, change.path, folder)) ?? draft.put('tree', Buffer.alloc(0))
    const about = { tree: root, parents: [on.commit], message: change.message }
    return { root, folder, commit: draft.put('commit', printCommit(about, author, new Date(), sign)) }
  } catch (error) {
    if (error instanceof Refused) return { kind: 'refused', because: error }
    throw error
  }
}
