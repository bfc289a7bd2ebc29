/** What depends on the order of docker's commands, with a docker that knows nothing but names of images. */
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeEach, expect, it, vi } from 'vitest'
import { findDocker } from '../../../src/adapters/build/docker.ts'
import { ownTemporaryFolder, repoOf, requestFor, SHA } from './repo-on-disk.ts'

const DIGEST = `sha256:${'d'.repeat(64)}`
const NAME = `registry.example.com/team/shop:${SHA}`
const never = new AbortController().signal

/** A name is a file. A build prints its secrets. A push waits for the file `go`, which it takes, and says what docker says where the name has gone meanwhile. */
const DOCKER = (state: string) => `#!/bin/sh
file() { echo "${state}/names/$(echo "$1" | tr / _)"; }
echo "$1 $2" >> ${state}/asked
case "$1 $2" in
  'version --format') echo 28.2.2 ;;
  'buildx version') echo v0.24 ;;
  'build --tag')
    echo "$3" > "$(file "$3")"
    for arg in "$@"; do case "$arg" in id=*) cat "\${arg#*src=}" ;; esac; done ;;
  tag*) cp "$(file "$2")" "$(file "$3")" ;;
  push*)
    until rm ${state}/go 2>/dev/null; do sleep 0.01; done
    [ -e "$(file "$2")" ] && exit
    echo "An image does not exist locally with the tag: \${2%:*}" >&2
    exit 1 ;;
  'image inspect') echo '["registry.example.com/team/shop@${DIGEST}"]' ;;
  'image rm') rm "$(file "$3")" ;;
esac
`

const temporary = await ownTemporaryFolder()
afterAll(() => temporary.close())

let state: string
beforeEach(async () => {
  state = await repoOf({ asked: '' })
  await mkdir(join(state, 'names'))
  await writeFile(join(state, 'docker'), DOCKER(state))
  await chmod(join(state, 'docker'), 0o755)
})

async function docker() {
  const found = await findDocker({
    registry: { repository: 'registry.example.com/team/{app}', tag: '{sha}', plainHttp: false, authFile: null },
    credentials: { authFile: null, helperEnvironment: {} },
    timeoutMs: 30_000,
    path: `${state}:${process.env.PATH}`,
    env: {},
    webUrl: 'https://github.com',
    workDir: temporary.path,
    cacheDir: join(temporary.path, 'cache'),
  })
  if (found === null) throw new Error('the test’s docker does not answer')
  return found
}

const asked = async (what: string) =>
  (await readFile(join(state, 'asked'), 'utf8')).split('\n').filter((line) => line.startsWith(what))

it('builds one commit for two pull requests at a time, and leaves no name of an image', async () => {
  const builder = await docker()
  const root = await repoOf({ Dockerfile: 'FROM scratch\n' })
  const builds = [7, 8].map((pull) => builder.build(requestFor(root, { pull }), () => {}, never))
  await vi.waitFor(async () => expect(await asked('build --tag')).toHaveLength(2), 20_000)
  await writeFile(join(state, 'go'), '')
  // Of its image, and of the name that it had before.
  await vi.waitFor(async () => expect(await asked('image rm')).toHaveLength(2), 20_000)
  await writeFile(join(state, 'go'), '')
  const image = { repository: 'registry.example.com/team/shop', digest: DIGEST, isReused: false }
  expect(await Promise.all(builds)).toEqual([image, image])
  expect(await readdir(join(state, 'names'))).toEqual([])
})

it('lets go of a build that waits for another one’s push as soon as it is aborted', async () => {
  const builder = await docker()
  const root = await repoOf({ Dockerfile: 'FROM scratch\n' })
  const first = builder.build(requestFor(root), () => {}, never)
  await vi.waitFor(async () => expect(await asked('push')).toHaveLength(1), 20_000)
  const [stop, reason] = [new AbortController(), new Error('superseded')]
  const second = builder.build(requestFor(root, { pull: 8 }), () => {}, stop.signal)
  await vi.waitFor(async () => expect(await asked('build --tag')).toHaveLength(2), 20_000)
  stop.abort(reason)
  await expect(second).rejects.toBe(reason)
  await writeFile(join(state, 'go'), '')
  await first
  expect(await asked('push')).toEqual([`push ${NAME}`])
})

it('leaves it to be tried again where somebody else took the image away', async () => {
  await writeFile(join(state, 'docker'), DOCKER(state).replace('cp "$(file "$2")" "$(file "$3")"', ':'))
  await writeFile(join(state, 'go'), '')
  const root = await repoOf({ Dockerfile: 'FROM scratch\n' })
  const failure = await (await docker()).build(requestFor(root), () => {}, never).catch((error) => error)
  expect(failure).toMatchObject({ name: 'Error', message: expect.stringContaining('does not exist locally') })
})

it('gives a build the secrets of its app, and shows none of them in the log', async () => {
  await writeFile(join(state, 'go'), '')
  const root = await repoOf({ Dockerfile: 'FROM scratch\n', npmrc: 'npm-token-4711\n' })
  const lines: string[] = []
  const request = requestFor(root, { secrets: { npmrc: join(root, 'npmrc') } })
  await (await docker()).build(request, (line) => lines.push(line), never)
  expect(lines).toEqual(['***'])
})

it('builds nothing without a secret that the app has been given, where docker has no BuildKit', async () => {
  await writeFile(
    join(state, 'docker'),
    DOCKER(state).replace("'buildx version') echo v0.24", "'buildx version') exit 1"),
  )
  const root = await repoOf({ Dockerfile: 'FROM scratch\n', npmrc: 'npm-token-4711\n' })
  const failure = (await docker()).build(requestFor(root, { secrets: { npmrc: join(root, 'npmrc') } }), () => {}, never)
  await expect(failure).rejects.toMatchObject({ whose: 'operator', message: expect.stringContaining('buildx') })
})
