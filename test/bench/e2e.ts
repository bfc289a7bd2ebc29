/**
 * `npm run bench:e2e`: how long it takes from the label until the host answers from the pull request's image and the
 * pull request is told, as a ratio to a shell script that does the same by hand without GitOps, for one pull request and
 * for 10 at once; and how much of it is WeStage's own. Both work in one cluster with real pods, in turns. Of 10 the
 * script is run 10 times side by side; WeStage prepares as many at a time as it does unless told otherwise.
 *
 * --quick          fewer rounds
 * --json           the result as one line of JSON, the last of the output
 * --nudge KIND     how Argo CD is told of pushes: annotations unless given, or webhook
 * --cluster NAME   that of `npm run cluster -- up` unless given; one of its own for this run, where it is not up
 */
import { parseArgs } from 'node:util'
import { findCluster, startCluster } from '../cluster/start-cluster.ts'
import { measuresOf, tableOf } from './e2e/figures.ts'
import { startOurs } from './e2e/ours.ts'
import type { Side } from './e2e/side.ts'
import { startTheirs } from './e2e/theirs.ts'
import { inTurns } from './in-turns.ts'

const GOALS = { labelToLive: 1.3, ownShare: 0.1 }
const SIZES = [
  { name: 'one', pulls: 1, rounds: 16, quickRounds: 2 },
  { name: 'ten', pulls: 10, rounds: 4, quickRounds: 1 },
] as const
/** More than WeStage prepares at a time: each of its stores of layers is used once before it counts. */
const WARM_UP_PULLS = 3

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    nudge: { type: 'string', default: 'annotations' },
    cluster: { type: 'string', default: 'default' },
  },
})
if (options.nudge !== 'annotations' && options.nudge !== 'webhook') throw new Error(`--nudge ${options.nudge}?`)

// What is told to end ends its cluster too: that is done at exit.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
const found = findCluster(options.cluster)
const cluster = found ?? (await startCluster({ name: 'bench', pods: 'real', log: console.log }))
const sides: Side[] = []
try {
  if (cluster.podsAre !== 'real') throw new Error(`the pods of the cluster ${cluster.name} are played: nothing to time`)
  const { side: ours, previewAddress } = await startOurs(cluster, options.nudge)
  sides.push(ours)
  const theirs = await startTheirs(cluster, previewAddress)
  sides.push(theirs)
  for (const side of sides) await side.round(WARM_UP_PULLS)

  const results = []
  for (const { name, pulls, rounds, quickRounds } of SIZES) {
    const pairs = await inTurns(ours, theirs, pulls, options.quick ? quickRounds : rounds)
    results.push({ name, measured: measuresOf(pairs) })
    const size = pulls === 1 ? '1 pull request' : `${pulls} at once`
    const means = pairs.length === 1 ? 'one round' : `means of ${pairs.length} rounds`
    console.log(`\n${size}, ${means}\n${tableOf(pairs, GOALS).join('\n')}`)
  }
  const pass = results.every(
    ({ measured }) => measured.labelToLive <= GOALS.labelToLive && measured.ownShare <= GOALS.ownShare,
  )
  console.log(`\n${pass ? 'All goals met.' : 'Not all goals met.'}`)
  if (options.json) {
    const ratios = Object.fromEntries(results.map(({ name, measured }) => [name, measured]))
    const goals = Object.fromEntries(results.map(({ name }) => [name, GOALS]))
    console.log(JSON.stringify({ name: 'e2e', ratios, goals, pass }))
  }
} finally {
  for (const side of sides.toReversed()) await side.close()
  if (found === null) await cluster.close()
}
