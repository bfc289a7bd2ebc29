import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { answering } from '../servers/answering.ts'
import { git } from '../servers/git-cli.ts'
import { gitWorld } from '../servers/git-world.ts'
import { changeOf, checkedHistory, FEW_FILES, never, open, textsAt, textsOf } from './branches.ts'

const SILENCE_MAX_MS = 1_000
const NO_ANSWER = /: no answer for 1 s$/
const SILENT = { kind: 'hold', until: new Promise<never>(() => {}) } as const

async function given() {
  const world = await gitWorld({ files: FEW_FILES })
  return { ...world, branch: open(world.url, { silenceMaxMs: SILENCE_MAX_MS }) }
}

it('does not wait for ever for a server that takes a request and says nothing', async () => {
  const { server, branch } = await given()
  server.inject('info/refs', SILENT)
  await expect(branch.fresh(never)).rejects.toThrow(NO_ANSWER)
})

it('does not wait for ever for one that goes silent in the middle of its answer', async () => {
  const address = await answering((_, response) => {
    response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-advertisement' })
    response.write('001e# service=git-upload-pack\n')
  })
  const branch = open(`http://${address}/gitops`, { silenceMaxMs: SILENCE_MAX_MS })
  await expect(branch.fresh(never)).rejects.toThrow(NO_ANSWER)
})

it('waits longer than that for one that is slow, as long as it says something now and then', async () => {
  const { url } = await given()
  const headers = { 'git-protocol': 'version=2' }
  const said = await fetch(`${url}/info/refs?service=git-upload-pack`, { headers })
  const body = Buffer.from(await said.arrayBuffer())
  const parts = 15
  const address = await answering((request, response) => {
    // It is heard to its end where the next thing is asked.
    if (request.method === 'POST') return response.writeHead(404).end()
    response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-advertisement' })
    const each = Math.ceil(body.length / parts)
    let at = 0
    const drip = setInterval(
      () => {
        response.write(body.subarray(at, at + each))
        at += each
        if (at < body.length) return
        clearInterval(drip)
        response.end()
      },
      (SILENCE_MAX_MS * 1.5) / parts,
    )
  })
  const branch = open(`http://${address}/gitops`, { silenceMaxMs: SILENCE_MAX_MS })
  const beganMs = performance.now()
  await expect(branch.fresh(never)).rejects.toThrow('(404)')
  expect(performance.now() - beganMs).toBeGreaterThan(SILENCE_MAX_MS)
})

it('sends a push once more where the server said nothing to it and has not applied it', async () => {
  const { server, branch, dir } = await given()
  server.inject('receive-pack', SILENT)
  const { commit } = await branch.commit(changeOf('one', 'there'), never)
  expect((await checkedHistory(dir)).filter((subject) => subject === 'one: there')).toHaveLength(1)
  expect(await git(['rev-parse', 'main'], { cwd: dir })).toBe(commit)
})

it('finds a push applied that the server said nothing to, and makes it once', async () => {
  const { server, branch, dir } = await given()
  const pipe = join(dir, 'go-on')
  await promisify(execFile)('mkfifo', [pipe])
  // The first time only.
  const wait = `[ "$1" = committed ] && mkdir '${dir}/silent' 2>/dev/null && read word < '${pipe}'; true`
  await server.hook('gitops', 'reference-transaction', wait)
  const { commit, changed } = await branch.commit(changeOf('one', 'there'), never)
  expect(changed).toBe(true)
  await writeFile(pipe, 'now\n')
  await server.idle()
  expect(await git(['rev-parse', 'main'], { cwd: dir })).toBe(commit)
  expect((await checkedHistory(dir)).filter((subject) => subject === 'one: there')).toHaveLength(1)
  for (const [path, text] of textsOf('one', 'there')) expect((await textsAt(dir)).get(path)).toBe(text)
})
