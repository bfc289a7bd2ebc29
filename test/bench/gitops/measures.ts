/** What is measured, each with its goal. */
import type { GitServer } from '../../servers/git-server.ts'
import type { Competitor, Ground, Kind } from './field.ts'
import { bytes, type Finding, ms } from './findings.ts'
import type { Revision } from './preview-texts.ts'
import { interleaved, medianOf, type Round, ratioOf, warmedUp } from './rounds.ts'
import type { StartedSide } from './start-side.ts'

type Draw = (competitor: Competitor) => readonly Revision[]

const updates =
  (count: number): Draw =>
  ({ ledger }) =>
    ledger.updates(count)
const addition: Draw = ({ ledger }) => ledger.additions(1)

/** Milliseconds of one push, its folders looked at before. */
const pushed = (competitor: Competitor, draw: Draw) => async (): Promise<number> => {
  const changes = draw(competitor)
  await competitor.look(changes)
  return await competitor.commit(changes)
}

/** The same, with another writer's push in between. */
const overtaken = (competitor: Competitor) => async (): Promise<number> => {
  const changes = updates(1)(competitor)
  await competitor.look(changes)
  const [theirs] = updates(1)(competitor)
  if (theirs !== undefined) await competitor.overtake(theirs)
  return await competitor.commit(changes)
}

const compared = (
  rounds: readonly Round[],
  [name, says, ours, theirs]: readonly [name: string, says: string, ours: string, theirs: string],
  goal: number | null,
): Finding => ({
  ...{ name, says, goal, unit: 'times', value: ratioOf(rounds, ours, theirs) },
  ours: ms(medianOf(rounds, ours)),
  theirs: ms(medianOf(rounds, theirs)),
})

/** A commit and its push, of a preview that was there and of a new one, beside git with a bare repo that stays. */
export async function onePreview(
  { our, git }: Readonly<Record<'our' | 'git', Competitor>>,
  rounds: number,
  goal: number | null,
): Promise<readonly Finding[]> {
  const found = await warmedUp(rounds, {
    update: pushed(our, updates(1)),
    gitUpdate: pushed(git, updates(1)),
    addition: pushed(our, addition),
    gitAddition: pushed(git, addition),
  })
  return [
    compared(found, ['update', 'an update: commit and push', 'update', 'gitUpdate'], goal),
    compared(found, ['addition', 'a new preview: commit and push', 'addition', 'gitAddition'], goal),
  ]
}

/** Requests that one commit and its push take, its folder looked at before. */
export async function requestsOfOne(our: Competitor, server: GitServer): Promise<Finding> {
  const changes = our.ledger.updates(1)
  await our.look(changes)
  const before = server.requests().length
  await our.commit(changes)
  const value = server.requests().length - before
  return {
    name: 'requests',
    says: 'requests of a commit and its push',
    ...alone(String(value)),
    value,
    goal: 1,
    unit: 'count',
  }
}

/** A side that keeps nothing: it clones, commits, pushes. */
export async function fromAClone(
  ground: Ground,
  kind: Extract<Kind, 'clone' | 'isomorphic'>,
  our: Competitor,
  rounds: number,
): Promise<Finding> {
  const other = await ground.start(kind, kind)
  const figures = { update: pushed(our, updates(1)), other: pushed(other, updates(1)) }
  const found = await interleaved(rounds, figures)
  await other.close()
  const what = kind === 'clone' ? 'git clone --depth 1' : 'isomorphic-git: clone'
  return compared(found, [kind, `  beside ${what}, commit, push`, 'update', 'other'], null)
}

/** Many commits in one push, beside one. */
export async function together(our: Competitor, rounds: number): Promise<readonly Finding[]> {
  const found = await warmedUp(rounds, {
    one: pushed(our, updates(1)),
    twenty: pushed(our, updates(20)),
    hundred: pushed(our, updates(100)),
  })
  return [
    compared(found, ['twenty', '20 commits in one push, beside one', 'twenty', 'one'], 2),
    compared(found, ['hundred', '100 commits in one push, beside one', 'hundred', 'one'], 5),
  ]
}

/** A commit where the history is long, beside one where it is short. */
export async function longHistory(
  our: Competitor,
  short: Competitor,
  rounds: number,
  commits: readonly [long: number, short: number],
): Promise<Finding> {
  const found = await warmedUp(rounds, { long: pushed(our, updates(1)), short: pushed(short, updates(1)) })
  const [many, few] = commits.map((count) => count.toLocaleString('en'))
  return compared(found, ['history', `${many} commits of history, beside ${few}`, 'long', 'short'], 1.2)
}

/** A push that loses to another writer's until it is through, beside one that does not. */
export async function raced(
  { our, git }: Readonly<Record<'our' | 'git', Competitor>>,
  rounds: number,
): Promise<readonly Finding[]> {
  const found = await warmedUp(rounds, {
    overtaken: overtaken(our),
    clean: pushed(our, updates(1)),
    gitOvertaken: overtaken(git),
    gitClean: pushed(git, updates(1)),
  })
  return [
    compared(found, ['raced', 'a push that was overtaken, beside a clean one', 'overtaken', 'clean'], 3),
    compared(found, ['gitRaced', '  the same of git', 'gitOvertaken', 'gitClean'], null),
  ]
}

/** Bytes of both directions from nothing to the first commit pushed. */
export async function coldStart(ground: Ground, server: GitServer): Promise<Finding> {
  const before = server.wireBytes()
  const our = await ground.start('our', 'our')
  await pushed(our, updates(1))()
  const value = server.wireBytes() - before
  await our.close()
  return {
    ...{ name: 'coldStart', says: 'over the wire, from nothing to the first push', ...alone(bytes(value)) },
    ...{ value, goal: 300_000, unit: 'bytes' },
  }
}

const WAVES = 10
const AT_ONCE = 20

/** The peak of a process that starts, reads all preview.yaml, and then commits and passes over them for a while. */
export async function memory(ground: Ground): Promise<Finding> {
  const our = await ground.start('our', 'our')
  await passed(our)
  for (let wave = 0; wave < WAVES; wave++) {
    await pushed(our, updates(AT_ONCE))()
    await passed(our)
  }
  const value = await our.peakBytes()
  await our.close()
  return {
    ...{ name: 'peakBytes', says: 'peak of resident memory', ...alone(bytes(value)) },
    ...{ value, goal: 100_000_000, unit: 'bytes' },
  }
}

/** As the service looks at all folders every few minutes. */
const passed = async (side: StartedSide): Promise<number> => (await side.list()) + (await side.read())

/** A pass over all folders where nothing has changed. */
export async function idlePass(our: Competitor, server: GitServer): Promise<Finding> {
  await passed(our)
  const before = server.requests().length
  await passed(our)
  const value = server.requests().length - before
  return {
    ...{ name: 'idlePass', says: 'requests of a pass without changes', ...alone(String(value)) },
    ...{ value, goal: 1, unit: 'count' },
  }
}

/** All preview.yaml after a restart, beside git's way to the same. */
export async function restart(ground: Ground, server: GitServer, rounds: number): Promise<readonly Finding[]> {
  const seen = { bytes: 0, fetches: 0 }
  const ours = async () => {
    const side = await ground.start('our', 'our')
    const before = server.wireBytes()
    const listed = await side.list()
    const requests = server.requests().length
    const took = listed + (await side.read())
    seen.fetches = Math.max(seen.fetches, server.requests().length - requests)
    seen.bytes = Math.max(seen.bytes, server.wireBytes() - before)
    await side.close()
    return took
  }
  const partial = async () => {
    const side = await ground.start('partial-clone', 'our')
    const took = await passed(side)
    await side.close()
    return took
  }
  const found = await warmedUp(rounds, { ours, partial })
  return [
    compared(found, ['restart', 'all preview.yaml after a restart, beside git', 'ours', 'partial'], 3),
    {
      ...{ name: 'restartBytes', says: '  over the wire, with the trees', ...alone(bytes(seen.bytes)) },
      ...{ value: seen.bytes, goal: 10_000_000, unit: 'bytes' },
    },
    {
      ...{ name: 'restartFetches', says: '  fetches of files', ...alone(String(seen.fetches)) },
      ...{ value: seen.fetches, goal: 1, unit: 'count' },
    },
  ]
}

const alone = (ours: string) => ({ ours, theirs: '' })
