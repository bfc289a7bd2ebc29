import { execFile } from 'node:child_process'
import { access, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { FLUSH, parsePackets, pktLine } from '../../src/twig/pkt-line.ts'
import { endOfSuccess, outcomeIn } from '../../src/twig/receive-pack.ts'
import { git } from '../servers/git-cli.ts'
import { gitWorld } from '../servers/git-world.ts'
import { changeOf, FEW_FILES, never, open, textsAt, textsOf } from './branches.ts'

/** What the hook says once it may go on: it is sent only to who has not hung up. */
const SAID_LATER_BYTES = 50_000

/** A repo with a hook that runs after each push until the test lets it go on, and leaves a file when it is done. */
async function given() {
  const { url, dir, server, check } = await gitWorld({ files: FEW_FILES })
  const [pipe, done] = [join(dir, 'go-on'), join(dir, 'done')]
  await promisify(execFile)('mkfifo', [pipe])
  await server.hook(
    'gitops',
    'post-receive',
    `echo on it; read word < ${pipe}; head -c ${SAID_LATER_BYTES} /dev/zero; echo ok >> ${done}`,
  )
  return {
    url,
    dir,
    check,
    goOn: async () => {
      const before = server.wireBytes()
      await writeFile(pipe, 'now\n')
      await server.idle()
      expect(server.wireBytes() - before).toBeGreaterThan(SAID_LATER_BYTES)
      await access(done)
    },
  }
}

it('says that a change is there once the server does, whatever hooks do after that', async () => {
  const { url, dir, goOn, check } = await given()
  const branch = open(url)
  const { commit } = await branch.commit(changeOf('one', 'x'), never)
  expect(await git(['rev-parse', 'main'], { cwd: dir })).toBe(commit)
  await goOn()
  for (const [path, text] of textsOf('one', 'x')) expect((await textsAt(dir)).get(path)).toBe(text)
  await check()
})

it('lets hooks come to their end where whoever asked for the change has gone, and the branch is closed', async () => {
  const { url, goOn, check } = await given()
  const [branch, caller] = [open(url), new AbortController()]
  await branch.commit(changeOf('one', 'x'), caller.signal)
  caller.abort(new Error('gone'))
  branch.close()
  await goOn()
  await check()
})

it('goes on pushing while hooks of the push before are still at work', async () => {
  const { url, dir, goOn, check } = await given()
  const branch = open(url)
  await branch.commit(changeOf('one', 'x'), never)
  const { commit } = await branch.commit(changeOf('two', 'y'), never)
  expect(await git(['rev-parse', 'main'], { cwd: dir })).toBe(commit)
  // Each writing to the pipe lets one of the two go on.
  await Promise.all([goOn(), goOn()])
  await check()
})

it.each([
  ['in bands', true],
  ['without bands', false],
])('takes no part of a report for all of it, %s', (_, inBands) => {
  const REF = 'refs/heads/main'
  const report = (line: string) => Buffer.concat([pktLine('unpack ok\n'), pktLine(`${line}\n`), FLUSH])
  const answerOf = (line: string) => {
    const said = report(line)
    if (!inBands) return said
    const band = Buffer.concat([Buffer.from((said.length + 5).toString(16).padStart(4, '0')), Buffer.from([1]), said])
    return Buffer.concat([pktLine('\u0002a hook says\n'), band, pktLine('\u0002another says\n'), FLUSH])
  }
  const taken = answerOf(`ok ${REF}`)
  const end = endOfSuccess(taken, REF) ?? 0
  expect(outcomeIn(parsePackets(taken.subarray(0, end)), REF)).toEqual({ kind: 'applied' })
  for (let length = 0; length < end; length += 1) expect(endOfSuccess(taken.subarray(0, length), REF)).toBe(null)
  for (const line of [`ng ${REF} hook declined`, 'ok refs/heads/other']) {
    expect(endOfSuccess(answerOf(line), REF)).toBe(null)
  }
})
