/** The single writer: changes that wait together are committed one by one on the tip, and share one push. */
import { setTimeout as delay } from 'node:timers/promises'
import { NotReady, Terminal } from '../../domain/errors.ts'
import type { FolderChange, Log } from '../../ports.ts'
import { abortedWhenAll, unlessAborted } from './abort-signals.ts'
import type { BranchTip, Tip } from './branch-tip.ts'
import type { Person } from './commit-object.ts'
import { type DraftedChanges, draftChanges } from './drafted-changes.ts'
import type { ObjectStore } from './object-store.ts'
import { packOf } from './pack.ts'
import { commitIn } from './touches.ts'
import type { PushOutcome, Transport } from './transport.ts'

interface Committed {
  readonly commit: string
  readonly changed: boolean
}

export interface CommitQueueOptions {
  readonly transport: Transport
  readonly store: ObjectStore
  readonly tip: BranchTip
  readonly author: Person
  readonly log: Log
}

/** Changes that share a push: so many that a push stays below a few seconds. */
const BATCH_MAX = 100
const RACES_MAX = 50
const UNKNOWNS_MAX = 4
const BACKOFF_FIRST_MS = 20
const BACKOFF_MAX_MS = 1500
/** How far back a commit of ours is looked for, of which it is not known whether it arrived. */
const LOOK_BACK_COMMITS = 1000

interface Waiting extends FolderChange {
  readonly signal: AbortSignal
  readonly resolve: (committed: Committed) => void
  readonly reject: (reason: unknown) => void
  /** Its commits that were sent, and may have arrived. */
  readonly sent: string[]
  races: number
  unknowns: number
  /** A push of several was refused: each is tried by itself, so that one bad change does not hold up the others. */
  isAlone: boolean
}

/** What `PreviewBranch.commit` is, for changes that were checked. */
export type Commit = (change: FolderChange, signal: AbortSignal) => Promise<Committed>

export function openCommitQueue(options: CommitQueueOptions): Commit {
  let waiting: Waiting[] = []
  let isWorking = false

  const work = async () => {
    while (waiting.length > 0) {
      const batch = nextBatch(waiting)
      const { signal, release } = abortedWhenAll(batch.map((change) => change.signal))
      try {
        const settled = await attempt(batch, options, signal)
        waiting = waiting.filter((change) => !settled.has(change))
        const races = Math.max(0, ...batch.filter((change) => !settled.has(change)).map(triesOf))
        if (races > 0) await delay(backoffMs(races), undefined, { signal })
      } catch (error) {
        for (const change of batch) change.reject(error)
        waiting = waiting.filter((change) => !batch.includes(change))
      } finally {
        release()
      }
    }
    isWorking = false
  }

  return (change, signal) => {
    if (signal.aborted) return Promise.reject(signal.reason)
    const committed = new Promise<Committed>((resolve, reject) => {
      waiting.push({ ...change, signal, resolve, reject, sent: [], races: 0, unknowns: 0, isAlone: false })
    })
    if (!isWorking) {
      isWorking = true
      setImmediate(() => void work()) // whoever commits in the same turn shares the push
    }
    return unlessAborted(committed, signal)
  }
}

/** Two changes of one folder never share a push: the second's outcome would hang on the first's. */
function nextBatch(waiting: readonly Waiting[]): readonly Waiting[] {
  const [first] = waiting
  if (first?.isAlone) return [first]
  const byPath = new Map<string, Waiting>()
  for (const change of waiting) {
    if (byPath.size < BATCH_MAX && !change.isAlone && !byPath.has(change.path)) byPath.set(change.path, change)
  }
  return [...byPath.values()]
}

/** @returns the changes that are done with, one way or the other; the rest are to be tried again */
async function attempt(
  batch: readonly Waiting[],
  { transport, store, tip, author, log }: CommitQueueOptions,
  signal: AbortSignal,
): Promise<ReadonlySet<Waiting>> {
  const settled = new Set(batch.filter((change) => change.signal.aborted))
  const draft = async (base: Tip) => {
    for (const change of batch) if (change.signal.aborted) settled.add(change)
    return await draftChanges(
      store,
      base,
      batch.filter((change) => !settled.has(change)),
      author,
    )
  }

  // What the tip was a moment ago is good enough to push on: the old id tells whether it still is.
  const isInDoubt = batch.some(({ sent }) => sent.length > 0)
  const known = isInDoubt ? null : tip.known()
  let base = known ?? (await tip.fresh(signal))
  if (isInDoubt) for (const change of await arrived(store, base, batch)) settled.add(change)
  let drafted = await draft(base)
  if (known !== null && [...drafted.outcomes.values()].some(({ kind }) => kind !== 'commit')) {
    base = await tip.fresh(signal)
    drafted = await draft(base)
  }
  while ([...drafted.outcomes.keys()].some((change) => change.signal.aborted)) drafted = await draft(base)

  for (const change of settleWithoutPush(drafted, base)) settled.add(change)
  if (drafted.tip.commit === base.commit) return settled
  const pushed = batch.filter((change) => drafted.outcomes.get(change)?.kind === 'commit')
  const pack = packOf(drafted.objects)
  const outcome = await transport.push({ from: base.commit, to: drafted.tip.commit, pack }, signal)
  if (outcome.kind === 'applied') {
    await store.add(drafted.objects)
    tip.moved(base, drafted.tip)
    log(`pushed ${pushed.length} commit(s) to the GitOps branch, ${base.commit}..${drafted.tip.commit}`)
    for (const change of resolveCommitted(pushed, drafted)) settled.add(change)
    return settled
  }
  log(`a push to the GitOps branch did not go through: ${reasonOf(outcome)}`)
  for (const change of await settleFailed(outcome, pushed, drafted, base, tip, signal)) settled.add(change)
  return settled
}

function settleWithoutPush({ outcomes }: DraftedChanges<Waiting>, base: Tip): readonly Waiting[] {
  const settled: Waiting[] = []
  for (const [change, outcome] of outcomes) {
    if (outcome.kind === 'commit') continue
    settled.push(change)
    if (outcome.kind === 'same') change.resolve({ commit: base.commit, changed: false })
    else if (outcome.kind === 'refused') change.reject(outcome.because)
    else change.reject(new NotReady(`${change.path} has changed since it was read`, 0))
  }
  return settled
}

function resolveCommitted(pushed: readonly Waiting[], { outcomes }: DraftedChanges<Waiting>): readonly Waiting[] {
  for (const change of pushed) {
    const outcome = outcomes.get(change)
    if (outcome?.kind === 'commit') change.resolve({ commit: outcome.commit, changed: true })
  }
  return pushed
}

/** Those of the changes whose commit is in the branch's history: a push whose outcome was not known had arrived. */
async function arrived(store: ObjectStore, base: Tip, batch: readonly Waiting[]): Promise<readonly Waiting[]> {
  const changeOf = new Map(batch.flatMap((change) => change.sent.map((commit) => [commit, change] as const)))
  const found: Waiting[] = []
  let id = base.commit
  for (let steps = 0; steps < LOOK_BACK_COMMITS && (await store.has(id)); steps += 1) {
    const change = changeOf.get(id)
    if (change !== undefined) {
      change.resolve({ commit: id, changed: true })
      found.push(change)
    }
    const [parent] = (await commitIn(store, id)).parents
    if (parent === undefined) break
    id = parent
  }
  return found
}

/** @returns the changes that are not to be tried again */
async function settleFailed(
  outcome: Exclude<PushOutcome, { kind: 'applied' }>,
  pushed: readonly Waiting[],
  { outcomes }: DraftedChanges<Waiting>,
  base: Tip,
  tip: BranchTip,
  signal: AbortSignal,
): Promise<readonly Waiting[]> {
  if (outcome.kind === 'unknown') {
    for (const change of pushed) {
      const sent = outcomes.get(change)
      if (sent?.kind === 'commit') change.sent.push(sent.commit)
      change.unknowns += 1
    }
    return giveUp(pushed, (change) => change.unknowns > UNKNOWNS_MAX, outcome)
  }
  const now = await tip.fresh(signal)
  if (isRace(outcome) || now.commit !== base.commit) {
    for (const change of pushed) change.races += 1
    return giveUp(pushed, (change) => change.races > RACES_MAX, outcome)
  }
  if (pushed.length > 1) {
    for (const change of pushed) change.isAlone = true
    return []
  }
  const message = `The GitOps repo refused the push (${reasonOf(outcome)}): let WeStage write to the branch.`
  for (const change of pushed) change.reject(new Terminal(message, { whose: 'operator', details: outcome.words }))
  return pushed
}

function giveUp(
  pushed: readonly Waiting[],
  isEnough: (change: Waiting) => boolean,
  outcome: Exclude<PushOutcome, { kind: 'applied' }>,
): readonly Waiting[] {
  const late = pushed.filter(isEnough)
  const cause = outcome.kind === 'unknown' ? outcome.cause : undefined
  for (const change of late) {
    change.reject(new Error(`pushing to the GitOps repo did not succeed: ${reasonOf(outcome)}`, { cause }))
  }
  return late
}

const reasonOf = (outcome: Exclude<PushOutcome, { kind: 'applied' }>): string =>
  outcome.kind === 'rejected'
    ? outcome.reason
    : outcome.cause instanceof Error
      ? outcome.cause.message
      : String(outcome.cause)

/**
 * The protocol has no code for a lost race, only free text: what receive-pack says where another push holds the lock,
 * or moved the branch a moment ago. Where the branch has moved, that alone tells it.
 */
const isRace = ({ reason }: Extract<PushOutcome, { kind: 'rejected' }>): boolean =>
  /failed to update ref|failed to lock|cannot lock ref|incorrect old value|fetch first|stale info|non-fast-forward/i.test(
    reason,
  )

const triesOf = ({ races, unknowns }: Waiting): number => races + unknowns

/** Full jitter, so that writers that lost together do not come back together. */
const backoffMs = (tries: number): number => Math.random() * Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** tries)
