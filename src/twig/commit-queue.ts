/** The single writer: changes that wait together are committed one by one on the tip, and share one push. */
import { setTimeout as delay } from 'node:timers/promises'
import { abortedWhenAll, unlessAborted } from './abort-signals.ts'
import type { BranchTip } from './branch-tip.ts'
import { type DraftedChanges, draftChanges, type FolderChange, type Signer, type Tip } from './drafted-changes.ts'
import { Stale } from './errors.ts'
import { type Change, historyOf } from './history.ts'
import { isForAll, refusedPush } from './push-refusal.ts'
import type { Remote } from './remote.ts'
import type { Placed, Sender, SendOutcome } from './send.ts'
import { treeAt } from './splice.ts'

export interface Committed {
  /** The commit that made it so, or the tip where nothing was to be done. */
  readonly commit: string
  /** The folder's tree, null where it is not there. */
  readonly tree: string | null
  readonly changed: boolean
}

export interface CommitQueueOptions {
  readonly sender: Sender
  readonly remote: Remote
  readonly tip: BranchTip
  readonly signer: Signer
  /** Resolves when a push may be sent. */
  readonly turn: (signal: AbortSignal) => Promise<void>
  readonly log: (line: string) => void
}

/** Each is another writer's push that got through: dozens of them that are slow may take minutes, and none is stuck. */
const RACES_MAX = 200
const UNKNOWNS_MAX = 4
const BACKOFF_FIRST_MS = 20
const BACKOFF_FACTOR = 4
const BACKOFF_MAX_MS = 15_000

/** A commit that was sent, and may have arrived. */
interface Sent {
  /** Null where what writes it gives it an id of its own. */
  readonly commit: string | null
  readonly tree: string | null
  /** What it was sent to be put on. */
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
      if (waiting.some((change) => triesOf(change) > 0) || (await isTurn()))
        await workOn(nextBatch(waiting, options.sender.most))
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
      if (tries > 1) await delay(backoffMs(tries), undefined, { signal })
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
function nextBatch(waiting: readonly Waiting[], most: number): readonly Waiting[] {
  const [first] = waiting
  if (first?.isAlone) return [first]
  const byPath = new Map<string, Waiting>()
  for (const change of waiting) {
    const path = pathOf(change)
    if (byPath.size < most && !change.isAlone && !byPath.has(path)) byPath.set(path, change)
  }
  return [...byPath.values()]
}

/** @returns the changes that are done with, one way or the other; the rest are to be tried again */
async function attempt(
  batch: readonly Waiting[],
  { sender, remote, tip, signer, log }: CommitQueueOptions,
  signal: AbortSignal,
): Promise<ReadonlySet<Waiting>> {
  const settled = new Set(batch.filter((change) => change.signal.aborted))
  const draft = async (base: Tip) => {
    for (const change of batch) if (change.signal.aborted) settled.add(change)
    const left = batch.filter((change) => !settled.has(change))
    return await draftChanges(remote.reader(signal), base, left, signer)
  }

  // What the tip was a moment ago is good enough to push on: the old id tells whether it still is. Where a race was lost
  // it is looked at after the wait, since others went on meanwhile.
  const isInDoubt = batch.some(({ sent }) => sent.length > 0)
  const known = isInDoubt || batch.some(({ races }) => races > 0) ? null : tip.known()
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
  const outcome = await tip.pushing(base, async () => {
    const sent = await sender.send(drafted, base, signal)
    if (sent.kind === 'applied') remote.put(drafted.objects)
    return sent
  })
  if (outcome.kind === 'applied') {
    log(`pushed ${pushed.length} commit(s), ${base.commit}..${outcome.tip.commit}`)
    for (const change of resolveCommitted(outcome.placed)) settled.add(change)
    return settled
  }
  log(`a push did not go through: ${reasonOf(outcome)}`)
  if (outcome.kind === 'unknown') noteSent(pushed, drafted, base, sender)
  for (const change of await settleFailed(outcome, pushed, base, tip, signal)) settled.add(change)
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

function resolveCommitted(placed: ReadonlyMap<Waiting, Placed>): Iterable<Waiting> {
  for (const [change, { commit, tree }] of placed) change.resolve({ commit, tree, changed: true })
  return placed.keys()
}

/** Keeps in mind what may have arrived. */
function noteSent(
  pushed: readonly Waiting[],
  { outcomes }: DraftedChanges<Waiting>,
  base: Tip,
  { keepsIds }: Sender,
): void {
  for (const change of pushed) {
    const sent = outcomes.get(change)
    if (sent?.kind !== 'commit') continue
    change.sent.push({ commit: keepsIds ? sent.commit : null, tree: sent.tree, onto: base.commit })
  }
}

/** Those of the changes whose commit is in the branch's history: what was sent with an unknown outcome had arrived. */
async function arrived(
  remote: Remote,
  base: Tip,
  batch: readonly Waiting[],
  signal: AbortSignal,
): Promise<readonly Waiting[]> {
  const sent = batch.filter((change) => change.sent.length > 0)
  const oldest = sent[0]?.sent[0]?.onto ?? base.commit
  const found = new Set<Waiting>()
  for await (const made of historyOf(remote, base.commit, signal)) {
    for (const change of sent) {
      const one = change.sent.find((each) => isThat(each, change.message, made))
      if (one === undefined || found.has(change)) continue
      // What gave it an id of its own may have made another tree of it as well.
      const tree = one.commit === null ? await treeAt(remote.reader(signal), made.tree, change.path) : one.tree
      change.resolve({ commit: made.id, tree, changed: true })
      found.add(change)
    }
    if (made.id === oldest || found.size === sent.length) break
  }
  for (const change of sent) if (!found.has(change)) noteLost(change, base)
  return [...found]
}

/** It is known now that it never arrived: where the branch has moved meanwhile, a race was lost, and no more. */
function noteLost(change: Waiting, { commit }: Tip): void {
  if (change.sent.at(-1)?.onto === commit) return
  change.races += 1
  change.unknowns -= 1
}

/** Without an id, a commit is known by its message, on what it was sent to be put on. Hosts trim a message's end. */
const isThat = ({ commit, onto }: Sent, message: string, made: Change): boolean =>
  commit === null ? made.parents[0] === onto && made.message.trimEnd() === message.trimEnd() : made.id === commit

type Failed = Exclude<SendOutcome<Waiting>, { kind: 'applied' }>

/** @returns the changes that are not to be tried again */
async function settleFailed(
  outcome: Failed,
  pushed: readonly Waiting[],
  base: Tip,
  tip: BranchTip,
  signal: AbortSignal,
): Promise<readonly Waiting[]> {
  if (outcome.kind === 'unknown') {
    for (const change of pushed) change.unknowns += 1
    return giveUp(pushed, (change) => change.unknowns > UNKNOWNS_MAX, outcome)
  }
  if (outcome.kind === 'moved' || isRace(outcome) || (await tip.fresh(signal)).commit !== base.commit) {
    for (const change of pushed) change.races += 1
    return giveUp(pushed, (change) => change.races > RACES_MAX, outcome)
  }
  const refused = refusedPush(outcome.reason, outcome.words)
  if (pushed.length > 1 && !isForAll(refused)) {
    for (const change of pushed) change.isAlone = true
    return []
  }
  for (const change of pushed) change.reject(refused)
  return pushed
}

function giveUp(
  pushed: readonly Waiting[],
  isEnough: (change: Waiting) => boolean,
  outcome: Failed,
): readonly Waiting[] {
  const late = pushed.filter(isEnough)
  const cause = outcome.kind === 'unknown' ? outcome.cause : undefined
  for (const change of late) {
    change.reject(new Error(`pushing to the git repo did not succeed: ${reasonOf(outcome)}`, { cause }))
  }
  return late
}

function reasonOf(outcome: Failed): string {
  if (outcome.kind === 'moved') return 'the branch has moved'
  if (outcome.kind === 'rejected') return outcome.reason
  return outcome.cause instanceof Error ? outcome.cause.message : String(outcome.cause)
}

/**
 * The protocol has no code for a lost race, only free text: what receive-pack says where another push holds the lock,
 * or moved the branch a moment ago. Where the branch has moved, that alone tells it.
 */
const isRace = ({ reason }: Extract<Failed, { kind: 'rejected' }>): boolean =>
  /failed to update ref|failed to lock|cannot lock ref|incorrect old value|fetch first|stale info|non-fast-forward/i.test(
    reason,
  )

const pathOf = ({ path }: FolderChange): string => path.join('/')

const triesOf = ({ races, unknowns }: Waiting): number => races + unknowns

/**
 * None after the first: mostly there was one other writer, who is done. Then full jitter, so that writers that lost
 * together do not come back together. It grows fast and far: where dozens push at the same time, most must stand back
 * for one to get on.
 */
const backoffMs = (tries: number): number =>
  Math.random() * Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * BACKOFF_FACTOR ** (tries - 1))
