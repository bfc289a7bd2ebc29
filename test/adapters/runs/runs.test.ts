import { appendFile, mkdir, mkdtemp, readdir, readFile, rename, rm, rmdir, stat, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openRuns, type RunStore } from '../../../src/adapters/runs/runs.ts'
import type { RunLine, RunUpdate } from '../../../src/domain/run-view.ts'
import type { Clock } from '../../../src/ports.ts'

/** A machine that does other things as well may take its time. */
const settled = (then: () => void | Promise<void>) => vi.waitFor(then, { timeout: 20_000 })

const ABOUT = { key: '1/7/shop', title: 'shop #7', pullUrl: 'https://github.test/a/shop/pull/7', sha: 'a'.repeat(40) }
const NOW_MS = Date.now()
const DAY_MS = 86_400_000

/** A clock that stands at `now` and calls back when it is moved. */
function clockAt(nowMs: number): Clock & { move(ms: number): void } {
  let now = nowMs
  let due: { atMs: number; then: () => void }[] = []
  return {
    now: () => now,
    after(ms, then) {
      const one = { atMs: now + ms, then }
      due.push(one)
      return () => {
        due = due.filter((each) => each !== one)
      }
    },
    move(ms) {
      now += ms
      const ripe = due.filter(({ atMs }) => atMs <= now)
      due = due.filter(({ atMs }) => atMs > now)
      for (const { then } of ripe) then()
    },
  }
}

let dir: string
let stores: RunStore[]
const open = async (more: Partial<Parameters<typeof openRuns>[0]> = {}) => {
  const store = await openRuns({
    dir,
    maxBytesPerRun: 100_000,
    keepMs: 30 * DAY_MS,
    secrets: [],
    clock: clockAt(NOW_MS),
    ...more,
  })
  stores.push(store)
  return store
}
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'runs-'))
  stores = []
})
afterEach(async () => {
  await Promise.all(stores.map((store) => store.close().catch(() => {})))
  await rm(dir, { recursive: true, force: true })
})
const texts = (lines: readonly RunLine[] | undefined) => lines?.map(({ text }) => text)
const fileOf = (id: string) => join(dir, 'runs', `${id}.jsonl`)

describe('a run', () => {
  it('keeps its steps and lines for a process that comes after', async () => {
    const log = await (await open()).start(ABOUT)
    log.begin('fetch', 1000)
    log.write('fetching')
    log.end('fetch', 1500, 'done', '12 files')
    log.begin('render', 1600)
    await log.flush()

    const later = await open()
    const again = await later.open(log.id)
    again?.write('rendering again')
    again?.begin('render', 9000)
    again?.end('render', 9500, 'done', 'k8s')
    await again?.flush()

    expect(again?.about).toEqual(ABOUT)
    expect(await (await open()).view(log.id)).toEqual({
      id: log.id,
      about: ABOUT,
      changes: [],
      steps: [
        { step: 'fetch', startedAtMs: 1000, endedAtMs: 1500, outcome: 'done', note: '12 files' },
        { step: 'render', startedAtMs: 9000, endedAtMs: 9500, outcome: 'done', note: 'k8s' },
      ],
      lines: [
        { number: 1, text: 'fetching' },
        { number: 2, text: 'rendering again' },
      ],
    })
  })

  it('is still readable, and goes on, where a process was killed in the middle of a line', async () => {
    const log = await (await open()).start(ABOUT)
    log.write('whole')
    await log.flush()
    await appendFile(fileOf(log.id), '{"number":2,"li')
    const again = await (await open()).open(log.id)
    again?.write('after')
    await again?.flush()
    expect(texts((await (await open()).view(log.id))?.lines)).toEqual(['whole', 'after'])
  })

  it('keeps what the pull request is to hear, the last of it, also where most of a long log went', async () => {
    const log = await (await open()).start(ABOUT)
    log.say(['Secret/old is missing'])
    log.say(['Secret/db is missing ghs_abcdefghijklmnopqrstuvwxyz0123456789', 'ConfigMap/conf is missing'])
    for (let line = 0; line < 5000; line++) log.write(`line ${line}`)
    await log.flush()
    const said = (await (await open()).open(log.id))?.notices()
    expect(said).toEqual(['Secret/db is missing ***', 'ConfigMap/conf is missing'])
  })

  it('keeps what people changed by hand, redacted and bounded, for a process that comes after, also in a long log', async () => {
    const options = { secrets: ['correct-horse'], maxBytesPerRun: 4_000 }
    const log = await (await open(options)).start(ABOUT)
    log.showChanges(['-old'])
    log.showChanges(['--- a.yaml', '+password: correct-horse'])
    for (let nth = 0; nth < 200; nth++) log.write(`line ${nth} ${'x'.repeat(50)}`)
    await log.flush()
    const later = await open()
    expect((await later.view(log.id))?.changes).toEqual(['--- a.yaml', '+password: ***'])
    const again = await later.open(log.id)
    again?.showChanges(Array.from({ length: 5_000 }, (_, nth) => `+${nth} ${'x'.repeat(50)}`))
    await again?.flush()
    const changes = (await later.view(log.id))?.changes ?? []
    expect(changes.join('\n').length).toBeLessThan(61_000)
    expect(changes.at(-1)).toMatch(/^… 3[0-9]{3} more lines …$/)
  })

  it('is one log however often it is opened', async () => {
    const first = await (await open()).start(ABOUT)
    await first.flush()
    const store = await open()
    const [a, b] = await Promise.all([store.open(first.id), store.open(first.id)])
    a?.write('one')
    b?.write('two')
    expect(texts((await store.view(first.id))?.lines)).toEqual(['one', 'two'])
  })

  it('has an id that nobody guesses, and a file that only its owner reads', async () => {
    const store = await open()
    const logs = await Promise.all(Array.from({ length: 50 }, () => store.start(ABOUT)))
    expect(new Set(logs.map(({ id }) => id)).size).toBe(50)
    for (const { id } of logs) expect(id).toMatch(/^[0-9a-f]{32}$/)
    expect((await stat(fileOf(logs[0]?.id ?? ''))).mode & 0o077).toBe(0)
  })

  it.each(['', '../secret', '..%2fsecret', 'a'.repeat(31), `${'a'.repeat(32)}/x`, `../${'a'.repeat(29)}`, '\0'])(
    'is not there for the id %j',
    async (id) => {
      const store = await open()
      expect(await store.open(id)).toBeNull()
      expect(await store.view(id)).toBeNull()
    },
  )

  it('is not there where its log was deleted', async () => {
    expect(await (await open()).open('0'.repeat(32))).toBeNull()
  })

  it('gives its last lines', async () => {
    const log = await (await open()).start(ABOUT)
    for (let nth = 1; nth <= 2000; nth++) log.write(`line ${nth}`)
    expect(log.tail(2)).toEqual(['line 1999', 'line 2000'])
    expect(log.tail(0)).toEqual([])
    await log.flush()
    expect((await (await open()).open(log.id))?.tail(1)).toEqual(['line 2000'])
  })

  it('says so where it cannot be written, and loses nothing once it can', async () => {
    const failures: unknown[] = []
    const store = await open({ failed: (error) => failures.push(error) })
    const log = await store.start(ABOUT)
    log.write('one')
    await log.flush()
    await rename(fileOf(log.id), `${fileOf(log.id)}.aside`)
    await mkdir(fileOf(log.id))
    log.write('two')
    await expect(log.flush()).rejects.toThrow('EISDIR')
    expect(failures.length).toBeGreaterThan(0)
    await rmdir(fileOf(log.id))
    await rename(`${fileOf(log.id)}.aside`, fileOf(log.id))
    log.write('three')
    await log.flush()
    expect(texts((await (await open()).view(log.id))?.lines)).toEqual(['one', 'two', 'three'])
  })
})

describe('a long log', () => {
  it('keeps its head and its tail, and says how many lines it left out', async () => {
    const log = await (await open({ maxBytesPerRun: 20_000 })).start(ABOUT)
    for (let nth = 1; nth <= 5000; nth++) {
      log.write(`line ${nth} ${'x'.repeat(50)}`)
      if (nth === 2500) log.end('fetch', 5, 'done', 'in the middle')
      if (nth % 100 === 0) await log.flush()
      if (nth % 100 === 0) expect((await stat(fileOf(log.id))).size).toBeLessThanOrEqual(20_000)
    }
    const run = await (await open()).view(log.id)
    const lines = texts(run?.lines) ?? []
    const gaps = lines.filter((line) => line.startsWith('…'))
    expect(lines[0]).toMatch(/^line 1 x/)
    expect(lines.at(-1)).toMatch(/^line 5000 x/)
    expect(gaps).toEqual([`… ${5000 - (lines.length - 1)} lines left out …`])
    expect(run?.steps).toMatchObject([{ step: 'fetch', outcome: 'done', note: 'in the middle' }])
    expect(await readdir(join(dir, 'runs'))).toEqual([`${log.id}.jsonl`])
  })

  it('holds no more of what comes at once than it keeps', async () => {
    const log = await (await open({ maxBytesPerRun: 100_000 })).start(ABOUT)
    for (let nth = 1; nth <= 50_000; nth++)
      log.write(`line ${nth} of a flood that comes before anything can be written`)
    await log.flush()
    const lines = texts((await (await open()).view(log.id))?.lines) ?? []
    expect(lines[0]).toMatch(/^line 1 /)
    expect(lines.at(-1)).toMatch(/^line 50000 /)
    expect((await stat(fileOf(log.id))).size).toBeLessThanOrEqual(100_000)
  })

  it('counts on after it was left out and opened again', async () => {
    const log = await (await open({ maxBytesPerRun: 10_000 })).start(ABOUT)
    for (let nth = 1; nth <= 1000; nth++) log.write(`line ${nth}`)
    await log.flush()
    const again = await (await open({ maxBytesPerRun: 10_000 })).open(log.id)
    for (let nth = 1001; nth <= 3000; nth++) again?.write(`line ${nth}`)
    await again?.flush()
    const lines = (await (await open()).view(log.id))?.lines ?? []
    const left = lines.filter(({ text }) => text.startsWith('…'))
    expect(left).toHaveLength(1)
    expect(lines.at(-1)).toEqual({ number: 3000, text: 'line 3000' })
    for (const { number, text } of lines) if (text.startsWith('line')) expect(text).toBe(`line ${number}`)
  })
})

describe('what old runs leave', () => {
  it('is deleted at the start and every day, and what is in use stays', async () => {
    const store = await open()
    const [old, young, used] = [await store.start(ABOUT), await store.start(ABOUT), await store.start(ABOUT)]
    await store.close()
    const longAgo = new Date(NOW_MS - 31 * DAY_MS)
    await utimes(fileOf(old.id), longAgo, longAgo)
    const clock = clockAt(NOW_MS)
    const next = await open({ clock })
    expect(await next.view(old.id)).toBeNull()
    expect(await next.view(young.id)).not.toBeNull()

    const held = await next.open(used.id)
    clock.move(31 * DAY_MS)
    await settled(async () => expect(await readdir(join(dir, 'runs'))).toEqual([`${held?.id}.jsonl`]))
    held?.write('still here')
    expect(texts((await next.view(used.id))?.lines)).toEqual(['still here'])
  })
})

describe('following a run', () => {
  async function collect(updates: AsyncIterable<RunUpdate>, into: RunUpdate[]) {
    for await (const update of updates) into.push(update)
  }
  const linesIn = (updates: readonly RunUpdate[]) =>
    updates.flatMap((update) => (update.kind === 'lines' ? texts(update.lines) : []))

  it('gives what is there after a number, then what comes, and ends with its signal', async () => {
    const store = await open()
    const log = await store.start(ABOUT)
    for (const line of ['one', 'two', 'three']) log.write(line)
    const [seen, ends]: [RunUpdate[], AbortController] = [[], new AbortController()]
    const done = collect(store.follow(log.id, 1, ends.signal), seen)
    await settled(() => expect(linesIn(seen)).toEqual(['two', 'three']))
    log.write('four')
    log.begin('build', 5)
    await settled(() => expect(linesIn(seen)).toEqual(['two', 'three', 'four']))
    expect(seen.filter(({ kind }) => kind === 'steps').at(-1)).toMatchObject({ steps: [{ step: 'build' }] })
    ends.abort()
    await done
  })

  it('lets a slow reader catch up from the log, with every line that it keeps and none twice', async () => {
    const store = await open({ maxBytesPerRun: 10_000_000 })
    const log = await store.start(ABOUT)
    const ends = new AbortController()
    const seen: (string | undefined)[] = []
    for await (const update of store.follow(log.id, 0, ends.signal)) {
      if (update.kind === 'steps' && seen.length === 0) for (let nth = 1; nth <= 900; nth++) log.write(`line ${nth}`)
      if (update.kind === 'lines') {
        if (seen.length === 0) for (let nth = 901; nth <= 5000; nth++) log.write(`line ${nth}`)
        seen.push(...(texts(update.lines) ?? []))
      }
      if (seen.length >= 5000) ends.abort()
    }
    expect(seen).toEqual(Array.from({ length: 5000 }, (_, nth) => `line ${nth + 1}`))
  })

  it('holds no flood in memory for a slow reader, who is given what the log keeps of it', async () => {
    const store = await open({ maxBytesPerRun: 20_000 })
    const log = await store.start(ABOUT)
    const ends = new AbortController()
    const seen: string[] = []
    for await (const update of store.follow(log.id, 0, ends.signal)) {
      if (update.kind === 'steps' && seen.length === 0) for (let nth = 1; nth <= 20_000; nth++) log.write(`line ${nth}`)
      if (update.kind === 'lines') seen.push(...(texts(update.lines) ?? []))
      if (seen.at(-1) === 'line 20000') ends.abort()
    }
    expect(seen.length).toBeLessThan(2000)
    expect(seen.some((line) => line.endsWith('lines left out …'))).toBe(true)
  })

  it('ends at once where there is no such run', async () => {
    const seen: RunUpdate[] = []
    await collect((await open()).follow('0'.repeat(32), 0, new AbortController().signal), seen)
    expect(seen).toEqual([])
  })
})

describe('what a run is about', () => {
  it('carries neither control characters nor secrets from the title of a pull request', async () => {
    const store = await open({ secrets: ['correct horse battery'] })
    const log = await store.start({ ...ABOUT, title: 'a\u001b[31m\nb correct horse battery' })
    log.end('build', 1, 'failed', 'token ghs_abcdefghijklmnopqrstuvwxyz0123456789')
    await log.flush()
    expect(log.about.title).toBe('a b ***')
    expect(log.steps()[0]?.note).toBe('token ***')
    expect(await readFile(fileOf(log.id), 'utf8')).not.toMatch(/correct|ghs_/)
  })
})
