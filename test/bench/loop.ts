/**
 * `npm run bench:loop`: how long WeStage takes from label to committed and from committed to reported, as a ratio to a
 * shell script that does the same work, for one pull request and for 100 at once. The script takes them one after the
 * other. Both have servers of their own of the same kind on this machine, and are run in turns.
 *
 * --pulls N  another number than 100, for which the goals are: they are not looked at then
 * --quick    fewer rounds
 * --json     the result as one line of JSON, the last of the output
 */
import { parseArgs } from 'node:util'
import { MEASURES, type Pair, ratioOf, tableOf } from './figures.ts'
import { inTurns } from './in-turns.ts'
import { type Side, startOurs, startTheirs } from './sides.ts'

const { values: asked } = parseArgs({
  options: { pulls: { type: 'string' }, quick: { type: 'boolean' }, json: { type: 'boolean' } },
})
const isQuick = asked.quick === true
const JUDGED = 100
const MANY = Number(asked.pulls ?? JUDGED)
if (!Number.isInteger(MANY) || MANY < 1) throw new Error(`--pulls ${asked.pulls}?`)
const SIZES = [
  { name: 'one', pulls: 1, rounds: 7, quickRounds: 3, goal: 1.5 },
  { name: MANY === JUDGED ? 'hundred' : 'many', pulls: MANY, rounds: 3, quickRounds: 1, goal: 0.8 },
] as const
const WARM_UP_PULLS = 3

const results: { name: string; ratios: Record<string, number>; goals: Record<string, number> }[] = []
for (const { name, pulls, rounds, quickRounds, goal } of SIZES) {
  const pairs = await comparedAt(pulls, isQuick ? quickRounds : rounds)
  const goals = { labelToCommitted: goal, committedToReported: goal, labelToReported: goal }
  const ratios = Object.fromEntries(MEASURES.map((measure) => [measure, ratioOf(pairs, measure)]))
  results.push({ name, ratios, goals })
  const rounded = pairs.length === 1 ? 'one round' : `medians of ${pairs.length} rounds`
  console.log(
    `\n${pulls === 1 ? '1 pull request' : `${pulls} at once`}, ${rounded}\n${tableOf(pairs, goals).join('\n')}`,
  )
}
const pass = results.every(({ ratios, goals }) =>
  Object.entries(goals).every(([measure, goal]) => (ratios[measure] ?? Number.POSITIVE_INFINITY) <= goal),
)
if (MANY === JUDGED) console.log(`\n${pass ? 'All goals met.' : 'Not all goals met.'}`)
else console.log(`\nNot judged: the goals are for ${JUDGED} at once.`)
if (asked.json === true) {
  const bySize = (of: 'ratios' | 'goals') => Object.fromEntries(results.map((result) => [result.name, result[of]]))
  const judged = MANY === JUDGED ? pass : null
  console.log(JSON.stringify({ name: 'loop', ratios: bySize('ratios'), goals: bySize('goals'), pass: judged }))
}

/** Rounds of both sides; both have fresh servers for this, and warm up. */
async function comparedAt(pulls: number, rounds: number): Promise<readonly Pair[]> {
  const sides: Side[] = []
  const begun = async (side: Promise<Side>) => {
    const started = await side
    sides.push(started)
    await started.round(WARM_UP_PULLS)
    return started
  }
  try {
    const ours = await begun(startOurs())
    const theirs = await begun(startTheirs())
    return await inTurns(ours, theirs, pulls, rounds)
  } finally {
    for (const side of sides) await side.close()
  }
}
