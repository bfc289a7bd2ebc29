/**
 * `npm run bench:render`: how long WeStage takes from an unpacked commit to the files of a preview's folder (scan, render,
 * transforms, policy, printing), as a ratio to bare kustomize on the same folder, for 15 and for 500 resources, in turns; how much
 * of that is reading and printing YAML; and how far the peak of the process's memory goes up, as a ratio to what
 * kustomize made.
 *
 * --quick   fewer rounds
 * --json    the result as one line of JSON, the last of the output
 */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import { laidOut, median } from './figures.ts'
import { inTurns, type PairOf } from './in-turns.ts'
import { writeApp } from './render/app.ts'
import { bareOnce, benchedKustomize, oursOnce } from './render/sides.ts'

const SIZES = [
  { name: 'fifteen', resources: 15, rounds: 21, quickRounds: 5, goal: 1.5 },
  { name: 'fiveHundred', resources: 500, rounds: 9, quickRounds: 3, goal: 1.3 },
] as const
const YAML_SHARE_GOAL = 0.1
const MEMORY_GOAL = 10
const WARM_UP_ROUNDS = 5

/** Milliseconds of one round of one side. */
interface Round {
  readonly whole: number
  readonly transform: number
  readonly policy: number
  readonly yaml: number
}

const isQuick = process.argv.includes('--quick')
const kustomize = await benchedKustomize()
const dir = await mkdtemp(join(tmpdir(), 'westage-bench-'))
const results: { name: string; ratios: Record<string, number>; goals: Record<string, number> }[] = []
try {
  for (const { name, resources, rounds, quickRounds, goal } of SIZES) {
    const root = join(dir, name)
    await writeApp(root, resources)
    const ours = { round: async () => roundOf(await oursOnce(kustomize, root)) }
    const bare = { round: async () => ({ whole: await bareOnce(root), transform: 0, policy: 0, yaml: 0 }) }
    await inTurns(ours, bare, 1, isQuick ? 1 : WARM_UP_ROUNDS)
    const pairs = await inTurns(ours, bare, 1, isQuick ? quickRounds : rounds)
    const ratios = {
      whole: median(pairs.map((pair) => pair.ours.whole / pair.theirs.whole)),
      yamlShare: median(pairs.map((pair) => pair.ours.yaml / pair.ours.whole)),
    }
    const goals = { whole: goal, yamlShare: YAML_SHARE_GOAL }
    results.push({ name, ratios, goals })
    console.log(
      `\n${resources} resources, medians of ${pairs.length} rounds\n${tableOf(pairs, ratios, goals).join('\n')}`,
    )
  }
  const { input, before, grown } = await memoryFigures()
  const ratio = grown / input
  results.push({ name: 'memory', ratios: { peakGrowth: ratio }, goals: { peakGrowth: MEMORY_GOAL } })
  console.log(`
peak memory of the process, 500 resources after many of 15
from ${megabytes(before)} by ${megabytes(grown)}, for ${megabytes(input)} of manifests: ${ratio.toFixed(1)} times (${met(ratio, MEMORY_GOAL)})`)
} finally {
  await rm(dir, { recursive: true })
}

const pass = results.every(({ ratios, goals }) =>
  Object.entries(goals).every(([measure, goal]) => (ratios[measure] ?? Number.POSITIVE_INFINITY) <= goal),
)
console.log(`\n${pass ? 'All goals met.' : 'Not all goals met.'}`)
if (process.argv.includes('--json')) {
  const by = (of: 'ratios' | 'goals') => Object.fromEntries(results.map((result) => [result.name, result[of]]))
  console.log(JSON.stringify({ name: 'render', ratios: by('ratios'), goals: by('goals'), pass }))
}

function roundOf({ wholeMs, transformMs, policyMs, yamlMs }: Awaited<ReturnType<typeof oursOnce>>): Round {
  return { whole: wholeMs, transform: transformMs, policy: policyMs, yaml: yamlMs }
}

function tableOf(
  pairs: readonly PairOf<Round>[],
  ratios: { readonly whole: number; readonly yamlShare: number },
  goals: { readonly whole: number; readonly yamlShare: number },
): readonly string[] {
  const took = (side: 'ours' | 'theirs', of: keyof Round) =>
    `${median(pairs.map((pair) => pair[side][of])).toFixed(1)} ms`
  return laidOut([
    ['', 'WeStage', 'kustomize', 'ratio', 'goal'],
    [
      'all of it',
      took('ours', 'whole'),
      took('theirs', 'whole'),
      ratios.whole.toFixed(2),
      met(ratios.whole, goals.whole),
    ],
    ['  transforms', took('ours', 'transform')],
    ['  policy', took('ours', 'policy')],
    ['  YAML', took('ours', 'yaml'), '', ratios.yamlShare.toFixed(2), met(ratios.yamlShare, goals.yamlShare)],
  ])
}

/** Of a process of its own: this one's peak has been up already. */
async function memoryFigures() {
  const args = [
    '--import',
    'tsx',
    join(import.meta.dirname, 'render/memory.ts'),
    ...SIZES.map(({ name }) => join(dir, name)),
  ]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  return z.object({ input: z.number().positive(), before: z.number(), grown: z.number() }).parse(JSON.parse(stdout))
}

function met(ratio: number, goal: number): string {
  return `${goal} ${ratio <= goal ? 'met' : 'MISSED'}`
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`
}
