import { expect, it } from 'vitest'
import { openBranchTip } from '../../src/twig/branch-tip.ts'
import { openCommitQueue } from '../../src/twig/commit-queue.ts'
import { openMoves } from '../../src/twig/moves.ts'
import { pushTurns } from '../../src/twig/push-rate.ts'
import { openRemote } from '../../src/twig/remote.ts'
import { byPush } from '../../src/twig/send.ts'
import { openSmartHttp } from '../../src/twig/smart-http.ts'
import { startGitServer } from '../servers/git-server.ts'
import { afterTest, changeOf, checkedHistory, never } from './branches.ts'

/** A queue of a real server's branch that may push once at once, and then six times a minute of the test's own. */
async function given() {
  const server = await startGitServer({ repositories: { gitops: { files: { 'README.md': '# Folders\n' } } } })
  afterTest(() => server.close())
  const transport = openSmartHttp({ url: server.url('gitops'), branch: 'main', credentials: null })
  afterTest(() => transport.close())
  const remote = openRemote(transport, 3)
  const tip = openBranchTip({ transport, remote, name: 'main', moves: openMoves() })
  let nowMs = 0
  let waiting: { readonly untilMs: number; readonly pass: () => void } | null = null
  let told = () => {}
  const clock = {
    now: () => nowMs,
    wait: (ms: number, signal: AbortSignal) =>
      new Promise<void>((pass, fail) => {
        signal.addEventListener('abort', () => fail(signal.reason))
        waiting = { untilMs: nowMs + ms, pass }
        told()
      }),
  }
  return {
    dir: server.dir('gitops'),
    pushes: server.pushes,
    commit: openCommitQueue({
      sender: byPush(transport),
      remote,
      tip,
      signer: { author: { name: 'Twig', email: 'twig@example.com' }, sign: null },
      turn: pushTurns({ perMinute: 6, burst: 1 }, clock),
      log: () => {},
    }),
    /** Resolves once a push waits for its turn. @returns when that comes */
    async turnAtMs(): Promise<number> {
      await new Promise<void>((resolve) => {
        told = resolve
        if (waiting !== null) resolve()
      })
      return waiting?.untilMs ?? Number.NaN
    },
    passUntil(ms: number): void {
      nowMs = ms
      waiting?.pass()
      waiting = null
    },
  }
}

it('has all changes that come while no push may be sent share the next one', async () => {
  const { commit, pushes, turnAtMs, passUntil, dir } = await given()
  await commit(changeOf('first', 'x', null), never)
  const names = Array.from({ length: 50 }, (_, nth) => `f${nth}`)
  const [earliest = '', ...others] = names
  const done = [commit(changeOf(earliest, 'x'), never)]
  expect(await turnAtMs()).toBe(10_000)
  for (const name of others) done.push(commit(changeOf(name, 'x'), never))
  expect(pushes()).toBe(1)
  passUntil(10_000)
  expect((await Promise.all(done)).every(({ changed }) => changed)).toBe(true)
  expect(pushes()).toBe(2)
  expect(await checkedHistory(dir)).toEqual([
    'Start of the GitOps repo',
    ...['first', ...names].map((name) => `${name}: x`),
  ])
})

it('leaves out what is called off while it waits for the turn, and pushes nothing where that is all', async () => {
  const { commit, pushes, turnAtMs, passUntil, dir } = await given()
  await commit(changeOf('first', 'x'), never)
  const stop = new AbortController()
  const [off, on] = [commit(changeOf('off', 'x'), stop.signal), commit(changeOf('on', 'x'), never)]
  await turnAtMs()
  stop.abort(new Error('called off'))
  await expect(off).rejects.toThrow('called off')
  passUntil(10_000)
  await on
  const alone = new AbortController()
  const nobody = commit(changeOf('off', 'x'), alone.signal)
  await turnAtMs()
  alone.abort(new Error('called off'))
  await expect(nobody).rejects.toThrow('called off')
  passUntil(20_000)
  await commit(changeOf('later', 'x'), never)
  expect(pushes()).toBe(3)
  expect(await checkedHistory(dir)).toEqual(['Start of the GitOps repo', 'first: x', 'on: x', 'later: x'])
})
