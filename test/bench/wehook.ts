/**
 * `npm run bench:wehook`: 10,000 callbacks to 50 previews, of which 5 refuse to connect and 5 hang, through WeHook and
 * through a bare fan-out with undici that keeps nothing, in turns; what reaches the healthy ones, how soon after the
 * provider was answered, and how much memory WeHook takes with the backlog of the dead ones. Then 500 callbacks of 1 MB
 * to 50 previews that hang and one that does not, with a restart in between, and how much memory that takes.
 *
 * --callbacks N  another number than 10,000, for which the goals are: they are not looked at then
 * --quick        2,000 callbacks unless told otherwise, fewer rounds
 * --json         the result as one line of JSON, the last of the output
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Pool } from 'undici'
import { z } from 'zod'
import { compiled } from '../compiled.ts'
import { laidOut, median } from './figures.ts'
import { bodyOf, LARGEST_BYTES, PATH, signatureOf } from './wehook/payments.ts'

const { values: asked } = parseArgs({
  options: { callbacks: { type: 'string' }, quick: { type: 'boolean' }, json: { type: 'boolean' } },
})
const JUDGED = 10_000
const CALLBACKS = Number(asked.callbacks ?? (asked.quick === true ? 2_000 : JUDGED))
const ROUNDS = asked.quick === true ? 1 : 3
const HEALTHY = 40
const REFUSING = 5
const HANGING = 5
/** Callbacks that the provider sends at a time. */
const AT_ONCE = 16
/** Deliveries to a bare fan-out, p99 from answer to delivery, bytes: what each is to be at least, or at most. */
const GOALS = {
  ...{ throughput: 0.5, p99Ms: 1000, peakBytes: 400_000_000, backlogPeakBytes: 400_000_000 },
  ...{ missing: 0, damaged: 0 },
}
/** Callbacks of the backlog, and attempts of previews that hang with it after the restart. */
const BACKLOG = asked.quick === true ? 100 : 500
const BACKLOG_ATTEMPTS = 250
const BACKLOG_HANGING = 50

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
  const refusing = await Promise.all(Array.from({ length: REFUSING }, refusingPort))
  const hanging = await hangingPort()
  const all = [...ports, ...refusing, ...Array.from({ length: HANGING }, () => hanging.port)]
  const westage = await westageOf(all)

  const bare = start(
    bareSide,
    all.map((port) => `http://127.0.0.1:${port}${PATH}`),
  )
  const bareUrl = `http://127.0.0.1:${(await answerOf(bare)).port}`
  const wehook = start(wehookSide, [westage.url, join(dir, 'data')])
  const wehookUrl = `http://127.0.0.1:${(await answerOf(wehook)).port}`
  const providers = {
    bare: new Pool(bareUrl, { connections: AT_ONCE }),
    wehook: new Pool(wehookUrl, { connections: AT_ONCE }),
  }

  let next = 0
  const numbers = (count: number) => Array.from({ length: count }, () => next++)
  /** @returns when a callback was answered, by its number */
  const send = async (pool: Pool, nth: number, body = bodyOf(nth)): Promise<number> => {
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
  const sendAll = async (pool: Pool, count: number, bytes?: number) => {
    const waiting = numbers(count)
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (let nth = waiting.pop(); nth !== undefined; nth = waiting.pop()) await send(pool, nth, bodyOf(nth, bytes))
      }),
    )
  }
  /** Deliveries a second with as many callbacks as are taken. */
  const saturated = async (pool: Pool, count: number) => {
    await ask(previews, 'forget')
    const started = performance.now()
    await sendAll(pool, count)
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
  const calmCame = await arrived(calm.length * HEALTHY)
  const { times } = await ask(previews, 'times')
  const late = times
    .flatMap((each) => each.map(([nth, atMs]) => Math.max(0, atMs - (answered.get(nth) ?? atMs))))
    .toSorted((one, other) => one - other)
  const p99Ms = late[Math.ceil(late.length * 0.99) - 1] ?? Number.NaN
  const { peakBytes } = await ask(wehook, 'peak')
  for (const pool of Object.values(providers)) await pool.destroy()
  for (const child of [bare, wehook]) child.kill('SIGKILL')
  westage.close()

  // More than may be in memory, for previews that hang: as it comes, and as it is found at the next start.
  await ask(previews, 'forget')
  const [answering = 0] = ports
  const beside = await westageOf([answering, ...Array.from({ length: BACKLOG_HANGING }, () => hanging.port)])
  const startLoaded = () => start(wehookSide, [beside.url, join(dir, 'backlog'), '1s'])
  const before = startLoaded()
  const loading = new Pool(`http://127.0.0.1:${(await answerOf(before)).port}`, { connections: AT_ONCE })
  await sendAll(loading, BACKLOG, LARGEST_BYTES)
  const backlogCame = await arrived(BACKLOG)
  const { peakBytes: peakBefore } = await ask(before, 'peak')
  await loading.destroy()
  before.kill('SIGKILL')
  const after = startLoaded()
  await answerOf(after)
  await hanging.tried(BACKLOG_ATTEMPTS)
  const { peakBytes: peakAfter } = await ask(after, 'peak')
  const backlogPeakBytes = Math.max(peakBefore, peakAfter)
  beside.close()
  hanging.close()

  const phases = [...rounds.map(({ ours }) => ours), calmCame, backlogCame]
  const wanted = (ROUNDS * perRound + calm.length) * HEALTHY + BACKLOG
  const missing = wanted - phases.reduce((sum, { count }) => sum + count, 0)
  const damaged = phases.reduce((sum, phase) => sum + phase.damaged, 0)
  const figures = { throughput, p99Ms, peakBytes, backlogPeakBytes, missing, damaged }
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
    row('peak of resident memory', 'peakBytes', megabytes(peakBytes), megabytes(GOALS.peakBytes)),
    row(
      `  with ${megabytes(BACKLOG * LARGEST_BYTES)} for ${BACKLOG_HANGING} previews that hang`,
      ...(['backlogPeakBytes', megabytes(backlogPeakBytes), megabytes(GOALS.backlogPeakBytes)] as const),
    ),
  ])
  const isJudged = CALLBACKS === JUDGED
  console.log(
    `\n${CALLBACKS} callbacks, ${HEALTHY} healthy previews, ${REFUSING} that refuse and ${HANGING} that hang\n${table.join('\n')}`,
  )
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

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`
}

/** WeStage, with a list of previews at these ports. */
async function westageOf(ports: readonly number[]): Promise<{ readonly url: string; close(): void }> {
  const previews = ports.map((port, nth) => ({
    ...{ app: 'shop', namespace: null, pull: { number: nth + 1 }, url: `http://pr-${nth + 1}.shop.test:${port}` },
    ...{ since: new Date().toISOString(), callbacks: [{ source: 'stripe', path: PATH }] },
  }))
  const server = createHttpServer((request, response) => {
    if (request.url !== '/api/previews') response.writeHead(404).end()
    else response.end(JSON.stringify({ previews }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** Previews that accept connections, and neither read nor answer. */
async function hangingPort() {
  const sockets = new Set<Socket>()
  let tries = 0
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    tries += 1
    server.emit('tried')
    sockets.add(socket)
    socket.on('error', () => {}).once('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    /** Waits for so many more attempts. */
    async tried(more: number): Promise<void> {
      const all = tries + more
      while (tries < all) await once(server, 'tried')
    },
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

/** A port that was listened on and is not any more: nobody is there. */
async function refusingPort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
