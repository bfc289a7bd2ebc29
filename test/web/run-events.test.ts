import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openRuns, type RunStore } from '../../src/adapters/runs/runs.ts'
import type { RunLog } from '../../src/ports.ts'
import { givenServer } from './given.ts'
import { type Listening, listen } from './listen.ts'

/** A machine that does other things as well may take its time. */
const settled = (then: () => void | Promise<void>) => vi.waitFor(then, { timeout: 20_000 })

let dir: string
let store: RunStore
let log: RunLog
let server: Listening
let ends: AbortController
let failures: unknown[]

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'events-'))
  const clock = { now: Date.now, after: () => () => {} }
  store = await openRuns({ dir, maxBytesPerRun: 4_000_000, keepMs: 1e9, secrets: [], clock })
  log = await store.start({ key: '41/7/shop', title: 'shop #7', pullUrl: 'https://github.test/x', sha: 'a'.repeat(40) })
  ends = new AbortController()
  const { app, told } = givenServer({ runs: store, signal: ends.signal })
  failures = told.failures
  server = await listen(app)
})
afterEach(async () => {
  ends.abort()
  await server.close()
  await store.close()
  await rm(dir, { recursive: true, force: true })
  expect(failures).toEqual([])
})

/** Reads a run's events until the connection is given up; what came so far is in `lines`, `steps` and `changes`. */
async function following(headers: Record<string, string> = {}, query = '') {
  const left = new AbortController()
  const answer = await fetch(`${server.url}/runs/${log.id}/events${query}`, { headers, signal: left.signal })
  const seen = {
    answer,
    lines: [] as string[],
    steps: [] as string[],
    changes: [] as { text: string; style: string }[],
    lastId: '',
    isOver: false,
    leave: () => left.abort(),
  }
  const read = async () => {
    let rest = ''
    for await (const chunk of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const events = (rest + chunk).split('\n\n')
      rest = events.pop() ?? ''
      for (const event of events) {
        const fieldOf = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(event)?.[1] ?? ''
        if (fieldOf('event') === 'lines') seen.lines.push(...JSON.parse(fieldOf('data')))
        if (fieldOf('event') === 'steps') seen.steps.push(JSON.parse(fieldOf('data')))
        if (fieldOf('event') === 'changes') seen.changes = JSON.parse(fieldOf('data'))
        seen.lastId = fieldOf('id') || seen.lastId
      }
    }
    seen.isOver = true
  }
  read().catch(() => {})
  return seen
}

describe('the events of a run', () => {
  it('bring its lines and steps as they come', async () => {
    log.write('one')
    const seen = await following()
    expect(seen.answer.headers.get('content-type')).toBe('text/event-stream')
    expect(seen.answer.headers.get('cache-control')).toBe('no-store')
    await settled(() => expect(seen.lines).toEqual(['one']))
    log.write('two <b>bold</b>\nthree')
    log.begin('build', Date.now())
    log.end('build', Date.now(), 'failed', '<script>alert(1)</script>')
    await settled(() => expect(seen.lines).toEqual(['one', 'two <b>bold</b>', 'three']))
    await settled(() => expect(seen.steps.at(-1)).toContain('failed'))
    expect(seen.steps.at(-1)).not.toContain('<script>')
    seen.leave()
  })

  it('bring what was changed by hand, in place of what was before, and nothing once it is undone', async () => {
    log.showChanges(['--- a.yaml', '+by: <b>hand</b>'])
    const seen = await following()
    await settled(() =>
      expect(seen.changes).toEqual([
        { text: '--- a.yaml', style: 'soft' },
        { text: '+by: <b>hand</b>', style: 'added' },
      ]),
    )
    log.showChanges(['-replicas: 1'])
    await settled(() => expect(seen.changes).toEqual([{ text: '-replicas: 1', style: 'gone' }]))
    log.showChanges([])
    await settled(() => expect(seen.changes).toEqual([]))
    seen.leave()
  })

  it('go on after the last one that a browser had, by header before address', async () => {
    for (let nth = 1; nth <= 10; nth++) log.write(`line ${nth}`)
    const first = await following({}, '?from=7')
    await settled(() => expect(first.lines).toEqual(['line 8', 'line 9', 'line 10']))
    expect(first.lastId).toBe('10')
    first.leave()
    log.write('line 11')
    const second = await following({ 'last-event-id': first.lastId }, '?from=7')
    await settled(() => expect(second.lines).toEqual(['line 11']))
    second.leave()
  })

  it('end when the server is to end', async () => {
    const seen = await following()
    ends.abort()
    await settled(() => expect(seen.isOver).toBe(true))
  })

  it('are not held up by a reader who does not read', async () => {
    const socket = connect(server.port, '127.0.0.1').on('error', () => {})
    socket.pause()
    socket.write(`GET /runs/${log.id}/events HTTP/1.1\r\nHost: x\r\n\r\n`)
    const seen = await following()
    for (let nth = 1; nth <= 10_000; nth++) {
      log.write(`line ${nth} ${'of a run that prints far more than anybody reads '.repeat(20)}`)
      if (nth % 1000 === 0) await log.flush()
    }
    await settled(() => expect(seen.lines.at(-1)).toMatch(/^line 10000 /))
    seen.leave()
    socket.destroy()
  })

  it('leave nothing behind when a browser goes', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    const readers = await Promise.all(Array.from({ length: 20 }, () => following()))
    const withReaders = timers()
    expect(withReaders).toBeGreaterThanOrEqual(20)
    for (const reader of readers) reader.leave()
    await settled(() => expect(timers()).toBeLessThanOrEqual(withReaders - 15))
  })

  it('are not begun for a HEAD request', async () => {
    const answer = await fetch(`${server.url}/runs/${log.id}/events`, { method: 'HEAD' })
    expect(answer.status).toBe(200)
  })
})
