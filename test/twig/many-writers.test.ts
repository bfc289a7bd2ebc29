import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { constants, setPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { compiled } from '../compiled.ts'
import { filesAt, fsck, git, logOf } from '../servers/git-cli.ts'
import { type GitServer, startGitServer } from '../servers/git-server.ts'

/** The whole of it takes two cores a minute and a half, and many times that where others want them. */
const isWhole = process.env.MANY_WRITERS === 'whole'
const WRITERS = isWhole ? 64 : 16
const WAVES = isWhole ? 10 : 2
const AT_ONCE = 5

const numbers = (count: number): number[] => Array.from({ length: count }, (_, number) => number)
const names = numbers(WRITERS).map((number) => `writer-${number}`)
const folders = numbers(WAVES).flatMap((wave) => numbers(AT_ONCE).map((number) => `${wave}-${number}`))

let dir: string
let server: GitServer
let program: string

beforeAll(async () => {
  setPriority(constants.priority.PRIORITY_LOW) // and all that this starts: other tests run beside it
  dir = await mkdtemp(join(tmpdir(), 'many-writers-'))
  server = await startGitServer({ repositories: { previews: { files: { 'README.md': '# Previews\n' } } } })
  const source = join(import.meta.dirname, 'writer.ts')
  program = (await compiled(join(dir, 'compiled'), [source]))(source)
})

afterAll(async () => {
  await server.close()
  await rm(dir, { recursive: true, force: true })
})

it(`${WRITERS} writers that change one repo at the same time, ${WAVES * AT_ONCE} changes each, lose none, and make none twice or elsewhere`, async () => {
  await Promise.all(
    names.map((name) =>
      promisify(execFile)(process.execPath, [program, server.url('previews'), name, `${WAVES}`, `${AT_ONCE}`]),
    ),
  )
  const repo = server.dir('previews')
  const log = await logOf(repo)
  expect(log.map(({ parents }) => parents.length)).toEqual([...Array(log.length - 1).fill(1), 0])
  const wanted = names.flatMap((name) => folders.map((folder) => `${name} ${folder}`))
  const made = log.slice(0, -1).map(({ message }) => message.trim())
  expect(made.toSorted()).toEqual(wanted.toSorted())
  expect(await changesOf(repo)).toEqual(
    made.map((message) => `${message}: A\t${message.replace(' ', '/')}/preview.yaml`),
  )
  expect((await filesAt(repo)).size).toBe(wanted.length + 1)
  await fsck(repo)
}, 1_800_000)

/** `<message>: <what it did to which file>`, newest first. */
async function changesOf(repo: string): Promise<string[]> {
  const text = await git(['log', '--format=%x00%s:', '--name-status', 'main'], { cwd: repo })
  return text
    .split('\0')
    .filter((entry) => entry !== '')
    .map((entry) => entry.trim().split(/\n+/).join(' '))
    .slice(0, -1)
}
