/** How drafted commits get to the branch: all in one push, or one by one through what writes commits there. */
import { changedFiles } from './changed-files.ts'
import type { WriteCommit, WriteOutcome } from './commit-writer.ts'
import type { DraftedChanges, FolderChange, Tip } from './drafted-changes.ts'
import { type DeltaBases, packOf } from './pack.ts'
import type { Remote } from './remote.ts'
import { treeAt } from './splice.ts'
import type { PushOutcome, Transport } from './transport.ts'

/** A commit as it stands on the branch, and the folder's tree in it. */
export interface Placed {
  readonly commit: string
  readonly tree: string | null
}

export type SendOutcome<C> =
  | { readonly kind: 'applied'; readonly tip: Tip; readonly placed: ReadonlyMap<C, Placed> }
  | Exclude<PushOutcome, { kind: 'applied' }>
  | Exclude<WriteOutcome, { kind: 'applied' }>

export interface Sender {
  /** How many changes are sent at once. */
  readonly most: number
  /** Whether a commit gets on the branch with the id that it was drafted with. */
  readonly keepsIds: boolean
  /** Moves the branch from the tip that the changes were drafted on if, and only if, it is still there. */
  send<C extends FolderChange>(drafted: DraftedChanges<C>, base: Tip, signal: AbortSignal): Promise<SendOutcome<C>>
}

/** Changes that share a push: so many that a push stays below a few seconds. */
const PUSHED_MAX = 200

export const byPush = (transport: Transport): Sender => ({
  most: PUSHED_MAX,
  keepsIds: true,
  async send(drafted, base, signal) {
    const update = {
      from: base.commit,
      to: drafted.tip.commit,
      pack: (bases: DeltaBases) => packOf(drafted.packed, bases),
    }
    const outcome = await transport.push(update, signal)
    return outcome.kind === 'applied' ? { ...outcome, tip: drafted.tip, placed: placesIn(drafted) } : outcome
  },
})

/** The commit that is made is another one than was drafted, of the same files: what makes it signs it, too. */
export const byWriter = (write: WriteCommit, remote: Remote): Sender => ({
  most: 1,
  keepsIds: false,
  async send<C extends FolderChange>(drafted: DraftedChanges<C>, base: Tip, signal: AbortSignal) {
    const [one, ...more] = placesIn(drafted)
    if (one === undefined || more.length > 0) throw new Error('a writer takes one commit at a time')
    const [change, { tree }] = one
    const reader = remote.reader(signal)
    const files = await changedFiles(reader, change, await treeAt(reader, base.tree, change.path))
    const outcome = await write({ onto: base.commit, ...files, message: change.message }, signal)
    if (outcome.kind !== 'applied') return outcome
    const { tip } = outcome
    // A host that does not keep a mode makes another tree than was drafted.
    const made = tip.tree === drafted.tip.tree ? tree : await treeAt(reader, tip.tree, change.path)
    return { kind: 'applied', tip, placed: new Map([[change, { commit: tip.commit, tree: made }]]) }
  },
})

function placesIn<C extends FolderChange>({ outcomes }: DraftedChanges<C>): ReadonlyMap<C, Placed> {
  const placed = new Map<C, Placed>()
  for (const [change, outcome] of outcomes) {
    if (outcome.kind === 'commit') placed.set(change, { commit: outcome.commit, tree: outcome.tree })
  }
  return placed
}
