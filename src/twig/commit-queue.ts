/** The single writer: changes that wait together are committed one by one on the tip, and share one push. */
import { setTimeout as delay } from 'node:timers/promises'
import { abortedWhenAll, unlessAborted } from './abort-signals.ts'
import type { BranchTip } from './branch-tip.ts'
import { type DraftedChanges, draftChanges, type FolderChange, type Signer, type Tip } from './drafted-changes.ts'
import { Refused, Stale } from './errors.ts'
import { amongHistory } from './history.ts'
import { packOf } from './pack.ts'
import type { Remote } from './remote.ts'
import type { PushOutcome, Transport } from './transport.ts'

export interface Committed {
  /** The commit that made it so, or the tip where nothing was to be done. */
  readonly commit: string
  /** The folder's tree, null where it is not there. */
  readonly tree: string | null
  readonly changed: boolean
}

export interface CommitQueueOptions {
  readonly transport: Transport
  readonly remote: Remote
  readonly tip: BranchTip
  readonly signer: Signer
  /** Resolves when a push may be sent. */
  readonly turn: (signal: AbortSignal) => Promise<void>
  readonly log: (line: string) => void
}

/** Changes that share a push: so many that a push stays below a few seconds. */
const BATCH_MAX = 200
const RACES_MAX = 50
const UNKNOWNS_MAX = 4
const BACKOFF_FIRST_MS = 20
const BACKOFF_MAX_MS = 1500

/** A commit that was sent, and may have arrived. */
interface Sent {
  readonly commit: string
  readonly tree: string | null
  /** What it was pushed on. */
  readonly onto: string
}

interface Waiting extends FolderChange {
  readonly signal: AbortSignal
  readonly resolve: (committed: Committed) => void
  readonly reject: (reason: unknown) => void
  readonly sent: Sent[]
  races: number
  unknowns: number
  /** A push of several was refused: each is tried by itself, so that one bad change does not hold up the others. */
  isAlone: boolean
}

/**
 * Commits a change that was checked, and pushes it.
 * @throws {Stale} the folder is not as `onto` says
 * @throws {Refused} the server does not take it, whoever asks
 */
export type Commit = (change: FolderChange, signal: AbortSignal) => Promise<Committed>

export function openCommitQueue(options: CommitQueueOptions): Commit {
  let waiting: Waiting[] = []
  let isWorking = false

  const work = async () => {
    while (waiting.length > 0) {
      // What lost a race has had its turn: it comes back by its own backoff.
      if (waiting.some((change) => triesOf(change) > 0) || (await isTurn())) await workOn(nextBatch(waiting))
    }
    isWorking = false
  }

  /** Whoever comes while this waits shares the push. @returns false where nobody waits for it any more */
  const isTurn = async () => {
    const { signal, release } = abortedWhenAll(waiting.map((change) => change.signal))
    try {
      await options.turn(signal)
    } catch (error) {
      if (!signal.aborted) throw error
    } finally {
      release()
    }
    waiting = waiting.filter((change) => !change.signal.aborted)
    return waiting.length > 0
  }

  const workOn = async (batch: readonly Waiting[]) => {
    const { signal, release } = abortedWhenAll(batch.map((change) => change.signal))
    try {
      const settled = await attempt(batch, options, signal)
      waiting = waiting.filter((change) => !settled.has(change))
      const tries = Math.max(0, ...batch.filter((change) => !settled.has(change)).map(triesOf))
      if (tries > 0) await delay(backoffMs(tries), undefined, { signal })
    } catch (error) {
      for (const change of batch) change.reject(error)
      waiting = waiting.filter((change) => !batch.includes(change))
    } finally {
      release()
    }
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
    const path = pathOf(change)
    if (byPath.size < BATCH_MAX && !change.isAlone && !byPath.has(path)) byPath.set(path, change)
  }
  return [...byPath.values()]
}

/** @returns the changes that are done with, one way or the other; the rest are to be tried again */
async function attempt(
  batch: readonly Waiting[],
  { transport, remote, tip, signer, log }: CommitQueueOptions,
  signal: AbortSignal,
): Promise<ReadonlySet<Waiting>> {
  const settled = new Set(batch.filter((change) => change.signal.aborted))
  const draft = async (base: Tip) => {
    for (const change of batch) if (change.signal.aborted) settled.add(change)
    const left = batch.filter((change) => !settled.has(change))
    return await draftChanges(remote.reader(signal), base, left, signer)
  }

  // What the tip was a moment ago is good enough to push on: the old id tells whether it still is.
  const isInDoubt = batch.some(({ sent }) => sent.length > 0)
  const known = isInDoubt ? null : tip.known()
  let base = known ?? (await tip.fresh(signal))
  if (isInDoubt) for (const change of await arrived(remote, base, batch, signal)) settled.add(change)
  let drafted = await draft(base)
  if (known !== null && [...drafted.outcomes.values()].some(({ kind }) => kind !== 'commit')) {
    base = await tip.fresh(signal)
    drafted = await draft(base)
  }
  while ([...drafted.outcomes.keys()].some((change) => change.signal.aborted)) drafted = await draft(base)

  for (const change of settleWithoutPush(drafted, base)) settled.add(change)
  if (drafted.tip.commit === base.commit) return settled
  const pushed = batch.filter((change) => drafted.outcomes.get(change)?.kind === 'commit')
  const update = { from: base.commit, to: drafted.tip.commit, pack: packOf(drafted.packed) }
  const outcome = await transport.push(update, signal)
  if (outcome.kind === 'applied') {
    remote.put(drafted.objects)
    tip.moved(base, drafted.tip)
    log(`pushed ${pushed.length} commit(s), ${base.commit}..${drafted.tip.commit}`)
    for (const change of resolveCommitted(pushed, drafted)) settled.add(change)
    return settled
  }
  log(`a push did not go through: ${reasonOf(outcome)}`)
  for (const change of await settleFailed(outcome, pushed, drafted, base, tip, signal)) settled.add(change)
  return settled
}

function settleWithoutPush({ outcomes }: DraftedChanges<Waiting>, base: Tip): readonly Waiting[] {
  const settled: Waiting[] = []
  for (const [change, outcome] of outcomes) {
    if (outcome.kind === 'commit') continue
    settled.push(change)
    if (outcome.kind === 'same') change.resolve({ commit: base.commit, tree: outcome.tree, changed: false })
    else if (outcome.kind === 'refused') change.reject(outcome.because)
    else change.reject(new Stale(`${pathOf(change)} has changed since it was read`))
  }
  return settled
}

function resolveCommitted(pushed: readonly Waiting[], { outcomes }: DraftedChanges<Waiting>): readonly Waiting[] {
  for (const change of pushed) {
    const outcome = outcomes.get(change)
    if (outcome?.kind === 'commit') change.resolve({ commit: outcome.commit, tree: outcome.tree, changed: true })
  }
  return pushed
}

/** Those of the changes whose commit is in the branch's history: a push whose outcome was not known had arrived. */
async function arrived(
  remote: Remote,
  base: Tip,
  batch: readonly Waiting[],
  signal: AbortSignal,
): Promise<readonly Waiting[]> {
  const sent = batch.flatMap((change) => change.sent)
  const oldest = sent[0]?.onto ?? base.commit
  const ids = new Set(sent.map(({ commit }) => commit))
  const found = await amongHistory(remote, base.commit, ids, oldest, signal)
  return batch.filter((change) => {
    const one = change.sent.find(({ commit }) => found.has(commit))
    if (one !== undefined) change.resolve({ commit: one.commit, tree: one.tree, changed: true })
    return one !== undefined
  })
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
      if (sent?.kind === 'commit') change.sent.push({ commit: sent.commit, tree: sent.tree, onto: base.commit })
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
  const refused = new Refused('push refused', `The git repo refused the push (${reasonOf(outcome)})`, outcome.words)
  for (const change of pushed) change.reject(refused)
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
    change.reject(new Error(`pushing to the git repo did not succeed: ${reasonOf(outcome)}`, { cause }))
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

const pathOf = ({ path }: FolderChange): string => path.join('/')

const triesOf = ({ races, unknowns }: Waiting): number => races + unknowns

/** Full jitter, so that writers that lost together do not come back together. */
const backoffMs = (tries: number): number => Math.random() * Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** tries)
