import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { Readable } from 'node:stream'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { byteReaderOf } from '../../src/adapters/archive/byte-reader.ts'
import type { JobEnd, JobOrder, Jobs } from '../../src/adapters/kubernetes-jobs/jobs.ts'
import { pause } from '../../src/adapters/pause.ts'
import { Terminal } from '../../src/domain/errors.ts'
import { type Frame, nextFrame, type Work } from '../../src/prepare-worker/frames.ts'
import { kustomize } from '../adapters/kustomize/real-kustomize.ts'
import { SAMPLE } from '../loop/sample.ts'
import { type GivenJobs, GRANTED_TOKEN, givenJobWorker } from './given-job-worker.ts'
import { archiveOf, REQUEST } from './given-worker.ts'
import { BUILDS, BUILT } from './repos.ts'
import { ELSEWHERE, UNTRUE } from './untrue.ts'

let given: GivenJobs | null = null
afterEach(async () => {
  await given?.close()
  given = null
})

const REPO = { tarball: archiveOf(SAMPLE) }
const ASKS_FOR_IMAGE = JSON.stringify({
  say: 'build',
  images: [{ name: null, context: '.', dockerfile: 'Dockerfile', paths: null, build: {} }],
})
const AUTHOR = { name: 'Terminal', whose: 'author' }

/** What a pod knows of the service. */
interface Known {
  readonly url: string
  readonly token: string
  readonly signal: AbortSignal
}
const knownOf = ({ pod, secret }: JobOrder, signal: AbortSignal): Known => {
  const command = pod.containers[0]?.command ?? []
  return { url: command[command.indexOf('--server') + 1] ?? '', token: String(secret?.token ?? ''), signal }
}

/** Jobs whose pods do this. They end when they are removed, or by themselves. */
const jobsThat = (does: (known: Known, onLine: (line: string) => void) => Promise<JobEnd>): Pick<Jobs, 'run'> => ({
  run: async (orderOf, onLine, signal) => {
    const removed = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    })
    return await Promise.race([does(knownOf(orderOf({ secret: 'a' }), signal), onLine), removed])
  },
})
const never = new Promise<never>(() => {})
const failed = (exitCode: number, message = ''): JobEnd => ({ kind: 'failed', exitCode, container: 'worker', message })

const asked = (
  { url, token }: Pick<Known, 'url' | 'token'>,
  method: string,
  path: string,
): { request: ClientRequest; status: Promise<number> } => {
  const sent = request(`${url}${path}`, { method, agent: false, headers: { authorization: `Bearer ${token}` } })
  const status = once(sent, 'response').then(([answer]: IncomingMessage[]) => {
    answer?.on('error', () => {}).resume()
    return answer?.statusCode ?? 0
  })
  status.catch(() => {})
  sent.on('error', () => {}).flushHeaders()
  return { request: sent, status }
}

/** Opens both ways. @returns the one up */
async function joining(known: Known): Promise<ClientRequest> {
  const up = asked(known, 'POST', '/said').request
  const down = asked(known, 'GET', '/work')
  down.request.end()
  expect(await down.status).toBe(200)
  return up
}
const saying = (said: string) =>
  jobsThat(async (known) => {
    const up = await joining(known)
    up.write(`${said}\n`)
    return await never
  })

/** Says something at each frame that it hears, once what that is about is there. */
const hearing = (does: (frame: Frame, say: (said: string) => void) => void) =>
  jobsThat(async (known) => {
    const up = asked(known, 'POST', '/said').request
    const down = request(`${known.url}/work`, { agent: false, headers: { authorization: `Bearer ${known.token}` } })
    const [frames]: IncomingMessage[] = await once(down.end(), 'response')
    const reader = byteReaderOf(frames ?? Readable.from([]))
    for (let frame = await nextFrame(reader); frame !== null; frame = await nextFrame(reader)) {
      const heard = frame
      setImmediate(() => does(heard, (said) => up.write(`${said}\n`)))
    }
    return await never
  })

async function errorOf(jobs: Pick<Jobs, 'run'>, changes: Parameters<typeof givenJobWorker>[1] = {}) {
  given = await givenJobWorker(jobs, changes)
  const { outcome, steps } = await given.onWorker(REPO)
  if (!('error' in outcome)) throw new Error('it did not fail')
  return { error: outcome.error as Error, steps }
}

describe.skipIf(kustomize === null)('a worker that is a Job', () => {
  it.each(UNTRUE)('and says %s is not believed', async (_, said, words) => {
    const { error } = await errorOf(saying(said))
    expect(error).not.toBeInstanceOf(Terminal)
    expect(error.message).toMatch(/worker/)
    expect(error.message).toContain(words)
  })

  it('can’t make objects outside of the preview’s namespace', async () => {
    expect((await errorOf(saying(ELSEWHERE))).error.message).toBe("Pod/a is not in the preview's namespace")
  })

  it('and whose result has no end is stopped', async () => {
    const jobs = jobsThat(async (known) => {
      const up = await joining(known)
      Readable.from(
        (function* () {
          while (!known.signal.aborted) yield Buffer.alloc(65_536, 'a')
        })(),
      ).pipe(up)
      return await never
    })
    const { error } = await errorOf(jobs, { maxSaidBytes: 3_000_000 })
    expect(error).toMatchObject(AUTHOR)
    expect(error.message).toMatch(/^More than 3 MB/)
  })

  it('and asks for the archive again and again is stopped: each time GitHub is asked for a token', async () => {
    const jobs = hearing((_, say) => say('{"say":"archive"}'))
    const { error } = await errorOf(jobs, { limits: { timeoutMs: 5_000 } })
    expect(error.message).toBe('the worker asked too often: archive')
  })

  it('and asks for its images again is not believed', async () => {
    given = await givenJobWorker(hearing((_, say) => say(ASKS_FOR_IMAGE)))
    const { outcome } = await given.onWorker({ ...REPO, builder: { ...BUILDS, build: async () => BUILT } })
    expect(outcome).toMatchObject({ error: { message: 'the worker asked too often: build' } })
  })

  it('is not told where build secrets are', async () => {
    const works: Work[] = []
    const jobs = hearing((frame, say) => {
      if (frame.kind === 'work') works.push(frame.work)
      say(ELSEWHERE)
    })
    await errorOf(jobs)
    expect(REQUEST.app.images[0]?.build.secrets).not.toEqual({})
    expect(works.map(({ request: { app } }) => app.images.map(({ build }) => build.secrets))).toEqual([[{}]])
  })

  it.each(['up', 'down'])('and whose way %s is cut is the platform’s trouble', async (way) => {
    const jobs = jobsThat(async (known) => {
      const up = asked(known, 'POST', '/said').request
      const down = asked(known, 'GET', '/work')
      down.request.end()
      await down.status
      up.write('{"say":"begin","id":1,"step":"fetch"}\n')
      if (way === 'up') up.destroy()
      else down.request.destroy()
      return failed(1, 'ECONNRESET')
    })
    const { error, steps } = await errorOf(jobs)
    expect(error).toMatchObject({ name: 'WorkerBroken' })
    expect(error.message).toContain('ended with exit code 1')
    expect(steps.filter((step) => step.includes('running'))).toEqual([])
  })

  it('and is silent for too long is given up', async () => {
    let cut: Promise<unknown> = never
    const jobs = jobsThat(async (known) => {
      const up = await joining(known)
      cut = once(up, 'close')
      return await cut.then(() => ({ kind: 'lost', why: 'its node is gone' }) as const)
    })
    const { error } = await errorOf(jobs, { conversations: { unheardMs: 300 } })
    expect(error.message).toBe('the worker was lost: its node is gone')
    expect(error).not.toBeInstanceOf(Terminal)
  })

  it('and says that it is there is waited for, and hears the same', async () => {
    const heard: Buffer[] = []
    const jobs = jobsThat(async (known) => {
      const up = asked(known, 'POST', '/said').request
      const down = request(`${known.url}/work`, { agent: false, headers: { authorization: `Bearer ${known.token}` } })
      const [frames]: IncomingMessage[] = await once(down.end(), 'response')
      let times = 0
      for await (const chunk of frames ?? []) {
        heard.push(chunk)
        up.write(times++ < 10 ? '{"say":"here"}\n' : `${ELSEWHERE}\n`)
      }
      return await never
    })
    const { error } = await errorOf(jobs, { conversations: { unheardMs: 2000, hereMs: 250 } })
    expect(error.message).toBe("Pod/a is not in the preview's namespace")
    expect(heard.length).toBeGreaterThan(9)
  })

  it('has a token that is good once, for its own work alone, and not afterwards', async () => {
    const statuses: Record<string, number> = {}
    let known: Known | null = null
    const jobs = jobsThat(async (its) => {
      known = its
      const statusOf = async (token: string, method: string, path: string) => {
        const tried = asked({ url: its.url, token }, method, path)
        if (method === 'GET') tried.request.end()
        else tried.request.end('{"say":"here"}\n')
        return await tried.status
      }
      const [id = ''] = its.token.split('.')
      statuses.none = await statusOf('', 'GET', '/work')
      statuses.guessed = await statusOf(`${id}.guessed`, 'POST', '/said')
      statuses.other = await statusOf(`0000000000000000.${its.token.split('.')[1]}`, 'GET', '/work')
      const up = await joining(its)
      statuses.twiceDown = await statusOf(its.token, 'GET', '/work')
      statuses.twiceUp = await statusOf(its.token, 'POST', '/said')
      up.write(`${ELSEWHERE}\n`)
      return await never
    })
    await errorOf(jobs)
    expect(statuses).toEqual({ none: 401, guessed: 401, other: 401, twiceDown: 401, twiceUp: 401 })
    const after = asked(known as unknown as Known, 'GET', '/work')
    after.request.end()
    expect(await after.status).toBe(401)
  })

  it.each<[string, JobEnd, string]>([
    ['for want of memory', failed(137, 'OOMKilled'), 'took more than 1024 MB of memory'],
    ['for its deadline', { kind: 'late' }, 'took longer than 1 min'],
  ])('and was stopped %s has its author told', async (_, end, words) => {
    const jobs = jobsThat(async (known) => {
      const up = await joining(known)
      up.destroy()
      return end
    })
    const { error } = await errorOf(jobs)
    expect(error).toMatchObject(AUTHOR)
    expect(error.message).toContain(words)
  })

  it('and takes longer than it may is stopped', async () => {
    const jobs = jobsThat(async (known) => {
      await joining(known)
      return await never
    })
    const { error } = await errorOf(jobs, { limits: { timeoutMs: 200 } })
    expect(error).toMatchObject(AUTHOR)
    expect(error.message).toContain('longer than 0.2 s')
  })

  it('and waits for its images is given its whole time all the same', async () => {
    given = await givenJobWorker(saying(ASKS_FOR_IMAGE), { limits: { timeoutMs: 400 } })
    const passed = new AbortController()
    let builtAtMs = 0
    const build = async () => {
      await pause(1000, passed.signal)
      builtAtMs = performance.now()
      return BUILT
    }
    const { outcome } = await given.onWorker({ ...REPO, builder: { ...BUILDS, build } })
    expect(outcome).toMatchObject({ error: { message: expect.stringContaining('longer than 0.4 s') } })
    expect(builtAtMs).toBeGreaterThan(0)
  })

  it('and never comes is the platform’s trouble', async () => {
    const { error } = await errorOf(
      jobsThat(() => never),
      { limits: { startMs: 200 } },
    )
    expect(error.message).toBe('no worker asked for its work within 0.2 s')
    const lost = await errorOf(jobsThat(async () => ({ kind: 'lost', why: 'ErrImagePull' })))
    expect(lost.error.message).toBe('the worker was lost: ErrImagePull')
  })

  it('and is lost before it asked for its work is made again, with another token', async () => {
    const tokens: string[] = []
    given = await givenJobWorker({
      async run(orderOf, _, signal) {
        tokens.push(knownOf(orderOf({ secret: 'a' }), signal).token)
        const second = knownOf(orderOf({ secret: 'b' }), signal)
        tokens.push(second.token)
        const first = asked({ url: second.url, token: tokens[0] ?? '' }, 'GET', '/work')
        first.request.end()
        expect(await first.status).toBe(401)
        const up = await joining(second)
        up.write(`${ELSEWHERE}\n`)
        return await new Promise<never>((__, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      },
    })
    const { outcome } = await given.onWorker(REPO)
    expect(outcome).toMatchObject({ error: { message: "Pod/a is not in the preview's namespace" } })
    expect(new Set(tokens).size).toBe(2)
  })

  it('is removed within a second of an abort', async () => {
    const stop = new AbortController()
    let joined = () => {}
    const isJoined = new Promise<void>((resolve) => {
      joined = resolve
    })
    let removedAt = 0
    given = await givenJobWorker(
      jobsThat(async (known) => {
        known.signal.addEventListener('abort', () => {
          removedAt = performance.now()
        })
        await joining(known)
        joined()
        return await never
      }),
    )
    const running = given.onWorker({ ...REPO, signal: stop.signal })
    await isJoined
    const startedAt = performance.now()
    stop.abort(new Error('a newer push'))
    expect((await running).outcome).toEqual({ error: new Error('a newer push') })
    expect(removedAt).toBeGreaterThan(0)
    expect(removedAt - startedAt).toBeLessThan(1000)
  })

  it.each([
    ['revoked', async () => {}, 0],
    [
      'told to operators where GitHub does not revoke it',
      async () => {
        throw new Error('GitHub: DELETE /installation/token: 502')
      },
      2,
    ],
  ])('has its token for the archive %s: once that was taken, and else at its end', async (_, revokes, failures) => {
    let grants = 0
    let say: (said: string) => void = () => {}
    const jobs = hearing(({ kind }, saying) => {
      say = saying
      if (kind === 'work') say('{"say":"begin","id":0,"step":"fetch"}\n{"say":"archive"}')
      if (kind !== 'archive from') return
      grants += 1
      if (grants === 1) say('{"say":"end","id":0,"note":""}')
    })
    given = await givenJobWorker(jobs, { revokes })
    const stop = new AbortController()
    const running = given.onWorker({ ...REPO, signal: stop.signal })
    await vi.waitFor(() => expect(given?.revoked()).toBe(1))
    say('{"say":"begin","id":1,"step":"render"}\n{"say":"archive"}')
    await vi.waitFor(() => expect(grants).toBe(2))
    expect(given.revoked()).toBe(1)
    stop.abort(new Error('a newer push'))
    expect((await running).outcome).toEqual({ error: new Error('a newer push') })
    expect(given.revoked()).toBe(2)
    await vi.waitFor(() => expect(given?.failures).toHaveLength(failures))
  })

  it('has its image built from what the service unpacks by itself, of the archive alone', async () => {
    const seen: string[] = []
    given = await givenJobWorker(saying(ASKS_FOR_IMAGE))
    const stop = new AbortController()
    const running = given.onWorker({
      ...REPO,
      signal: stop.signal,
      builder: {
        ...BUILDS,
        async build(request, log) {
          await BUILDS.build(request, (line) => seen.push(line), stop.signal)
          log('built')
          stop.abort(new Error('seen'))
          return BUILT
        },
      },
    })
    await vi.waitFor(() => expect(seen[0]).toBe(SAMPLE.Dockerfile), { timeout: 10_000 })
    await running
    expect(given.tokens.every((token) => token === `Bearer ${GRANTED_TOKEN}`)).toBe(true)
  })
})
