/**
 * `npm run bench:gitops`: how long WeStage takes to commit to a GitOps repo of 10, 1,000 and 10,000 previews and push it,
 * beside the git command line with a bare repo that stays, a shallow clone for each commit, and isomorphic-git's own; and
 * what many commits, a long history, a race and a restart cost it. All against the same `git http-backend`, each side in a
 * process of its own. Afterwards git checks every repo, and its files are compared with a model of the changes.
 *
 * --previews N   another number than 10,000, for which the goals are: they are not looked at then
 * --quick        1,000 previews unless told otherwise, a shorter history, fewer rounds, and no clones of many previews for
 *                each commit: to see that it runs
 * --json         the result as one line of JSON, the last of the output
 */

import { parseArgs } from 'node:util'
import { type Field, openField } from './gitops/field.ts'
import { type Finding, isMet, tableOf } from './gitops/findings.ts'
import {
  coldStart,
  fromAClone,
  idlePass,
  longHistory,
  memory,
  onePreview,
  raced,
  requestsOfOne,
  restart,
  together,
} from './gitops/measures.ts'

const { values: asked } = parseArgs({
  options: { previews: { type: 'string' }, quick: { type: 'boolean' }, json: { type: 'boolean' } },
})
const isQuick = asked.quick === true
const ROUNDS = isQuick ? 3 : 15
const FEWER_ROUNDS = isQuick ? 1 : 5
/** Its two figures are nearly the same, so that few rounds tell of the machine's other work. */
const HISTORY_ROUNDS = 15
const HISTORY = isQuick ? 200 : 2_000
const LONG_HISTORY = 10 * HISTORY
const JUDGED = 10_000
const MANY = Number(asked.previews ?? (isQuick ? 1_000 : JUDGED))

const field = await openField()
const findings: Finding[] = []
try {
  for (const previews of [10, 1_000].filter((few) => few < MANY)) await benchFew(field, previews)
  await benchMany(field)
} finally {
  await field.close()
}

const pass = findings.every(isMet)
if (MANY === JUDGED) console.log(`\n${pass ? 'All goals met.' : 'Not all goals met.'}`)
else console.log(`\nNot judged: the goals are for ${JUDGED.toLocaleString('en')} previews.`)
if (asked.json === true) {
  const ratios = Object.fromEntries(findings.map(({ name, value }) => [name, value]))
  const goals = Object.fromEntries(findings.flatMap(({ name, goal }) => (goal === null ? [] : [[name, goal]])))
  console.log(JSON.stringify({ name: 'gitops', previews: MANY, ratios, goals, pass: MANY === JUDGED ? pass : null }))
}

/** Only shown: the goals are for many. */
async function benchFew({ ground: populated }: Field, previews: number): Promise<void> {
  const ground = await populated({ previews, commits: HISTORY })
  const our = await ground.start('our', 'our')
  const git = await ground.start('git', 'git')
  const found = [
    ...(await onePreview({ our, git }, ROUNDS, null)),
    await fromAClone(ground, 'clone', our, FEWER_ROUNDS),
  ]
  // Its clone of a thousand takes most of a minute.
  if (previews < 1_000 || !isQuick)
    found.push(await fromAClone(ground, 'isomorphic', our, previews < 1_000 ? FEWER_ROUNDS : 1))
  for (const side of [our, git]) await side.close()
  await ground.check()
  tell(previews, found)
}

async function benchMany({ ground: populated, server }: Field): Promise<void> {
  const ground = await populated({ previews: MANY, commits: HISTORY })
  const longer = await populated({ previews: MANY, commits: LONG_HISTORY })
  const our = await ground.start('our', 'our')
  const git = await ground.start('git', 'git')
  const long = await longer.start('our', 'our')
  const found = [
    ...(await onePreview({ our, git }, ROUNDS, 0.8)),
    await requestsOfOne(our, server),
    ...(await together(our, FEWER_ROUNDS)),
    await longHistory(long, our, HISTORY_ROUNDS, [LONG_HISTORY, HISTORY]),
    ...(await raced({ our, git }, ROUNDS)),
    await idlePass(our, server),
    await coldStart(ground, server),
    await memory(ground),
    ...(await restart(ground, server, FEWER_ROUNDS)),
  ]
  if (isQuick) console.log('\n--quick: no clone of many previews for each commit')
  else {
    found.push(await fromAClone(ground, 'clone', our, 1))
    found.push(await fromAClone(ground, 'isomorphic', our, 1))
  }
  for (const side of [our, git, long]) await side.close()
  await ground.check()
  await longer.check()
  tell(MANY, found)
}

function tell(previews: number, found: readonly Finding[]): void {
  const judged = found.map((finding) => (MANY === JUDGED ? finding : { ...finding, goal: null }))
  console.log(`\n${previews.toLocaleString('en')} previews, medians\n${tableOf(judged).join('\n')}`)
  const suffix = previews === MANY ? '' : `Of${previews}`
  findings.push(...found.map((finding) => ({ ...finding, name: `${finding.name}${suffix}` })))
}
