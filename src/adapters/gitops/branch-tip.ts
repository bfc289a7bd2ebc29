/** The branch's tip as last read, with its objects here and who touched what; one request to read it again. */
import { Terminal } from '../../domain/errors.ts'
import type { Log } from '../../ports.ts'
import type { Person } from './commit-object.ts'
import type { ObjectStore } from './object-store.ts'
import { sharedRead } from './shared-read.ts'
import { commitIn, type Touches, touchesAt } from './touches.ts'
import { NotOnServer, type Transport } from './transport.ts'

export interface Tip {
  readonly commit: string
  readonly tree: string
  readonly touches: Touches
}

export interface BranchTip {
  /**
   * The tip, asked for after this was called.
   * @throws {Terminal} (operator) there is no such branch, or it may not be read
   */
  fresh(signal: AbortSignal): Promise<Tip>
  /** As last read or pushed, null before the first time. */
  known(): Tip | null
  /** Begins with what is known of the branch already. @throws {NotOnServer} that commit is not there any more */
  startAt(known: Tip, signal: AbortSignal): Promise<void>
  /** A push of ours moved the branch from `from`; where something newer is known by now, that stays. */
  moved(from: Tip, to: Tip): void
  /** Whether a commit is here, after asking the server for it by itself where it is not. */
  obtain(commit: string, signal: AbortSignal): Promise<boolean>
}

export interface BranchTipOptions {
  readonly transport: Transport
  readonly store: ObjectStore
  readonly name: string
  readonly author: Person
  readonly depth: number
  readonly log: Log
}

export function openBranchTip({ transport, store, name, author, depth, log }: BranchTipOptions): BranchTip {
  let tip: Tip | null = null
  /** Commits that are here without their parents. */
  let shallow: ReadonlySet<string> = new Set()

  const fetchCommit = async (want: string, commits: number, signal: AbortSignal) => {
    const have = tip?.commit ?? null
    const fetched = await transport.fetch({ want, depth: commits, have, shallow: [...shallow] }, signal)
    signal.throwIfAborted()
    await store.addPack(fetched.pack)
    shallow = new Set([...shallow, ...fetched.shallow])
  }

  const look = async (signal: AbortSignal): Promise<Tip> => {
    for (;;) {
      const before = tip
      const commit = await transport.tip(signal)
      if (commit === null) {
        const advice = 'make the repo from gitops-template first, or set gitops.branch'
        throw new Terminal(`The GitOps repo has no branch ${name}: ${advice}.`, { whose: 'operator' })
      }
      if (commit === tip?.commit) return tip
      // A push of ours ended meanwhile: what it made is newer than this answer, which knew nothing of it.
      if (tip !== before && tip !== null && commit === before?.commit) return tip
      if (!(await store.has(commit))) await fetchCommit(commit, depth, signal)
      const { tree } = await commitIn(store, commit)
      const touches = await touchesAt(store, commit, before, author, depth)
      const cut = await reached(store, commit, shallow)
      if (tip !== before) continue
      if (before !== null) log(`the GitOps branch moved from ${before.commit} to ${commit}`)
      shallow = cut
      tip = { commit, tree, touches }
      return tip
    }
  }

  return {
    fresh: sharedRead(look),
    known: () => tip,
    async startAt(known, signal) {
      await fetchCommit(known.commit, depth, signal)
      tip = known
    },
    moved: (from, to) => {
      if (tip === from) tip = to
    },
    async obtain(commit, signal) {
      if (await store.has(commit)) return true
      try {
        await fetchCommit(commit, 1, signal)
      } catch (error) {
        if (error instanceof NotOnServer) return false
        throw error
      }
      return await store.has(commit)
    },
  }
}

/** Where the history from `tip` ends here; commits that are behind that need not be told to the server again. */
async function reached(store: ObjectStore, tip: string, shallow: ReadonlySet<string>): Promise<ReadonlySet<string>> {
  const ends = new Set<string>()
  const seen = new Set([tip])
  for (const id of seen) {
    const parents = shallow.has(id) ? [] : (await commitIn(store, id)).parents
    const areHere = await Promise.all(parents.map((parent) => store.has(parent)))
    if (shallow.has(id) || areHere.includes(false)) ends.add(id)
    else for (const parent of parents) seen.add(parent)
  }
  return ends
}
