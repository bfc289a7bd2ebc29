/**
 * `npm run bench:build`: how long WeStage takes for the image of a push that changes nothing of what it is made from, as a
 * ratio to buildah by itself with a warm layer cache, both to an image in a real registry, in turns; and how long the hash
 * of a context of 50,000 files takes, as a ratio to reading the archive that they came in.
 *
 * --files N  another number than 50,000, for which the goals are: they are not looked at then
 * --quick    fewer rounds
 * --json     the result as one line of JSON, the last of the output
 */
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { startMemoryRegistry } from '../servers/memory-registry.ts'
import { startRegistry } from '../servers/registry.ts'
import { writeContext } from './build/context.ts'
import { hashOnce, readOnce } from './build/reading.ts'
import { benchedBuilder, oursOnce, plainOnce } from './build/sides.ts'
import { laidOut, median, ms } from './figures.ts'
import { inTurns, type PairOf } from './in-turns.ts'

const { values: asked } = parseArgs({
  options: { files: { type: 'string' }, quick: { type: 'boolean' }, json: { type: 'boolean' } },
})
const APP_FILES = 2000
const JUDGED = 50_000
const LARGE_FILES = Number(asked.files ?? JUDGED)
const isJudged = LARGE_FILES === JUDGED
if (!Number.isInteger(LARGE_FILES) || LARGE_FILES < 1) throw new Error(`--files ${asked.files}?`)
const GOALS = { unchangedPush: 0.1, hashOfLargeContext: 2 }

const rounds = asked.quick === true ? 3 : 9
const dir = await mkdtemp(join(tmpdir(), 'westage-bench-'))
const registry = (await startRegistry()) ?? (await startMemoryRegistry())
try {
  const pushes = await unchangedPushes()
  const hashes = await hashesOfLargeContext()
  const ratios = { unchangedPush: ratioOf(pushes), hashOfLargeContext: ratioOf(hashes) }
  const pass = Object.entries(GOALS).every(([name, goal]) => ratios[name as keyof typeof GOALS] <= goal)
  const row = (what: string, pairs: readonly PairOf<number>[], name: keyof typeof GOALS) => [
    what,
    ...(['ours', 'theirs'] as const).map((side) => ms(median(pairs.map((pair) => pair[side])))),
    ratios[name].toFixed(2),
    `${GOALS[name]} ${ratios[name] <= GOALS[name] ? 'met' : 'MISSED'}`,
  ]
  const table = laidOut([
    ['', 'WeStage', 'other', 'ratio', 'goal'],
    row(`a push that changes no part of the image (${APP_FILES} files); buildah, warm`, pushes, 'unchangedPush'),
    row(`the hash of ${LARGE_FILES} files; reading their archive`, hashes, 'hashOfLargeContext'),
  ])
  const judgement = pass ? 'All goals met.' : 'Not all goals met.'
  const notJudged = `Not judged: the goals are for ${JUDGED.toLocaleString('en')} files.`
  console.log(`\nmedians of ${rounds} rounds\n${table.join('\n')}\n\n${isJudged ? judgement : notJudged}`)
  if (asked.json === true)
    console.log(JSON.stringify({ name: 'build', ratios, goals: GOALS, pass: isJudged ? pass : null }))
} finally {
  await registry.close()
  await rm(dir, { recursive: true, force: true, maxRetries: 5 })
}

/** Of each pair the ratio: both met the same weather. */
function ratioOf(pairs: readonly PairOf<number>[]): number {
  return median(pairs.map(({ ours, theirs }) => ours / theirs))
}

/** Every push is unpacked into a folder of its own, and differs in its manifests and its commit. */
async function unchangedPushes(): Promise<readonly PairOf<number>[]> {
  const app = join(dir, 'app')
  await writeContext(app, APP_FILES)
  const builder = await benchedBuilder(registry.host, dir)
  let pushed = 0
  const checkout = async () => {
    pushed += 1
    const root = join(dir, `checkout-${pushed}`)
    await cp(app, root, { recursive: true })
    await writeFile(join(root, 'k8s', 'deployment.yaml'), `kind: Deployment # ${pushed}\n`)
    return { root, sha: pushed.toString(16).padStart(40, '0') }
  }
  const inCheckout = (once: (root: string, sha: string) => Promise<number>) => ({
    async round() {
      const { root, sha } = await checkout()
      const took = await once(root, sha)
      await rm(root, { recursive: true })
      return took
    },
  })
  const ours = inCheckout((root, sha) => oursOnce(builder, root, sha))
  const plain = inCheckout((root, sha) => plainOnce(registry.host, dir, root, sha))
  // The first of each builds every layer.
  await inTurns(ours, plain, 1, 2)
  return await inTurns(ours, plain, 1, rounds)
}

async function hashesOfLargeContext(): Promise<readonly PairOf<number>[]> {
  const root = join(dir, 'large')
  await mkdir(root)
  await writeContext(root, LARGE_FILES)
  const archive = join(dir, 'large.tar.gz')
  await promisify(execFile)('tar', ['-czf', archive, '-C', dir, 'large'])
  const ours = { round: () => hashOnce(root) }
  const reading = { round: () => readOnce(archive) }
  await inTurns(ours, reading, 1, 1)
  return await inTurns(ours, reading, 1, rounds)
}
