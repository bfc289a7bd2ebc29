/**
 * `npm run bench:wehook`: 10,000 callbacks to 50 previews, of which 10 are dead, through WeHook and through a bare fan-out
 * with undici that keeps nothing, in turns; what reaches the healthy ones, how soon after the provider was answered, and
 * how much memory WeHook takes with the backlog of the dead ones.
 *
 * --callbacks N  another number than 10,000, for which the goals are: they are not looked at then
 * --quick        2,000 callbacks unless told otherwise, fewer rounds
 * --json         the result as one line of JSON, the last of the output
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Pool } from 'undici'
import { z } from 'zod'
import { compiled } from '../compiled.ts'
import { laidOut, median } from './figures.ts'
import { bodyOf, PATH, signatureOf } from './wehook/payments.ts'

const { values: asked } = parseArgs({
  options: { callbacks: { type: 'string' }, quick: { type: 'boolean' }, json: { type: 'boolean' } },
})
const JUDGED = 10_000
const CALLBACKS = Number(asked.callbacks ?? (asked.quick === true ? 2_000 : JUDGED))
const ROUNDS = asked.quick === true ? 1 : 3
const HEALTHY = 40
const DEAD = 10
/** Callbacks that the provider sends at a time. */
const AT_ONCE = 16
/** Deliveries to a bare fan-out, p99 from answer to delivery, bytes: what each is to be at least, or at most. */
const GOALS = { throughput: 0.5, p99Ms: 1000, peakBytes: 400_000_000, missing: 0, damaged: 0 }

const SIDE = join(import.meta.dirname, 'wehook')
const Answer = z.object({
  port: z.number().default(0),
  ports: z.array(z.number()).default([]),
  count: z.number().default(0),
  damaged: z.number().default(0),
  times: z.array(z.array(z.tuple([z.number(), z.number()]))).default([]),
  peakBytes: z.number().default(0),
})
const answerOf = async (child: ChildProcess) => Answer.parse((await once(child, 'message'))[0])
const ask = async (child: ChildProcess, what: string) => {
  const answered = answerOf(child)
  child.send(what)
  return await answered
}

const dir = await mkdtemp(join(tmpdir(), 'westage-bench-'))
const children: ChildProcess[] = []
const start = (program: string, args: readonly string[]): ChildProcess => {
  const child = fork(program, args, { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  children.push(child)
  return child
}
try {
  const names = ['previews-side', 'bare-side', 'wehook-side'].map((name) => join(SIDE, `${name}.ts`))
  const built = await compiled(join(dir, 'compiled'), names)
  const [previewsSide = '', bareSide = '', wehookSide = ''] = names.map(built)
  const previews = start(previewsSide, [String(HEALTHY)])
  const { ports } = await answerOf(previews)
  // A port that was listened on and is not any more: nobody is there.
  const dead = await Promise.all(Array.from({ length: DEAD }, deadPort))
  const all = [...ports, ...dead]

  const list = all.map((port, nth) => ({
    ...{ app: 'shop', namespace: null, pull: { number: nth + 1 }, url: `http://pr-${nth + 1}.shop.test:${port}` },
    ...{ since: new Date().toISOString(), callbacks: [{ source: 'stripe', path: PATH }] },
  }))
  const westage = createServer((request, response) => {
    if (request.url !== '/api/previews') response.writeHead(404).end()
    else response.end(JSON.stringify({ previews: list }))
  })
  westage.listen(0, '127.0.0.1')
  await once(westage, 'listening')
  const westageUrl = `http://127.0.0.1:${(westage.address() as AddressInfo).port}`

  const bare = start(
    bareSide,
    all.map((port) => `http://127.0.0.1:${port}${PATH}`),
  )
  const bareUrl = `http://127.0.0.1:${(await answerOf(bare)).port}`
  const wehook = start(wehookSide, [westageUrl, join(dir, 'data')])
  const wehookUrl = `http://127.0.0.1:${(await answerOf(wehook)).port}`
  const providers = {
    bare: new Pool(bareUrl, { connections: AT_ONCE }),
    wehook: new Pool(wehookUrl, { connections: AT_ONCE }),
  }

  let next = 0
  const numbers = (count: number) => Array.from({ length: count }, () => next++)
  /** @returns when a callback was answered, by its number */
  const send = async (pool: Pool, nth: number): Promise<number> => {
    const body = bodyOf(nth)
    for (;;) {
      const headers = { 'content-type': 'application/json', 'stripe-signature': signatureOf(body) }
      const { statusCode, body: said } = await pool.request({ path: '/hooks/stripe', method: 'POST', headers, body })
      await said.dump()
      if (statusCode === 200) return performance.timeOrigin + performance.now()
      if (statusCode !== 503) throw new Error(`a callback was answered ${statusCode}`)
      await delay(10)
    }
  }
  /** Waits until so many deliveries came, as long as some still come. */
  const arrived = async (wanted: number) => {
    let [before, stillSince] = [0, performance.now()]
    for (;;) {
      const { count, damaged } = await ask(previews, 'count')
      if (count >= wanted) return { count, damaged }
      if (count !== before) [before, stillSince] = [count, performance.now()]
      if (performance.now() - stillSince > 15_000) return { count, damaged }
      await delay(20)
    }
  }
  /** Deliveries a second with as many callbacks as are taken. */
  const saturated = async (pool: Pool, count: number) => {
    await ask(previews, 'forget')
    const waiting = numbers(count)
    const started = performance.now()
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (let nth = waiting.pop(); nth !== undefined; nth = waiting.pop()) await send(pool, nth)
      }),
    )
    const came = await arrived(count * HEALTHY)
    return { perSecond: (came.count * 1000) / (performance.now() - started), ...came }
  }

  for (const pool of [providers.bare, providers.wehook]) await saturated(pool, Math.ceil(CALLBACKS / 20))
  const perRound = Math.ceil(CALLBACKS / ROUNDS)
  const rounds = []
  for (let round = 0; round < ROUNDS; round++) {
    const theirs = () => saturated(providers.bare, perRound)
    const ours = () => saturated(providers.wehook, perRound)
    const [first, second] = round % 2 === 0 ? [await theirs(), await ours()] : [await ours(), await theirs()]
    rounds.push(round % 2 === 0 ? { theirs: first, ours: second } : { theirs: second, ours: first })
  }
  const throughput = median(rounds.map(({ ours, theirs }) => ours.perSecond / theirs.perSecond))
  const saturatedPerSecond = median(rounds.map(({ ours }) => ours.perSecond))
  const missing = ROUNDS * perRound * HEALTHY - rounds.reduce((sum, { ours }) => sum + ours.count, 0)
  const damaged = rounds.reduce((sum, { ours }) => sum + ours.damaged, 0)

  // Half of the callbacks that it can hand to all of the healthy ones.
  const everyMs = 1000 / (saturatedPerSecond / HEALTHY / 2)
  await ask(previews, 'forget')
  const calm = numbers(Math.min(CALLBACKS, Math.ceil(20_000 / everyMs)))
  const began = performance.now()
  const answered = new Map<number, number>()
  await Promise.all(
    calm.map(async (nth, at) => {
      await delay(Math.max(0, began + at * everyMs - performance.now()))
      answered.set(nth, await send(providers.wehook, nth))
    }),
  )
  await arrived(calm.length * HEALTHY)
  const { times } = await ask(previews, 'times')
  const late = times
    .flatMap((each) => each.map(([nth, atMs]) => Math.max(0, atMs - (answered.get(nth) ?? atMs))))
    .toSorted((one, other) => one - other)
  const p99Ms = late[Math.ceil(late.length * 0.99) - 1] ?? Number.NaN
  const { peakBytes } = await ask(wehook, 'peak')
  for (const pool of Object.values(providers)) await pool.destroy()
  westage.closeAllConnections()
  westage.close()

  const figures = { throughput, p99Ms, peakBytes, missing, damaged }
  const isMet = (name: keyof typeof GOALS) =>
    name === 'throughput' ? figures[name] >= GOALS[name] : figures[name] <= GOALS[name]
  const pass = (Object.keys(GOALS) as (keyof typeof GOALS)[]).every(isMet)
  const row = (what: string, name: keyof typeof GOALS, value: string, goal: string) => [
    what,
    value,
    `${goal} ${isMet(name) ? 'met' : 'MISSED'}`,
  ]
  const theirs = median(rounds.map((round) => round.theirs.perSecond))
  const table = laidOut([
    ['', 'figure', 'goal'],
    ['deliveries a second, bare undici', theirs.toFixed(0), ''],
    ['deliveries a second, WeHook', saturatedPerSecond.toFixed(0), ''],
    row('  as a ratio', 'throughput', throughput.toFixed(2), `at least ${GOALS.throughput}`),
    row('p99 from answer to delivery, at half of that', 'p99Ms', `${p99Ms.toFixed(0)} ms`, `${GOALS.p99Ms} ms`),
    row('deliveries to healthy previews that are missing', 'missing', String(missing), '0'),
    row('  that are not byte for byte what was sent', 'damaged', String(damaged), '0'),
    row('peak of resident memory', 'peakBytes', `${(peakBytes / 1e6).toFixed(0)} MB`, `${GOALS.peakBytes / 1e6} MB`),
  ])
  const isJudged = CALLBACKS === JUDGED
  console.log(`\n${CALLBACKS} callbacks, ${HEALTHY} healthy previews and ${DEAD} dead ones\n${table.join('\n')}`)
  console.log(
    isJudged
      ? `\n${pass ? 'All goals met.' : 'Not all goals met.'}`
      : `\nNot judged: the goals are for ${JUDGED} callbacks.`,
  )
  if (asked.json === true)
    console.log(JSON.stringify({ name: 'wehook', ratios: figures, goals: GOALS, pass: isJudged ? pass : null }))
} finally {
  for (const child of children) child.kill('SIGKILL')
  await rm(dir, { recursive: true, force: true, maxRetries: 5 })
}

async function deadPort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
